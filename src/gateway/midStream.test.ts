import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import {
  chatEvents,
  chatStream,
  messageAnswer,
  messageEvents,
  messageStream,
  responseEvents,
  vendorError,
} from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

type Options = Omit<TestGatewayOptions, 'targets'> & { readonly second?: Partial<TestTarget> };

/** Known to take an answer that has begun. */
const goingOn = { wire: 'anthropic', supported: ['prefill'] } as const;

/** A cheap target of the chat wire that is tried first, one of the messages wire behind it, and another of that. */
const open = async ({ second = {}, ...options }: Options = {}) => {
  const [one, two, three] = [
    await ScriptedUpstream.open(),
    await ScriptedUpstream.open(),
    await ScriptedUpstream.open(),
  ];
  const targets: TestTarget[] = [
    { provider: 'one', upstream: one, inputPerMTok: '1', outputPerMTok: '1' },
    { ...goingOn, provider: 'two', upstream: two, inputPerMTok: '5', outputPerMTok: '5', ...second },
    { ...goingOn, provider: 'three', upstream: three, inputPerMTok: '9', outputPerMTok: '9' },
  ];
  const gateway = new TestGateway({ ...options, targets });
  opened.push(one, two, three, gateway);
  return { one, two, three, gateway };
};

const said = 'The first vendor says this much, and then it bre';
const rest = 'aks off; the second one goes on in the middle of the word, as if nothing had happened at all.';
const cut = answerStream(chatEvents.role + chatEvents.text(said), 'reset');

const messageAnswerOf = (text: string) => answer(200, messageAnswer(text));

const bodyOf = (upstream: ScriptedUpstream, call = 0): Record<string, unknown> =>
  JSON.parse(upstream.calls[call]?.body.toString('utf8') ?? '{}');

/** Visible text of a chat's stream, and what its last chunks say. */
const chatOf = (sse: string) => {
  const chunks = sse
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)));
  return {
    text: chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join(''),
    ids: new Set(chunks.map(({ id }) => id)),
    last: chunks.at(-1),
    ending: chunks.findLast(({ choices }) => choices?.[0]?.finish_reason !== undefined)?.choices[0]?.finish_reason,
  };
};

