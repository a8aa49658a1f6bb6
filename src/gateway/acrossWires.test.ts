import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, ScriptedUpstream, type Script } from '../../test/rigs/ScriptedUpstream.ts';
import {
  chatAnswer,
  chatEvents,
  chatStream,
  messageAnswer,
  messageEvents,
  messageStream,
  vendorError,
} from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, usd, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

type WireName = 'openai' | 'anthropic';

const other = (wire: WireName): WireName => (wire === 'openai' ? 'anthropic' : 'openai');

const answers: Readonly<Record<WireName, (text: string) => object>> = {
  openai: (text) => chatAnswer(text),
  anthropic: (text) => messageAnswer(text),
};

const streams: Readonly<Record<WireName, (text: string) => Script>> = { openai: chatStream, anthropic: messageStream };

/** Targets called a, b, c that speak these wires, each dearer than the one before. */
const openTargets = async (
  wires: readonly WireName[],
  options: Omit<TestGatewayOptions, 'targets'> = {},
  more: Partial<TestTarget> = {},
) => {
  const targets: TestTarget[] = [];
  for (const [index, wire] of wires.entries()) {
    const provider = 'abc'.charAt(index);
    const upstream = await ScriptedUpstream.open(answer(200, answers[wire](`from ${provider}`)));
    targets.push({ provider, upstream, wire, inputPerMTok: String(1 + index), outputPerMTok: '1', ...more });
  }
  const gateway = new TestGateway({ ...options, targets });
  const [a, b, c] = targets.map(({ upstream }) => upstream);
  opened.push(...targets.map(({ upstream }) => upstream), gateway);
  return { a: a!, b: b!, c: c!, gateway };
};

const sentTo = (upstream: ScriptedUpstream, call = 0): Record<string, unknown> =>
  JSON.parse(upstream.calls[call]!.body.toString('utf8'));

