import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { noRates } from '../vocabulary/index.ts';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import {
  chatAnswer,
  chatStream,
  generatedStream,
  messageAnswer,
  messageStream,
  responseAnswer,
  vendorError,
} from '../../test/rigs/vendorAnswers.ts';
import {
  TestGateway,
  type TestReply,
  type TestAsk,
  type TestGatewayOptions,
  type TestTarget,
} from './openTestGateway.fixture.ts';

const end = endAfterEach();

/** Targets called a, b, c, each dearer than the one before. */
const openTargets = async (targets: readonly Partial<TestTarget>[], options: Partial<TestGatewayOptions> = {}) => {
  const opened: TestTarget[] = [];
  for (const [index, one] of targets.entries()) {
    const upstream = await ScriptedUpstream.open();
    end(() => upstream[Symbol.asyncDispose]());
    opened.push({ provider: 'abc'.charAt(index), upstream, inputPerMTok: String(1 + index), ...one });
  }
  const gateway = new TestGateway({ ...options, targets: opened });
  end(() => gateway[Symbol.asyncDispose]());
  const [a, b] = opened.map(({ upstream }) => upstream);
  const ask = (body: object = {}, more: TestAsk = {}) => gateway.ask({ wire: 'responses', body: { ...body }, ...more });
  const askFor = (id: string, more: TestAsk = {}) =>
    gateway.ask({ wire: 'responses', path: '/v1/responses/{answer}', method: 'GET', answer: id, ...more });
  return { a: a!, b: b!, gateway, ask, askFor };
};

interface Response {
  readonly id: string;
  readonly output: readonly { readonly id: string; readonly type: string }[];
}

const claude: Partial<TestTarget> = { wire: 'anthropic' };
const holder: Partial<TestTarget> = { wire: 'responses', holdsConversations: true };
const down = answer(500, vendorError('oops', 'server_error'), { 'x-should-retry': 'false' });
const sent = (upstream: ScriptedUpstream, call = -1): Record<string, unknown> =>
  JSON.parse(upstream.calls.at(call)!.body.toString());
const said = (upstream: ScriptedUpstream, call = -1): readonly (readonly [unknown, unknown])[] =>
  (sent(upstream, call)['messages'] as { role: string; content: string | readonly { text?: string }[] }[]).map(
    ({ role, content }) => [role, typeof content === 'string' ? content : content.map(({ text }) => text).join('')],
  );
const responseOf = ({ text }: TestReply): Response => JSON.parse(text);
const responseIn = (text: string): Response => {
  const last = text.trimEnd().split('\n\n').at(-1)!;
  return JSON.parse(last.slice(last.indexOf('data: ') + 6)).response;
};
const gone = { error: { code: 'previous_response_not_found', param: 'previous_response_id' } };
const stranger = { organisation: 'default', team: 'sales', hash: 'e'.repeat(64) };