describe('an answer that breaks off after its first content', () => {
  it.each([
    ['its connection breaks', cut],
    ['it ends without its end', answerStream(chatEvents.role + chatEvents.text(said))],
    ['it tells of an error', answerStream(chatEvents.role + chatEvents.text(said) + chatEvents.error)],
    ['it becomes garbage', answerStream(`${chatEvents.role}${chatEvents.text(said)}data: <<<\n\n`)],
  ])('is gone on with by another target where %s', async (_, script) => {
    const { one, two, gateway } = await open();
    one.always(script);
    two.always(messageStream(rest, [40, 20]));
    const reply = await gateway.ask({ stream: true, body: { stream_options: { include_usage: true } } });
    const { text, ids, last, ending } = chatOf(reply.text);
    expect([text, ending]).toEqual([said + rest, 'stop']);
    expect([...ids]).toEqual(['chatcmpl-t']);
    expect(reply.text.startsWith(chatEvents.role + chatEvents.text(said))).toBe(true);
    expect(reply.text.endsWith('data: [DONE]\n\n')).toBe(true);
    const [first, second] = gateway.journal.finals;
    expect(last.usage.completion_tokens).toBe((first?.usage.output ?? 0) + 20);
    expect(first).toMatchObject({ attempt: 1, basis: 'estimated', outcome: { kind: 'failed' } });
    expect(second).toMatchObject({
      attempt: 2,
      basis: 'reported',
      outcome: { kind: 'ok' },
      usage: { input: 40, output: 20 },
    });
    expect(bodyOf(two)).toMatchObject({
      model: 'vendor-model',
      stream: true,
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: said },
      ],
    });
  });

  it('says so in its stream, and in the record of its request', async () => {
    const { one, two, gateway } = await open();
    one.always(cut);
    two.always(messageStream(said.slice(-30) + rest));
    const reply = await gateway.ask({ stream: true });
    const seam = { from: 'one/vendor-model', to: 'two/vendor-model', textLength: said.length, trimmed: 30 };
    expect(reply.text).toContain(`\n: archipel-seam ${JSON.stringify(seam)}\n`);
    expect(chatOf(reply.text).text).toBe(said + rest);
    expect(gateway.journal.requests).toMatchObject([
      {
        status: 200,
        errorCode: null,
        decisions: [
          { chosen: 'one/vendor-model' },
          {
            attempt: 2,
            chosen: 'two/vendor-model',
            seam: { from: seam.from, textLength: said.length, by: 'prefill', trimmed: 30, refused: null },
          },
        ],
      },
    ]);
    expect(gateway.counts.get('archipel_seams_total{outcome=continued}')).toBe(1);
  });

  it('is asked for with what is left of its bound, and what the client itself began', async () => {
    const { one, two, gateway } = await open({ second: { wire: 'anthropic' } });
    one.always(cut);
    two.always(messageStream(rest));
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Well: ' },
    ];
    await gateway.ask({ stream: true, body: { max_completion_tokens: 50, messages } });
    const used = gateway.journal.finals[0]?.usage.output ?? 0;
    expect(bodyOf(two)).toMatchObject({ max_tokens: 50 - used, messages: [messages[0], { content: `Well: ${said}` }] });
  });

  const begun = { role: 'assistant', content: said };

  it.each([
    ['where the last message is the start of the answer', [], [{ role: 'user' }, begun], {}, 0],
    ['that says it again', ['prefix'], [{ role: 'user' }, { ...begun, prefix: true }], {}, said.length],
    [
      'that is told to begin no new turn',
      ['continue_final_message'],
      [{ role: 'user' }, begun],
      { continue_final_message: true, add_generation_prompt: false },
      0,
    ],
  ])('is gone on with by a target of the chat wire %s', async (_, members, messages, told, echoed) => {
    const { one, two, gateway } = await open({ second: { wire: 'openai', supported: ['prefill', ...members] } });
    one.always(cut);
    two.always(chatStream(said.slice(0, echoed) + rest));
    expect(chatOf((await gateway.ask({ stream: true })).text).text).toBe(said + rest);
    const { model: _model, stream: _stream, stream_options: _options, ...body } = bodyOf(two);
    expect(body).toMatchObject({ messages, ...told });
    expect(Object.keys(body).toSorted()).toEqual(['messages', ...Object.keys(told)].toSorted());
    const { seam } = gateway.journal.requests[0]?.decisions[1] ?? {};
    expect(seam).toMatchObject({ by: 'prefill', trimmed: echoed, refused: null });
  });

  it('is gone on with by a third where the second fails, before its words or in them', async () => {
    const { one, two, three, gateway } = await open();
    one.always(cut);
    two.next(answer(529, { type: 'error', error: { type: 'overloaded_error', message: 'busy' } }));
    three.always(messageStream(rest));
    expect(chatOf((await gateway.ask({ stream: true })).text).text).toBe(said + rest);
    gateway.clock.advance(120_000);
    const half = `${rest} And it says this as well,`;
    two.always(answerStream(messageEvents.start(5) + messageEvents.open + messageEvents.text(half), 'reset'));
    three.always(messageStream(' before the third one ends it.'));
    const reply = await gateway.ask({ stream: true });
    expect(chatOf(reply.text).text).toBe(`${said}${half} before the third one ends it.`);
    expect(reply.text.match(/: archipel-seam/g)).toHaveLength(2);
    expect(gateway.journal.requests.at(-1)?.attemptIds).toHaveLength(3);
  });

  it('is put to targets in a thread of its own where the request is large', async () => {
    const { one, two, gateway } = await open({ limits: { inlineBytes: 1 } });
    one.always(cut);
    two.always(messageStream(rest));
    expect(chatOf((await gateway.ask({ stream: true })).text).text).toBe(said + rest);
    expect(bodyOf(two)['messages']).toMatchObject([{ role: 'user' }, { role: 'assistant', content: said }]);
  });

  it('is held and billed attempt by attempt', async () => {
    const { one, two, gateway } = await open({ budgets: [{ id: 'organisation:acme', capNanoUsd: usd('1') }] });
    one.always(cut);
    two.always(messageStream(rest));
    await gateway.ask({ stream: true, principal: { organisation: 'acme' } });
    const booked = gateway.journal.finals.reduce((sum, { amountNanoUsd }) => sum + BigInt(amountNanoUsd), 0n);
    expect(gateway.journal.finals.every(({ amountNanoUsd }) => BigInt(amountNanoUsd) > 0n)).toBe(true);
    expect(gateway.standing('organisation:acme')).toMatchObject({ spentNanoUsd: booked, heldNanoUsd: 0n });
  });

  it('as a response that is kept here can be gone on from, whole', async () => {
    const { one, two, three, gateway } = await open();
    one.always(cut);
    two.always(messageStream(rest));
    const { text } = await gateway.ask({ wire: 'responses', stream: true });
    const last = text.trimEnd().split('\n\n').at(-1) ?? '';
    const { response } = JSON.parse(last.slice(last.indexOf('data: ') + 6));
    expect(response).toMatchObject({ status: 'completed', store: true });
    one.always(answer(500, vendorError('out', 'server_error')));
    two.always(messageAnswerOf('Indeed.'));
    three.always(messageAnswerOf('Indeed.'));
    const next = await gateway.ask({ wire: 'responses', body: { input: 'And?', previous_response_id: response.id } });
    expect(next.status).toBe(200);
    const asked = [...two.calls, ...three.calls].at(-1)?.body.toString('utf8') ?? '';
    expect(asked).toContain(JSON.stringify(said + rest).slice(1, -1));
  });

  it('meets the drill that its request was found to meet', async () => {
    let looked = 0;
    const drillOf = () => {
      looked += 1;
      return null;
    };
    const { one, two, gateway } = await open({ faults: { drillOf } });
    one.always(cut);
    two.always(messageStream(rest));
    expect(chatOf((await gateway.ask({ stream: true })).text).text).toBe(said + rest);
    expect(looked).toBe(1);
  });

  it('goes on in the words of its client, whatever its vendors speak', async () => {
    const { two, three, gateway } = await open();
    two.always(answerStream(messageEvents.start(5) + messageEvents.open + messageEvents.text(said), 'reset'));
    three.always(messageStream(rest));
    const { one } = { one: opened[0] as ScriptedUpstream };
    one.always(answer(500, vendorError('broken', 'server_error')));
    const reply = await gateway.ask({ wire: 'anthropic', stream: true });
    expect(reply.text.match(/event: message_start/g)).toHaveLength(1);
    expect(reply.text.match(/event: content_block_start/g)).toHaveLength(1);
    expect(reply.text.trim().split('\n\n').at(-1)).toBe('event: message_stop\ndata: {"type":"message_stop"}');
    expect(reply.text).toContain('event: ping\ndata: {"type":"ping","archipel":{"seams":[');
  });
});

