import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, hang, reset, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { noRates, type Rates } from '../vocabulary/index.ts';
import { TestGateway, type TestReply, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** Vendors `a` and `b`, of which `a` is the cheaper one. */
const open = async (
  of: Partial<Record<'a' | 'b', Partial<Rates>>> = {},
  options: Omit<TestGatewayOptions, 'targets'> = {},
) => {
  const targets: TestTarget[] = [];
  const upstreams: ScriptedUpstream[] = [];
  for (const [provider, limits] of Object.entries(of)) {
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('fine')));
    upstreams.push(upstream);
    targets.push({ provider, upstream, limits, inputPerMTok: provider === 'a' ? '1' : '2' });
  }
  const gateway = new TestGateway({ ...options, targets });
  opened.push(...upstreams, gateway);
  const [a, b] = upstreams;
  if (a === undefined) throw new Error('somebody serves');
  return { a, b: b ?? a, gateway };
};

const keyed = (limits: Partial<Rates>) => ({ principal: { limits: { ...noRates, ...limits } } });
const keyScope = { id: 'key:tester' };
const errorOf = (reply: TestReply) => [reply.status, reply.headers['x-archipel-error'], reply.headers['retry-after']];

describe('a request that is one too many', () => {
  it.each([
    ['key tester', { rpm: 1 }, {}, 'key', 'requests'],
    ['key tester', { outputTpm: 1 }, {}, 'key', 'outputTokens'],
    ['team research', {}, { teamLimits: { rpm: 1 } }, 'team', 'requests'],
    ['model logical', {}, { modelLimits: { tpm: 1 } }, 'model', 'tokens'],
  ])(
    'of the %s is told by whose limit, which one, and when to come back',
    async (whose, limits, options, scope, dimension) => {
      const { a, gateway } = await open({ a: {} }, options);
      expect((await gateway.ask(keyed(limits))).status).toBe(200);
      const reply = await gateway.ask(keyed(limits));
      expect([reply.status, reply.headers['x-archipel-error'], a.calls.length]).toEqual([429, 'rate_limited', 1]);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expect(reply.text).toContain(`The rate limit of the ${whose}: 1 `);
      expect(gateway.counts.get(`archipel_rate_refusals_total{dimension=${dimension},scope=${scope}}`)).toBe(1);
      expect(gateway.journal.requests[1]).toMatchObject({
        errorCode: 'rate_limited',
        attemptIds: [],
        decisions: [{ chosen: null, limited: expect.stringContaining(`${whose}: 1 `) }],
      });
    },
  );

  it('is let through after its Retry-After', async () => {
    const { gateway } = await open({ a: {} });
    await gateway.ask(keyed({ rpm: 2, tpm: 5 }));
    const refused = await gateway.ask(keyed({ rpm: 2, tpm: 5 }));
    gateway.clock.advance(Number(refused.headers['retry-after']) * 1_000);
    expect((await gateway.ask(keyed({ rpm: 2, tpm: 5 }))).status).toBe(200);
  });

  it('takes nothing from its key when its model refuses it, and the count of tokens takes nothing at all', async () => {
    const { gateway } = await open({ a: {} }, { modelLimits: { rpm: 1 } });
    const ask = { ...keyed({ rpm: 5 }), wire: 'anthropic' };
    expect((await gateway.ask(ask)).headers['anthropic-ratelimit-requests-remaining']).toBe('0');
    for (let attempt = 0; attempt < 10; attempt++) expect((await gateway.ask(ask)).status).toBe(429);
    await gateway.ask({ ...ask, path: '/v1/messages/count_tokens' });
    gateway.clock.advance(60_000);
    const principal = keyed({ rpm: 5 });
    expect((await gateway.ask(principal)).headers['x-ratelimit-remaining-requests']).toBe('0');
    expect(gateway.rateLimits.underWay(keyScope)).toBe(0);
  });
});