describe('an answer of a target that keeps none', () => {
  test.each([
    ['here', {}],
    ['apart', { inlineBytes: 1 }],
  ])('is gone on from by its id, as if all had been sent, put together %s', async (_, limits) => {
    const { a, ask } = await openTargets([claude], { limits });
    a.always(answer(200, messageAnswer('fine')));
    const first = responseOf(await ask({ input: 'One' }));
    expect(first).toMatchObject({ store: true, previous_response_id: null });
    const second = responseOf(await ask({ input: 'Two', previous_response_id: first.id }));
    expect(second).toMatchObject({ store: true, previous_response_id: first.id });
    const third = await ask({ input: [{ role: 'user', content: 'Three' }], previous_response_id: second.id });
    expect(third.status).toBe(200);
    expect(third.headers['x-archipel-dropped']).toBeUndefined();
    expect(said(a)).toEqual([
      ['user', 'One'],
      ['assistant', 'fine'],
      ['user', 'Two'],
      ['assistant', 'fine'],
      ['user', 'Three'],
    ]);
  });

  test('does not hand its instructions on, nor its settings', async () => {
    const { a, ask } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const first = responseOf(await ask({ instructions: 'Be brief.', temperature: 0.5 }));
    await ask({ input: 'Two', previous_response_id: first.id });
    expect(sent(a)).not.toHaveProperty('system');
    expect(sent(a)).not.toHaveProperty('temperature');
  });

  test('brings its calls with it, so that only their results need be sent', async () => {
    const { a, ask } = await openTargets([claude]);
    const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } };
    a.next(answer(200, { ...messageAnswer(''), content: [call], stop_reason: 'tool_use' }));
    a.always(answer(200, messageAnswer('sunny')));
    const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }];
    const first = responseOf(await ask({ tools }));
    const result = { type: 'function_call_output', call_id: 'toolu_1', output: '21' };
    await ask({ tools, input: [result], previous_response_id: first.id });
    expect(sent(a)['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
    ]);
  });

  test('is gone on from at any other target, of its wire or another', async () => {
    const { a, b, ask } = await openTargets([claude, holder]);
    a.next(answer(200, messageAnswer('fine')));
    a.always(down);
    b.always(answer(200, responseAnswer('well')));
    const first = responseOf(await ask({ input: 'One' }));
    const second = await ask({ input: 'Two', previous_response_id: first.id });
    expect([second.status, second.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(sent(b)).not.toHaveProperty('previous_response_id');
    expect(sent(b)['input']).toMatchObject([
      { role: 'user', content: 'One' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'fine' }] },
      { role: 'user', content: 'Two' },
    ]);
  });

  test('is named item by item, as the AI SDK does', async () => {
    const { a, ask } = await openTargets([claude]);
    const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Paris' } };
    a.next(answer(200, { ...messageAnswer('let me see'), content: [{ type: 'text', text: 'let me see' }, call] }));
    a.always(answer(200, messageAnswer('sunny')));
    const { output } = responseOf(await ask({ input: 'One' }));
    const references = output.map(({ id }) => ({ type: 'item_reference', id }));
    const result = { type: 'function_call_output', call_id: 'toolu_1', output: '21' };
    const input = [{ role: 'user', content: 'One' }, ...references, result];
    const second = responseOf(await ask({ input }));
    expect(sent(a)['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ text: 'let me see' }, call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
    ]);
    // What was kept of that request names them still, and is found through it.
    await ask({ input: 'And?', previous_response_id: second.id });
    expect(sent(a)['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ text: 'let me see' }, call] },
      { role: 'user' },
      { role: 'assistant', content: 'sunny' },
      { role: 'user' },
    ]);
  });

  test('is named beside what a vendor holds: ours goes whole, theirs by its name', async () => {
    const { a, b, ask } = await openTargets([claude, holder]);
    a.always(answer(200, messageAnswer('fine')));
    b.always(answer(200, responseAnswer('well')));
    const { output } = responseOf(await ask({ input: 'One' }));
    const theirs = { type: 'item_reference', id: 'msg_theirs' };
    const reply = await ask({ input: [{ type: 'item_reference', id: output[0]!.id }, theirs] });
    expect(reply.headers['x-archipel-target']).toBe('b/vendor-model');
    expect(sent(b)['input']).toEqual([output[0], theirs]);
  });

  test.each([
    ['a chat', 'openai', chatStream('fine')],
    ['messages', 'anthropic', messageStream('fine')],
    ['gemini', 'gemini', generatedStream('fine')],
  ])('is kept of %s as its stream told it', async (_name, wire, script) => {
    const { a, ask, askFor } = await openTargets([{ wire }]);
    a.always(script);
    const { text } = await ask({ input: 'One' }, { stream: true });
    const told = responseIn(text);
    expect(told).toMatchObject({ store: true, output: [{ content: [{ text: 'fine' }] }] });
    expect((await askFor(told.id)).json).toEqual(told);
    const second = await ask({ input: 'Two', previous_response_id: told.id }, { stream: true });
    expect(responseIn(second.text)).toMatchObject({ previous_response_id: told.id });
  });

  test('brings the thinking that was shown, with its seal, back to where it was thought, and to nobody else', async () => {
    const thoughtful = { ...claude, reasoning: true, maxOutputTokens: 20_000 };
    const { a, b, ask } = await openTargets([thoughtful, holder]);
    const thinking = { type: 'thinking', thinking: 'so', signature: 'S+/=' };
    a.next(answer(200, { ...messageAnswer(''), content: [thinking, { type: 'text', text: 'fine' }] }));
    a.next(answer(200, messageAnswer('well')));
    a.always(down);
    b.always(answer(200, responseAnswer('well')));
    const more = { reasoning: { effort: 'low', summary: 'auto' } };
    const first = responseOf(await ask({ ...more, input: 'One' }));
    const next = { ...more, input: 'Two', previous_response_id: first.id };
    await ask(next);
    expect(sent(a)['messages']).toMatchObject([{}, { content: [thinking, { type: 'text', text: 'fine' }] }, {}]);
    await ask(next);
    expect(sent(b)['input']).toMatchObject([{ content: 'One' }, { type: 'message' }, { content: 'Two' }]);
  });

  test('is gone on from more than once, each time from there', async () => {
    const { a, ask } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const root = responseOf(await ask({ input: 'One' }));
    const branches = await Promise.all(['Left', 'Right'].map((input) => ask({ input, previous_response_id: root.id })));
    for (const [index, word] of ['Left', 'Right'].entries()) {
      const { id } = responseOf(branches[index]!);
      await ask({ input: 'On', previous_response_id: id });
      expect(said(a)).toEqual([
        ['user', 'One'],
        ['assistant', 'fine'],
        ['user', word],
        ['assistant', 'fine'],
        ['user', 'On'],
      ]);
    }
  });

  test('is weighed with what comes after it', async () => {
    const { a, ask } = await openTargets([{ ...claude, contextTokens: 400 }]);
    a.always(answer(200, messageAnswer('fine')));
    const { id } = responseOf(await ask({ input: 'x'.repeat(1_800) }));
    expect((await ask({ input: 'y'.repeat(1_800) })).status).toBe(200);
    const told = await ask({ input: 'y'.repeat(1_800), previous_response_id: id });
    expect(told.text).toContain('context 400');
    expect(a.calls).toHaveLength(2);
  });
});

