import { describe, expect, test } from 'vitest';

import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, answerStream, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import {
  chatAnswer,
  chatEvents,
  chatStream,
  messageAnswer,
  responseAnswer,
  responseEvents,
  responseStream,
  vendorError,
} from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd, type TestAsk, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

/** Targets called a, b, c, each dearer than the one before. */
const openTargets = async (targets: readonly Partial<TestTarget>[], options: Partial<TestGatewayOptions> = {}) => {
  const opened: TestTarget[] = [];
  for (const [index, one] of targets.entries()) {
    const provider = 'abc'.charAt(index);
    const upstream = await ScriptedUpstream.open();
    end(() => upstream[Symbol.asyncDispose]());
    opened.push({ provider, upstream, inputPerMTok: String(1 + index), ...one });
  }
  const gateway = new TestGateway({ ...options, targets: opened });
  end(() => gateway[Symbol.asyncDispose]());
  const [a, b] = opened.map(({ upstream }) => upstream);
  const ask = (body: object = {}, more: TestAsk = {}) => gateway.ask({ wire: 'responses', body: { ...body }, ...more });
  return { a: a!, b: b!, gateway, ask };
};

const both: Partial<TestTarget> = { alsoSpeaks: ['responses'], holdsConversations: true };
const sent = (upstream: ScriptedUpstream, call = 0): Record<string, unknown> =>
  JSON.parse(upstream.calls[call]!.body.toString());

describe('a client of responses', () => {
  test('is served in its own words by a target that speaks them beside its main wire', async () => {
    const { a, ask } = await openTargets([both]);
    a.always(answer(200, responseAnswer('fine')));
    const reply = await ask({ something_new: 1 });
    expect(reply.json).toEqual(responseAnswer('fine'));
    expect(a.calls[0]!.path).toBe('/v1/responses');
    expect(sent(a)).toEqual({ model: 'vendor-model', input: 'Hello', something_new: 1 });
  });

  test('is moved unseen to a target of another wire, which knows its tools by other names', async () => {
    const { a, b, ask } = await openTargets([both, { wire: 'anthropic' }]);
    a.always(answer(500, vendorError('oops', 'server_error')));
    const call = { type: 'tool_use', id: 'toolu_1', name: 'files__read', input: { a: 1 } };
    b.always(answer(200, { ...messageAnswer(''), content: [call], stop_reason: 'tool_use' }));
    const read = { type: 'function', name: 'read', parameters: { type: 'object', properties: {} } };
    const reply = await ask({ tools: [{ type: 'namespace', name: 'files', description: 'Files.', tools: [read] }] });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(reply.json).toMatchObject({
      store: true,
      output: [{ type: 'function_call', namespace: 'files', name: 'read', call_id: 'toolu_1', arguments: '{"a":1}' }],
    });
  });

  test('brings the thinking of one target back to it, and to no other', async () => {
    const thoughtful = { wire: 'anthropic', reasoning: true, maxOutputTokens: 20_000 };
    const { a, b, ask } = await openTargets([thoughtful, both]);
    const thinking = { type: 'thinking', thinking: 'so', signature: 'S+/=' };
    a.always(answer(200, { ...messageAnswer(''), content: [thinking, { type: 'text', text: 'fine' }] }));
    const body = { reasoning: { effort: 'low', summary: 'auto' } };
    const { output } = (await ask(body)).json as { output: object[] };
    const next = { ...body, input: [{ role: 'user', content: 'Hello' }, ...output, { role: 'user', content: 'And?' }] };
    await ask(next);
    expect(sent(a, 1)['messages']).toMatchObject([
      {},
      { content: [thinking, { type: 'text', text: 'fine' }] },
      { content: 'And?' },
    ]);
    a.always(answer(500, vendorError('oops', 'server_error')));
    b.always(answer(200, responseAnswer('fine')));
    await ask(next);
    expect(sent(b)['input']).toEqual(next.input.filter((item) => !('summary' in item)));
  });

  test('sees an answer that breaks off as a failed response, with our code', async () => {
    for (const [target, begun] of [
      [both, responseEvents.created + responseEvents.open + responseEvents.text('half')],
      [{}, chatEvents.role + chatEvents.text('half')],
    ] as const) {
      const { a, ask } = await openTargets([target]);
      a.always(answerStream(begun));
      const { text } = await ask({}, { stream: true });
      const last = text.trimEnd().split('\n\n').at(-1)!;
      expect(text).toContain('half');
      expect(last).toMatch(/^event: response\.failed\ndata: .*"code":"upstream_truncated"/);
    }
  });

  test('gets a stream of its own wire from either, whole', async () => {
    for (const [target, script] of [
      [both, responseStream('fine')],
      [{}, chatStream('fine')],
    ] as const) {
      const { a, ask, gateway } = await openTargets([target]);
      a.always(script);
      const { text } = await ask({}, { stream: true });
      expect(text.trimEnd().split('\n\n').at(-1)).toMatch(/^event: response\.completed\n/);
      expect(gateway.journal.finals).toMatchObject([{ basis: 'reported', usage: { input: 10, output: 3 } }]);
    }
  });

  test('is told by 429 and its own word that a budget is spent, others by 402, and all not to try again', async () => {
    const { gateway, ask } = await openTargets([both], {
      budgets: [{ id: 'key:tester', capNanoUsd: usd('0.0000001') }],
    });
    const told = await ask();
    expect([told.status, told.headers['x-archipel-error'], told.headers['x-should-retry']]).toEqual([
      429,
      'budget_exhausted',
      'false',
    ]);
    expect(told.json).toMatchObject({ error: { code: 'insufficient_quota', type: 'insufficient_quota' } });
    for (const wire of ['openai', 'anthropic']) {
      const other = await gateway.ask({ wire });
      expect([other.status, other.headers['x-archipel-error'], other.headers['x-should-retry']]).toEqual([
        402,
        'budget_exhausted',
        'false',
      ]);
    }
  });
});