describe('a place among the requests under way', () => {
  const streams = keyed({ streams: 1 });

  it('is held to the end of the answer, and the next one is told to come back', async () => {
    const { a, gateway } = await open({ a: {} });
    a.always(hang);
    const first = gateway.start(streams);
    await a.call(1);
    const second = await gateway.ask(streams);
    expect(errorOf(second)).toEqual([429, 'rate_limited', '1']);
    expect(second.text).toContain('key tester: 1 requests at a time');
    first.reply.leave();
    await first.done;
    a.always(answer(200, chatAnswer('fine')));
    expect((await gateway.ask(streams)).status).toBe(200);
  });

  const endings: readonly (readonly [
    string,
    Parameters<ScriptedUpstream['always']>[0],
    (gateway: TestGateway, reply: TestReply) => void,
  ])[] = [
    ['a client that leaves', hang, (_, reply) => reply.leave()],
    ['a key that is withdrawn', hang, (gateway) => gateway.keys.clear()],
    ['a stop of the server', hang, (gateway) => gateway.gateway.shutDown()],
    ['a vendor that is gone', reset, () => {}],
    ['a vendor that refuses', answer(400, vendorError('no such thing')), () => {}],
    ['a stream that breaks off', answerStream(chatEvents.role + chatEvents.text('x'), 'reset'), () => {}],
    ['a journal that is full', hang, () => {}],
  ];
  it.each(endings)('is given back after %s', async (what, script, end) => {
    const { a, gateway } = await open({ a: { streams: 3 } });
    a.always(script);
    if (what === 'a journal that is full') gateway.journal.refused.add('intent');
    const { reply, done } = gateway.start({ ...streams, stream: true });
    if (script === hang && what !== 'a journal that is full') await a.call(1);
    end(gateway, reply);
    await done;
    expect(gateway.rateLimits.underWay(keyScope)).toBe(0);
    expect(gateway.rateLimits.underWay({ id: 'provider:a' })).toBe(0);
  });
});

describe('headers that tell what is left', () => {
  const vendors = { 'x-ratelimit-remaining-requests': '7777', 'anthropic-ratelimit-requests-remaining': '7777' };
  const ask = { ...keyed({ rpm: 600, tpm: 60_000, inputTpm: 50_000, outputTpm: 20_000 }) };

  it.each([
    ['openai', 'x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens'],
    ['responses', 'x-ratelimit-remaining-requests', 'x-ratelimit-remaining-tokens'],
    ['anthropic', 'anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-output-tokens-remaining'],
  ])('stand on every answer on the %s wire, streamed or not, and are ours', async (wire, requests, tokens) => {
    const { a, gateway } = await open({ a: {} });
    // Of so many a minute one comes back every tenth of a second.
    gateway.clock.stop();
    a.always(answer(200, chatAnswer('fine'), vendors));
    const reply = await gateway.ask({ ...ask, wire });
    expect([reply.status, reply.headers[requests]]).toEqual([200, '599']);
    expect(Number(reply.headers[tokens])).toBeGreaterThan(19_000);
    a.always(
      answerStream(chatEvents.role + chatEvents.text('x') + chatEvents.finish + chatEvents.done, 'end', vendors),
    );
    const streamed = await gateway.ask({ ...ask, wire, stream: true });
    expect([streamed.status, streamed.headers[requests]]).toEqual([200, '598']);
  });

  it('stand nowhere for whom nothing limits, and nowhere on a wire that has none', async () => {
    const { a, gateway } = await open({ a: { rpm: 100 } });
    a.always(answer(200, chatAnswer('fine'), vendors));
    const unlimited = await gateway.ask();
    const gemini = await gateway.ask({ ...ask, wire: 'gemini' });
    for (const { status, headers } of [unlimited, gemini])
      expect([status, Object.keys(headers).filter((name) => name.includes('ratelimit'))]).toEqual([200, []]);
  });

  it('say on the gemini wire in the refusal when to come back', async () => {
    const { gateway } = await open({ a: {} });
    const limited = { ...keyed({ rpm: 1 }), wire: 'gemini' };
    await gateway.ask(limited);
    const reply = await gateway.ask(limited);
    expect(errorOf(reply)).toEqual([429, 'rate_limited', '60']);
    expect(reply.json).toMatchObject({
      error: {
        status: 'RESOURCE_EXHAUSTED',
        details: [{}, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '60s' }],
      },
    });
  });
});