describe('what is not kept, or no more,', () => {
  test('is told as gone by the vendor’s own word: of another team, with store: false, too old, removed', async () => {
    const { a, ask, askFor, gateway } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const { id } = responseOf(await ask());
    const unkept = responseOf(await ask({ store: false }));
    const removed = responseOf(await ask());
    expect((await askFor(removed.id, { method: 'DELETE' })).json).toEqual({
      id: removed.id,
      object: 'response',
      deleted: true,
    });
    const calls = a.calls.length;
    const told = [
      await ask({ previous_response_id: id }, { principal: stranger }),
      await ask({ previous_response_id: unkept.id }),
      await ask({ previous_response_id: removed.id }),
    ];
    gateway.clock.advance(86_400_001);
    told.push(await ask({ previous_response_id: id }));
    for (const reply of told) {
      expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'state_target_gone']);
      expect(reply.json).toMatchObject(gone);
      expect((reply.json['error'] as { message: string }).message).toMatch(
        /^Previous response with id 'resp_.*' not found\./,
      );
    }
    expect(unkept).toMatchObject({ store: false });
    expect(a.calls).toHaveLength(calls);
  });

  test('is told to a stranger in the same words as what never was', async () => {
    const { a, ask, askFor } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const { id } = responseOf(await ask());
    const never = `resp_${id.slice(5, -4)}0000`;
    const words = async (name: string) => {
      const replies = [
        await askFor(name, { principal: stranger }),
        await askFor(name, { principal: stranger, method: 'DELETE' }),
        await ask({ previous_response_id: name }, { principal: stranger }),
      ];
      return replies.map(({ status, text }) => [status, text.replaceAll(name, 'it')]);
    };
    expect(await words(id)).toEqual(await words(never));
    expect((await askFor(id)).status).toBe(200);
  });

  test('breaks what goes on from it, where it stands in the middle', async () => {
    const { a, ask, askFor } = await openTargets([claude, holder]);
    a.always(answer(200, messageAnswer('fine')));
    const first = responseOf(await ask());
    const second = responseOf(await ask({ previous_response_id: first.id }));
    await askFor(first.id, { method: 'DELETE' });
    const told = await ask({ previous_response_id: second.id });
    expect([told.status, told.json]).toMatchObject([400, gone]);
  });

  test('is asked for by its item in vain', async () => {
    const { a, ask, askFor } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const { id, output } = responseOf(await ask());
    await askFor(id, { method: 'DELETE' });
    const told = await ask({ input: [{ type: 'item_reference', id: output[0]!.id }] });
    expect([told.status, told.headers['x-archipel-error']]).toEqual([404, 'response_not_found']);
    expect(told.json).toMatchObject({ error: { param: 'input' } });
  });

  test('may be known to a vendor that holds conversations: a gateway behind us names its answers as we do', async () => {
    const { a, b, ask } = await openTargets([claude, holder]);
    b.always(answer(200, responseAnswer('well')));
    const name = 'resp_01990000-0000-7000-8000-000000000000';
    const reply = await ask({ previous_response_id: name });
    expect(reply.headers['x-archipel-target']).toBe('b/vendor-model');
    expect([a.calls.length, sent(b)['previous_response_id']]).toEqual([0, name]);
  });

  test('is nothing where the file says so', async () => {
    const { a, ask } = await openTargets([claude], { keepsAnswers: false });
    a.always(answer(200, messageAnswer('fine')));
    const first = responseOf(await ask());
    expect(first).toMatchObject({ store: false });
    expect((await ask({ previous_response_id: first.id })).json).toMatchObject(gone);
  });

  test('is too much: a conversation that has outgrown a request is refused before a target hears of it', async () => {
    const { a, ask } = await openTargets([claude], { limits: { bodyBytes: 2_000 } });
    a.always(answer(200, messageAnswer('fine')));
    const first = responseOf(await ask({ input: 'x'.repeat(1_500) }));
    const told = await ask({ input: 'y'.repeat(600), previous_response_id: first.id });
    expect([told.status, told.headers['x-archipel-error'], a.calls.length]).toEqual([413, 'body_too_large', 1]);
  });

  test('is too much where a small request names the same item many times', async () => {
    const { a, ask } = await openTargets([claude], { limits: { bodyBytes: 4_000 } });
    a.always(answer(200, messageAnswer('z'.repeat(1_000))));
    const { output } = responseOf(await ask({ input: 'One' }));
    const named = (times: number) =>
      Array.from({ length: times }, () => ({ type: 'item_reference', id: output[0]!.id }));
    const told = await ask({ input: named(20) });
    expect([told.status, told.headers['x-archipel-error'], a.calls.length]).toEqual([413, 'body_too_large', 1]);
    const first = responseOf(await ask({ input: named(2) }));
    const chained = await ask({ input: named(2), previous_response_id: first.id });
    expect([chained.status, a.calls.length]).toEqual([413, 2]);
  });

  test('is not fetched for a key whose rates are used up, and counts as a request where it was fetched in vain', async () => {
    const { a, ask, gateway } = await openTargets([claude]);
    a.always(answer(200, messageAnswer('fine')));
    const { id } = responseOf(await ask({ input: 'x'.repeat(8_000) }));
    let fetched = 0;
    const { answers } = gateway;
    const find = answers.find.bind(answers);
    answers.find = (...asked) => {
      fetched += 1;
      return find(...asked);
    };
    const principal = { key: 'limited', limits: { ...noRates, rpm: 3, tpm: 1_000 } };
    const next = () => ask({ input: 'On', previous_response_id: id }, { principal });
    await ask({ input: 'y'.repeat(400) }, { principal });
    const told = [await next(), await next(), await next(), await next()];
    expect(told.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
    expect([fetched, a.calls.length]).toEqual([2, 2]);
  });

  test('is what a vendor holds itself: it is asked for there', async () => {
    const { a, ask, askFor } = await openTargets([holder]);
    a.always(answer(200, { ...responseAnswer('fine'), id: 'resp_a' }));
    await ask();
    expect((await askFor('resp_a')).status).toBe(404);
  });
});