describe('a response that the vendor keeps', () => {
  const down = answer(500, vendorError('oops', 'server_error'), { 'x-should-retry': 'false' });
  const kept = (id: string) => answer(200, { ...responseAnswer('fine'), id });

  test('is gone on from where it is kept, though another target is cheaper by then', async () => {
    const { a, b, ask } = await openTargets([both, both]);
    a.next(down);
    b.always(kept('resp_b'));
    await ask();
    const next = await ask({ previous_response_id: 'resp_b' });
    expect([next.status, next.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect(a.calls).toHaveLength(1);
  });

  test('is told as gone by the vendor’s own word where its holder is out', async () => {
    const { a, b, ask } = await openTargets([both, both]);
    a.next(kept('resp_a'));
    await ask();
    a.always(down);
    const told = await ask({ previous_response_id: 'resp_a' });
    expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'state_target_gone']);
    expect(told.json).toMatchObject({ error: { code: 'previous_response_not_found', param: 'previous_response_id' } });
    expect(b.calls).toEqual([]);
  });

  test('is no one’s where the client wants none kept', async () => {
    const { a, b, ask } = await openTargets([both, both]);
    a.next(down);
    b.always(kept('resp_b'));
    a.always(kept('resp_a'));
    await ask({ store: false });
    const next = await ask({ previous_response_id: 'resp_b' });
    expect(next.headers['x-archipel-target']).toBe('a/vendor-model');
  });

  test('is refused by name where nobody keeps any', async () => {
    const { a, ask } = await openTargets([{}]);
    a.always(answer(200, chatAnswer('fine')));
    const told = await ask({ previous_response_id: 'resp_1' });
    expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect(told.json).toMatchObject({ error: { param: 'previous_response_id' } });
    expect(a.calls).toEqual([]);
  });
});

describe('what a client may not have', () => {
  test('an answer that is made behind the back of its budget is refused, and nobody is asked', async () => {
    const { a, gateway, ask } = await openTargets([both]);
    const told = await ask({ background: true });
    expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect([a.calls, gateway.journal.intents]).toEqual([[], []]);
    // Also where a vendor should put one off by itself.
    a.always(answer(200, { ...responseAnswer(''), status: 'queued', output: [], usage: null }));
    expect((await ask()).status).toBe(502);
    a.always(answer(200, responseAnswer('fine')));
    expect((await ask({ background: false })).status).toBe(200);
  });

  test('an item by its name is asked for where such are held, and its absence is the client’s to hear', async () => {
    const { a, b, gateway, ask } = await openTargets([{ alsoSpeaks: ['responses'] }, both]);
    b.always(answer(404, vendorError("Item with id 'msg_1' not found.")));
    const told = await ask({ input: [{ type: 'item_reference', id: 'msg_1' }] });
    expect([told.status, a.calls.length, b.calls.length]).toEqual([404, 0, 1]);
    expect(gateway.logLines.filter(({ level }) => level === 'error')).toEqual([]);
    b.always(answer(200, responseAnswer('fine')));
    a.always(answer(500, vendorError('oops', 'server_error')));
    // Nobody is out because of it.
    expect((await ask()).headers['x-archipel-target']).toBe('b/vendor-model');
  });

  test('the conversation of another organisation, though the vendor would give it', async () => {
    const { a, b, ask } = await openTargets([both, both]);
    a.always(answer(200, { ...responseAnswer('fine'), id: 'resp_a' }));
    await ask();
    const told = await ask({ previous_response_id: 'resp_a' }, { principal: { organisation: 'other', hash: 'other' } });
    expect([told.status, told.headers['x-archipel-error']]).toEqual([400, 'state_target_gone']);
    expect([a.calls.length, b.calls.length]).toEqual([1, 0]);
  });

  test('is not held against others: reasoning that one vendor could not read is left out of that request alone', async () => {
    const { a, ask } = await openTargets([both]);
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' };
    const input = [
      { role: 'user', content: 'Hello' },
      reasoning,
      call,
      { type: 'function_call_output', call_id: 'call_1', output: '1' },
    ];
    a.next(
      answer(
        400,
        vendorError(
          'The encrypted content gAAA could not be verified.',
          'invalid_request_error',
          'invalid_encrypted_content',
        ),
      ),
    );
    a.always(answer(200, responseAnswer('fine')));
    expect((await ask({ input })).status).toBe(200);
    const { id: _id, ...bare } = call;
    expect(sent(a, 1)['input']).toEqual([input[0], bare, input[3]]);
    await ask({ input });
    expect(sent(a, 2)['input']).toEqual(input);
  });
});