describe.each(['openai', 'anthropic'] as const)('a client of the %s wire', (client) => {
  it('is not kept waiting by a target of the other wire that never comes to the point', async () => {
    const { a, gateway } = await openTargets([other(client)], { limits: { answerBytes: 10_000, attempts: 1 } });
    // Comments, which the other wire has no word for.
    a.always(answerStream(': nothing yet\n\n'.repeat(100), 'hang'));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.status).toBe(502);
    expect(gateway.journal.finals[0]).toMatchObject({ outcome: { failure: { cause: 'preamble_too_large' } } });
    expect(await a.calls[0]!.ended).toBe(false);
  });

  it('is answered in its own words by a target of the other wire, which reads its own', async () => {
    const { a, gateway } = await openTargets([other(client)]);
    const reply = await gateway.ask({ wire: client });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'a/vendor-model']);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(reply.json).toMatchObject(
      client === 'openai'
        ? { object: 'chat.completion', choices: [{ message: { content: 'from a' }, finish_reason: 'stop' }] }
        : { type: 'message', content: [{ type: 'text', text: 'from a' }], stop_reason: 'end_turn' },
    );
    const { path, headers } = a.calls[0]!;
    expect(path).toBe(client === 'openai' ? '/v1/messages' : '/v1/chat/completions');
    expect(client === 'openai' ? headers['x-api-key'] : headers['authorization']).toBe(
      client === 'openai' ? 'sk-a' : 'Bearer sk-a',
    );
    expect(sentTo(a)['model']).toBe('vendor-model');
    expect(gateway.journal.finals).toMatchObject([
      { basis: 'reported', usage: { input: 10, output: 3 }, outcome: { kind: 'ok' } },
    ]);
  });

  it('gets a stream of its own wire, whole and with its end', async () => {
    const { a, gateway } = await openTargets([other(client)]);
    a.always(streams[other(client)]('from a'));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.headers['content-type']).toBe('text/event-stream');
    expect(reply.text).toContain('from a');
    expect(reply.text.trimEnd().endsWith(client === 'openai' ? 'data: [DONE]' : '{"type":"message_stop"}')).toBe(true);
    expect(gateway.journal.finals).toMatchObject([{ basis: 'reported', usage: { input: 10, output: 3 } }]);
  });

  it.each([false, true])(
    'is moved to the other wire unseen when a vendor of its own fails, streamed: %s',
    async (stream) => {
      const { a, b, gateway } = await openTargets([client, other(client)]);
      a.always(answer(500, vendorError('oops', 'server_error')));
      if (stream) b.always(streams[other(client)]('from b'));
      const reply = await gateway.ask({ wire: client, stream });
      expect([reply.status, reply.headers['x-archipel-target'], reply.headers['x-archipel-attempts']]).toEqual([
        200,
        'b/vendor-model',
        '2',
      ]);
      expect(reply.text).toContain('from b');
      expect(reply.text).not.toContain('oops');
    },
  );

  it('sees an answer of the other wire that breaks off as an error in its own words', async () => {
    const { a, gateway } = await openTargets([other(client)]);
    const begun =
      client === 'openai'
        ? messageEvents.start(10) + messageEvents.open + messageEvents.text('half')
        : chatEvents.role + chatEvents.text('half');
    a.always(answerStream(begun));
    const reply = await gateway.ask({ wire: client, stream: true });
    expect(reply.text).toContain('half');
    const last = reply.text.trimEnd().split('\n\n').at(-1)!;
    if (client === 'openai') expect(last).toMatch(/^data: \{"error":\{.*"upstream_truncated"/);
    else expect(last).toMatch(/^event: error\ndata: \{"type":"error".*"upstream_truncated"/);
    expect(reply.text).not.toContain(client === 'openai' ? '[DONE]' : 'message_stop');
    expect(gateway.journal.finals).toMatchObject([{ outcome: { kind: 'failed' } }]);
  });

  it('reads what a vendor of the other wire says about its request in the shape of its own', async () => {
    const { a, gateway } = await openTargets([other(client)]);
    const said = 'messages: this cannot be';
    const refusal =
      client === 'openai'
        ? { type: 'error', error: { type: 'invalid_request_error', message: said } }
        : vendorError(said);
    a.always(answer(400, refusal));
    const reply = await gateway.ask({ wire: client });
    expect(reply.status).toBe(400);
    expect(reply.json).toMatchObject(
      client === 'openai'
        ? { error: { message: said, type: 'invalid_request_error' } }
        : { type: 'error', error: { type: 'invalid_request_error', message: said } },
    );
  });

  it('is served by the next target when one of the other wire does not take what was made of its request', async () => {
    const { a, b, gateway } = await openTargets([other(client), client]);
    a.always(answer(400, vendorError('cannot be')));
    const reply = await gateway.ask({ wire: client });
    expect([reply.status, reply.headers['x-archipel-target']]).toEqual([200, 'b/vendor-model']);
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
  });
});

describe('what the other wire has no word for', () => {
  it('keeps a request away from it without a call, and the decision says why', async () => {
    const { a, b, gateway } = await openTargets(['anthropic', 'openai']);
    const reply = await gateway.ask({ body: { n: 2 } });
    expect([reply.status, reply.headers['x-archipel-target'], reply.headers['x-archipel-attempts']]).toEqual([
      200,
      'b/vendor-model',
      '1',
    ]);
    expect([a.calls.length, b.calls.length]).toEqual([0, 1]);
    const [decision] = gateway.journal.requests[0]!.decisions;
    expect(decision!.candidates[0]!.reason).toMatch(/no word for n\b/);
  });

  it('is refused by its name where nobody else is there', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ body: { n: 2 } });
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([400, 'unsupported_feature']);
    expect(reply.json).toMatchObject({ error: { param: 'n' } });
    expect(a.calls).toEqual([]);
    expect(gateway.journal.intents).toEqual([]);
  });

  it('is left out and told where it only tunes', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ body: { seed: 7 } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'seed']);
    expect(sentTo(a)).not.toHaveProperty('seed');
  });

  it('is not touched on its own wire', async () => {
    const { a, gateway } = await openTargets(['openai']);
    const reply = await gateway.ask({ body: { seed: 7, n: 2 } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, undefined]);
    expect(sentTo(a)).toMatchObject({ seed: 7, n: 2 });
  });
});

describe('a model that is known to refuse parameters (case 45)', () => {
  const reasoner = { unsupported: ['max_tokens', 'temperature'] };

  it('gets the bound under its other name and no temperature, and the client is told', async () => {
    const { a, gateway } = await openTargets(['openai'], {}, reasoner);
    const reply = await gateway.ask({ body: { max_tokens: 100, temperature: 0.16 } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'temperature']);
    const sent = sentTo(a);
    expect(sent).toMatchObject({ max_completion_tokens: 100 });
    expect(sent).not.toHaveProperty('max_tokens');
    expect(sent).not.toHaveProperty('temperature');
    expect(gateway.journal.finals[0]!.edits).toEqual(
      expect.arrayContaining(['-temperature', 'max_tokens->max_completion_tokens']),
    );
  });

  it('gets them where it is not known to', async () => {
    const { a, gateway } = await openTargets(['openai']);
    const reply = await gateway.ask({ body: { max_tokens: 100, temperature: 0.16 } });
    expect(reply.headers['x-archipel-dropped']).toBeUndefined();
    expect(sentTo(a)).toMatchObject({ max_tokens: 100, temperature: 0.16 });
  });
});