describe('what was brought', () => {
  test.each([
    ['here', {}],
    ['apart', { inlineBytes: 1 }],
  ])('is listed page by page %s, with ids by which it can be named', async (_, limits) => {
    const { a, ask, askFor } = await openTargets([claude], { limits });
    a.always(answer(200, messageAnswer('fine')));
    const input = [
      { role: 'user', content: 'One' },
      { type: 'message', id: 'msg_mine', role: 'assistant', content: [{ type: 'output_text', text: 'two' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'Three' }] },
    ];
    const { id } = responseOf(await ask({ input }));
    const page = async (query: string) =>
      (await askFor(id, { path: '/v1/responses/{answer}/input_items', query })).json as {
        data: { id: string }[];
        last_id: string;
        has_more: boolean;
      };
    const all = await page('?order=asc');
    expect(all).toMatchObject({
      object: 'list',
      has_more: false,
      data: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'One' }] },
        { id: 'msg_mine' },
        { role: 'user', content: [{ text: 'Three' }] },
      ],
    });
    const first = await page('?limit=2');
    expect([first.has_more, first.data]).toEqual([true, all.data.toReversed().slice(0, 2)]);
    expect((await page(`?limit=2&after=${first.last_id}`)).data).toEqual([all.data[0]]);
    await ask({ input: [{ type: 'item_reference', id: all.data[0]!.id }] });
    expect(said(a)).toEqual([['user', 'One']]);
    for (const query of ['?limit=0', '?order=up', '?after=msg_nobodys']) {
      const told = await askFor(id, { path: '/v1/responses/{answer}/input_items', query });
      expect([query, told.status]).toEqual([query, 400]);
    }
  });

  test('whatever it is, the same reaches the target over a chain of answers as at once', async () => {
    const { a, ask } = await openTargets([{}]);
    a.always(answer(200, chatAnswer('fine')));
    const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '');
    const turn = fc.oneof(
      word,
      fc.array(
        word.map((content) => ({ role: 'user', content })),
        { maxLength: 3 },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 4 }), word, async (turns, last) => {
        let previous: Response | null = null;
        const whole: unknown[] = [];
        for (const input of turns) {
          const more: object = previous === null ? {} : { previous_response_id: previous.id };
          const reply = await ask({ input: input.length === 0 ? 'x' : input, ...more });
          previous = responseOf(reply);
          whole.push(
            ...(typeof input === 'string'
              ? [{ role: 'user', content: input }]
              : input.length === 0
                ? [{ role: 'user', content: 'x' }]
                : input),
            ...previous.output,
          );
        }
        await ask({ input: last, previous_response_id: previous!.id });
        const chained = sent(a)['messages'];
        await ask({ input: [...whole, { role: 'user', content: last }] });
        expect(chained).toEqual(sent(a)['messages']);
      }),
      { numRuns: 25 },
    );
  });
});