describe('an account at its limit', () => {
  const targetOf = ({ headers }: TestReply) => headers['x-archipel-target'];

  it('is passed over, and another serves', async () => {
    const { a, b, gateway } = await open({ a: { rpm: 1 }, b: {} });
    expect([targetOf(await gateway.ask()), targetOf(await gateway.ask())]).toEqual([
      'a/vendor-model',
      'b/vendor-model',
    ]);
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
    expect(gateway.journal.requests[1]?.decisions).toMatchObject([
      {
        chosen: 'b/vendor-model',
        candidates: [{ reason: expect.stringContaining('provider a: 1 requests a minute, 60 s') }, {}],
      },
    ]);
    expect(gateway.counts.get('archipel_rate_refusals_total{dimension=requests,scope=provider}')).toBe(1);
  });

  it('refuses where nobody else is left, with the shortest wait of all', async () => {
    const { a, b, gateway } = await open({ a: { rpm: 1 }, b: { rpm: 2 } });
    for (let served = 0; served < 3; served++) expect((await gateway.ask()).status).toBe(200);
    const refused = await gateway.ask();
    expect(errorOf(refused)).toEqual([429, 'rate_limited', '30']);
    expect([a.calls.length, b.calls.length]).toEqual([1, 2]);
    gateway.clock.advance(30_000);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
  });

  it('is waited for where the wait is short', async () => {
    const { a, gateway } = await open({ a: { rpm: 120 } });
    const asked = await Promise.all(Array.from({ length: 121 }, () => gateway.ask()));
    expect([asked.every(({ status }) => status === 200), a.calls.length]).toEqual([true, 121]);
  });

  it('gets back what a call took that its vendor never saw', async () => {
    const { a, b, gateway } = await open({ a: { rpm: 1 }, b: {} });
    await a[Symbol.asyncDispose]();
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    expect([b.calls.length, gateway.rateLimits.refusal(rpmOfA, noTokens, gateway.clock.monotonicMs())]).toEqual([
      1,
      null,
    ]);
  });

  it('counts what was really used', async () => {
    const { a, gateway } = await open({ a: { tpm: 600 } });
    a.always(answer(200, chatAnswer('fine', [1_200, 300])));
    await gateway.ask();
    const refused = await gateway.ask();
    expect(errorOf(refused).slice(0, 2)).toEqual([429, 'rate_limited']);
    // 1,500 were used: a minute and a half to pay the debt, and as much again as the request is expected to take.
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(90);
  });
});

describe('what a vendor says is left of its limits', () => {
  const usedUp = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m0s' };
  const targetOf = ({ headers }: TestReply) => headers['x-archipel-target'];

  it.each([
    ['an answer', answer(200, chatAnswer('fine'), usedUp), false],
    ['the head of a stream', answerStream(chatEvents.role + chatEvents.text('x'), 'hang', usedUp), true],
  ])('in %s lets others serve until it has come back', async (_, script, stream) => {
    const { a, b, gateway } = await open({ a: {}, b: {} });
    a.next(script);
    const first = gateway.start({ stream });
    await first.reply.until(({ status }) => status === 200);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    gateway.clock.advance(60_000);
    expect(targetOf(await gateway.ask())).toBe('a/vendor-model');
    first.reply.leave();
    await first.done;
    expect([a.calls.length, b.calls.length]).toEqual([2, 1]);
  });

  it('refuses nobody: where nobody else is left it is asked all the same', async () => {
    const { a, gateway } = await open({ a: {} });
    a.always(answer(200, chatAnswer('fine'), usedUp));
    for (let request = 0; request < 3; request++) expect((await gateway.ask()).status).toBe(200);
    const [decision] = gateway.journal.requests[1]?.decisions ?? [];
    expect(decision?.candidates[0]?.reason).toBe('quota rests for 60.0 s (its vendor says too few requests are left)');
    // No cap is broken for it: it is nothing to warn of at every request.
    expect(decision?.forced).toBeUndefined();
    expect(gateway.logLines.map(({ event }) => event)).not.toContain('choice forced');
  });
});

const noTokens = { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };
const rpmOfA = {
  kind: 'provider',
  name: 'a',
  id: 'provider:a',
  rates: { ...noRates, rpm: 1 },
  countsCacheReads: true,
} as const;