describe('an answer that breaks off is not gone on with', () => {
  const calls = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a"' } };
  const chunk = (delta: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-t', choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`;

  const expectBroken = (text: string): void => {
    expect(text).toContain('"code":"upstream_truncated"');
    expect(text).not.toContain('[DONE]');
    expect(text).not.toContain('archipel-seam');
  };

  it.each([
    ['within a call of a tool', chatEvents.text(said) + chunk({ tool_calls: [calls] }), {}],
    ['within thinking', chunk({ reasoning_content: 'hm' }), {}],
    ['within a refusal', chunk({ refusal: 'I will not' }), {}],
    ['in JSON', chatEvents.text('{"a":'), { response_format: { type: 'json_object' } }],
    ['where several answers are asked for', chatEvents.text(said), { n: 2 }],
    ['within thinking that stands in its words', chatEvents.text('<think>\nThe user wants'), {}],
    ['where it said nothing yet but blanks', chatEvents.text(' \n'), {}],
    ['where its bound is reached', chatEvents.text(said), { max_completion_tokens: 3 }],
    ['where only its own wire can ask for it', chatEvents.text(said), { only_here: true }],
  ])('%s', async (_, events, body) => {
    for (const midStream of ['safe', 'always'] as const) {
      const { one, two, three, gateway } = await open({ policy: { midStream } });
      one.always(answerStream(chatEvents.role + events, 'reset'));
      const reply = await gateway.ask({ stream: true, body });
      expectBroken(reply.text);
      expect([two.calls, three.calls]).toEqual([[], []]);
      expect(gateway.journal.requests[0]).toMatchObject({ status: 502, errorCode: 'upstream_truncated' });
    }
  });

  it('where the policy says never', async () => {
    const { one, two, gateway } = await open({ policy: { midStream: 'never' } });
    one.always(cut);
    expectBroken((await gateway.ask({ stream: true })).text);
    expect(two.calls).toEqual([]);
  });

  it.each([
    ['of the chat wire of which nobody knows that', { wire: 'openai', supported: [] }, chatStream(rest)],
    ['of which nobody knows whether it takes one', { supported: [] }, messageStream(rest)],
  ] as const)('by a target %s, unless the policy says always', async (_, second, script) => {
    for (const midStream of ['safe', 'always'] as const) {
      const { one, two, three, gateway } = await open({ policy: { midStream }, second });
      one.always(cut);
      two.always(script);
      three.always(answer(500, 'out'));
      const { text } = await gateway.ask({ stream: true });
      if (midStream === 'safe') {
        expectBroken(text);
        expect(two.calls).toEqual([]);
        expect(gateway.journal.requests[0]?.decisions.at(-1)?.candidates[1]?.reason).toMatch(/(?:cannot|not) go on/);
        continue;
      }
      expect(chatOf(text).text).toBe(said + rest);
      expect(bodyOf(two)['messages']).toMatchObject([
        { role: 'user' },
        { role: 'assistant', content: said },
        { role: 'user', content: expect.stringContaining('cut off') },
      ]);
      expect(gateway.journal.requests[0]?.decisions.at(-1)?.seam).toMatchObject({ by: 'instruction' });
    }
  });

  it.each([
    ['begins anew', said + rest, 'restarted'],
    ['apologises', `I'm sorry, but I have lost the thread. ${rest}`, 'apologised'],
    ['is empty', '', 'empty'],
    ['is in another script', ' и тогда оно продолжается совсем иначе, чем прежде, на другом языке.', 'other_script'],
  ])('by what %s: nothing of it goes out, it is billed, and its vendor is not blamed', async (_, text, why) => {
    const { one, two, three, gateway } = await open({ budgets: [{ id: 'organisation:acme', capNanoUsd: usd('1') }] });
    one.always(cut);
    two.always(messageStream(text));
    const reply = await gateway.ask({ stream: true });
    expectBroken(reply.text);
    expect(chatOf(reply.text).text).toBe(said);
    expect(reply.text).toContain(`continuation_${why}`);
    expect(three.calls).toEqual([]);
    const [, second] = gateway.journal.finals;
    expect(second).toMatchObject({ outcome: { kind: 'failed', failure: { cause: `continuation_${why}` } } });
    expect(BigInt(second?.amountNanoUsd ?? 0)).toBeGreaterThan(0n);
    expect(gateway.journal.requests[0]?.decisions[1]?.seam).toMatchObject({ refused: why });
    expect(gateway.counts.get(`archipel_seams_total{outcome=${why}}`)).toBe(1);
    const health = [...gateway.counts].filter(([name]) => name.includes('health') && name.includes('two'));
    expect(health).toEqual([]);
  });

  it('where its vendor keeps it under its id, unless the policy says always', async () => {
    for (const midStream of ['safe', 'always'] as const) {
      const { one, two, three, gateway } = await open({
        policy: { midStream },
        second: { wire: 'responses', inputPerMTok: '0.1' },
      });
      const { created, open: begun, text } = responseEvents;
      two.always(answerStream(created + begun + text(said), 'reset'));
      one.always(answer(500, 'out'));
      three.always(messageStream(rest));
      const reply = await gateway.ask({ wire: 'responses', stream: true });
      if (midStream === 'safe') {
        expect(reply.text).toContain('"code":"upstream_truncated"');
        continue;
      }
      const last = reply.text.trimEnd().split('\n\n').at(-1) ?? '';
      const { response } = JSON.parse(last.slice(last.indexOf('data: ') + 6));
      expect(response).toMatchObject({ id: 'resp_t', status: 'completed', store: false });
      expect(response.output).toMatchObject([{ id: 'msg_t', content: [{ text: said + rest }] }]);
    }
  });

  it('by anybody, which takes nothing from the retry budget: what fails over later has all of it', async () => {
    const { one, two, three, gateway } = await open({
      retryBudget: { share: 0, reserveMin: 1, refillPerSecond: 0 },
    });
    one.next(cut);
    expectBroken((await gateway.ask({ stream: true, body: { only_here: true } })).text);
    expect([two.calls, three.calls]).toEqual([[], []]);
    one.always(answer(500, vendorError('out', 'server_error')));
    two.always(messageAnswerOf('Indeed.'));
    expect((await gateway.ask()).status).toBe(200);
    expect(one.calls).toHaveLength(2);
  });

  it('where the retry budget is used up', async () => {
    const { one, two, gateway } = await open({ retryBudget: { share: 0, reserveMin: 1, refillPerSecond: 0 } });
    one.always(cut);
    two.always(messageStream(rest));
    expect(chatOf((await gateway.ask({ stream: true })).text).text).toBe(said + rest);
    expectBroken((await gateway.ask({ stream: true })).text);
    expect([one.calls.length, two.calls.length]).toEqual([2, 1]);
  });

  it('where its model has one target, which is asked once', async () => {
    const one = await ScriptedUpstream.open();
    const gateway = new TestGateway({ targets: [{ ...goingOn, provider: 'one', upstream: one }] });
    opened.push(one, gateway);
    one.always(answerStream(messageEvents.start(5) + messageEvents.open + messageEvents.text(said), 'reset'));
    expectBroken((await gateway.ask({ stream: true })).text);
    expect(gateway.journal.requests[0]?.decisions).toHaveLength(1);
  });

  it('where a request would be one attempt too many', async () => {
    const { one, two, gateway } = await open({ limits: { attempts: 1 } });
    one.always(cut);
    expectBroken((await gateway.ask({ stream: true })).text);
    expect(two.calls).toEqual([]);
  });
});