describe('thinking that no vendor signed (case 19)', () => {
  const turns = (signature: string) => [
    { role: 'user', content: 'hi' },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature },
        { type: 'text', text: 'Hello' },
      ],
    },
    { role: 'user', content: 'again' },
  ];

  it('is left out before a vendor that would refuse it, and the client is told', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ wire: 'anthropic', body: { messages: turns('') } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'thinking']);
    expect(sentTo(a)['messages']).toMatchObject([{}, { content: [{ type: 'text', text: 'Hello' }] }, {}]);
    expect(gateway.journal.finals[0]!.edits).toContain('-thinking');
  });

  it('is passed on where it is signed', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    const reply = await gateway.ask({ wire: 'anthropic', body: { messages: turns('c2lnbmVk') } });
    expect(reply.headers['x-archipel-dropped']).toBeUndefined();
    expect(sentTo(a)['messages']).toEqual(turns('c2lnbmVk'));
  });
});

describe('thinking that a chat gives back', () => {
  const history = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'Hello', reasoning_content: 'hm' },
    { role: 'user', content: 'again' },
  ];
  const unknown = answer(400, {
    error: {
      message: "Unknown parameter: 'messages[1].reasoning_content'.",
      type: 'invalid_request_error',
      param: 'messages[1].reasoning_content',
      code: 'unknown_parameter',
    },
  });

  it('is left out for a vendor that refuses it, which is learnt', async () => {
    const { a, gateway } = await openTargets(['openai']);
    a.next(unknown);
    const reply = await gateway.ask({ body: { messages: history } });
    expect([reply.status, reply.headers['x-archipel-dropped']]).toEqual([200, 'reasoning_content']);
    expect(sentTo(a, 1)['messages']).toMatchObject([{}, { role: 'assistant', content: 'Hello' }, {}]);
    expect(a.calls[1]!.body.toString()).not.toContain('reasoning_content');
    await gateway.ask({ body: { messages: history } });
    expect(a.calls).toHaveLength(3);
    expect(a.calls[2]!.body.toString()).not.toContain('reasoning_content');
  });

  it('reaches a vendor that takes it', async () => {
    const { a, gateway } = await openTargets(['openai']);
    await gateway.ask({ body: { messages: history } });
    expect(sentTo(a)['messages']).toEqual(history);
  });
});

describe('a bound of the output', () => {
  it('is the model’s own where the client sets none and the target needs one', async () => {
    const { a, gateway } = await openTargets(['anthropic'], {}, { maxOutputTokens: 2_048 });
    await gateway.ask();
    expect(sentTo(a)['max_tokens']).toBe(2_048);
  });

  it('is what a hard budget buys where that is less', async () => {
    // 10 microdollars at 1 $/Mtok both ways; the input's bound is about 1,100 tokens.
    const { a, gateway } = await openTargets(
      ['anthropic'],
      { budgets: [{ id: 'key:tester', capNanoUsd: usd('0.002') }] },
      { maxOutputTokens: 4_096 },
    );
    const reply = await gateway.ask();
    expect(reply.status).toBe(200);
    const bound = Number(sentTo(a)['max_tokens']);
    expect(bound).toBeGreaterThanOrEqual(256);
    expect(bound).toBeLessThan(1_000);
  });
});

describe('counting tokens', () => {
  const count = { wire: 'anthropic', path: '/v1/messages/count_tokens', body: { max_tokens: undefined } } as const;

  it('is the vendor’s where one counts', async () => {
    const { a, gateway } = await openTargets(['anthropic', 'openai']);
    a.always(answer(200, { input_tokens: 9 }));
    const reply = await gateway.ask(count);
    expect([reply.json, reply.headers['x-archipel-estimated']]).toEqual([{ input_tokens: 9 }, undefined]);
  });

  it('is an upper estimate, and says so, where no target counts', async () => {
    const { a, gateway } = await openTargets(['openai']);
    const reply = await gateway.ask(count);
    expect([reply.status, reply.headers['x-archipel-estimated']]).toEqual([200, 'true']);
    expect(reply.json['input_tokens']).toBeGreaterThanOrEqual(8);
    expect(reply.json['input_tokens']).toBeLessThan(100);
    expect(a.calls).toEqual([]);
    expect(gateway.journal.intents).toEqual([]);
  });

  it('is an estimate, too, where those who count are out', async () => {
    const { a, gateway } = await openTargets(['anthropic']);
    a.always(answer(500, vendorError('oops', 'server_error')));
    const reply = await gateway.ask(count);
    expect([reply.status, reply.headers['x-archipel-estimated']]).toEqual([200, 'true']);
  });

  it('still tells what is wrong with the request', async () => {
    const { gateway } = await openTargets(['openai']);
    const reply = await gateway.ask({ ...count, body: { max_tokens: undefined, messages: [{ role: 'nobody' }] } });
    expect(reply.status).toBe(400);
  });
});

describe('the list of models', () => {
  it.each(['openai', 'anthropic'] as const)('names for clients of the %s wire what any target serves', async (wire) => {
    const { gateway } = await openTargets([other(wire)]);
    const reply = await gateway.ask({ wire, path: '/v1/models' });
    expect(JSON.stringify(reply.json)).toContain('"logical"');
  });
});
