import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../kernel/index.ts';
import { answer, answerStream, hang, reset, ScriptedUpstream, type Script } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { RetryBudget } from '../router/index.ts';
import { drillCause, type MetDrill } from './drill/FaultPort.ts';
import { TestGateway, type TestGatewayOptions, type TestTarget } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

/** Targets called a, b, c, each dearer than the one before, so that they are tried in this order. */
const openTargets = async (
  count: number,
  options: Omit<TestGatewayOptions, 'targets'> = {},
  more: (index: number) => Partial<TestTarget> = () => ({}),
) => {
  const upstreams: ScriptedUpstream[] = [];
  const targets: TestTarget[] = [];
  for (let index = 0; index < count; index += 1) {
    const provider = 'abc'.charAt(index);
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer(`from ${provider}`)));
    upstreams.push(upstream);
    targets.push({ provider, upstream, inputPerMTok: String(1 + index), outputPerMTok: '1', ...more(index) });
  }
  const gateway = new TestGateway({ ...options, targets });
  opened.push(...upstreams, gateway);
  const [a, b, c] = upstreams;
  return { a: a!, b: b!, c: c!, gateway };
};

const targetOf = (reply: { readonly headers: Readonly<Record<string, string>> }): string | undefined =>
  reply.headers['x-archipel-target'];

const rateLimited = (headers: Readonly<Record<string, string>> = {}): Script =>
  answer(429, vendorError('Rate limit reached', 'rate_limit_error', 'rate_limit_exceeded'), headers);
const unauthorized = answer(
  401,
  vendorError('Incorrect API key provided: sk-a', 'invalid_request_error', 'invalid_api_key'),
);

describe('what a failure puts out', () => {
  it('429 puts the whole quota domain out, and the other domain serves', async () => {
    const { a, b, c, gateway } = await openTargets(3, {}, (index) => ({
      quotaDomain: index < 2 ? 'one account' : 'another account',
    }));
    a.next(rateLimited({ 'retry-after': '60' }));
    expect(targetOf(await gateway.ask())).toBe('c/vendor-model');
    expect(targetOf(await gateway.ask())).toBe('c/vendor-model');
    expect([a, b, c].map(({ calls }) => calls.length)).toEqual([1, 0, 2]);
  });

  it('401 puts one credential out, and the other of the same account serves; the client never sees the 401', async () => {
    const { a, b, gateway } = await openTargets(2, {}, () => ({ quotaDomain: 'one account' }));
    a.always(unauthorized);
    const reply = await gateway.ask();
    expect([reply.status, targetOf(reply)]).toEqual([200, 'b/vendor-model']);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    expect([a.calls.length, b.calls.length]).toEqual([1, 2]);
    expect(gateway.logLines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ scope: 'credential', name: 'a/main' }),
      }),
    );
  });

  it('where the only credential is refused, the client is told upstream_credentials, not 401', async () => {
    const { a, gateway } = await openTargets(1);
    a.always(unauthorized);
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([503, 'upstream_credentials']);
    expect(reply.text).not.toContain('sk-a');
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('a deployment that the vendor does not know leaves its credential alone', async () => {
    const { a, gateway } = await openTargets(2, {}, () => ({ credential: 'same/main' }));
    a.always(answer(404, vendorError('The model does not exist', 'invalid_request_error', 'model_not_found')));
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    expect(a.calls).toHaveLength(1);
  });

  it('three failures in a row put a target out, and live traffic brings it back', async () => {
    const { a, gateway } = await openTargets(2);
    a.next(answer(500, ''), answer(500, ''), answer(500, ''));
    for (const _ of [1, 2, 3]) expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    await gateway.ask();
    expect(a.calls, 'it is left alone').toHaveLength(3);
    gateway.clock.advance(1_100);
    expect(targetOf(await gateway.ask()), 'the probe is a request like any other').toBe('a/vendor-model');
    expect(targetOf(await gateway.ask())).toBe('a/vendor-model');
  });

  it('while one request probes, the others do not wait for it', async () => {
    const { a, gateway } = await openTargets(2);
    a.next(reset, reset, reset);
    for (const _ of [1, 2, 3]) await gateway.ask();
    gateway.clock.advance(1_100);
    a.next(hang);
    const probe = gateway.start();
    await a.call(4);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    probe.reply.leave();
    await probe.done;
  });

  it('a probe that fails keeps the target out longer, and is served by another', async () => {
    const { a, gateway } = await openTargets(2);
    a.always(answer(500, ''));
    for (const _ of [1, 2, 3]) await gateway.ask();
    gateway.clock.advance(1_100);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    gateway.clock.advance(1_100);
    await gateway.ask();
    expect(a.calls, 'twice as long').toHaveLength(4);
  });

  it("a vendor's content policy is the client's to hear, unless the policy of the file moves on", async () => {
    const filtered = answer(400, vendorError('filtered', 'invalid_request_error', 'content_filter'));
    const staying = await openTargets(2);
    staying.a.always(filtered);
    expect((await staying.gateway.ask()).status).toBe(400);
    const moving = await openTargets(2, { moveContentPolicy: true });
    moving.a.always(filtered);
    expect(targetOf(await moving.gateway.ask())).toBe('b/vendor-model');
  });
});

describe('how much is tried', () => {
  it('at most limits.attempts calls are made for one request', async () => {
    const { a, b, c, gateway } = await openTargets(3, { limits: { attempts: 2 } });
    for (const upstream of [a, b, c]) upstream.always(answer(500, ''));
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error'], reply.headers['x-archipel-attempts']]).toEqual([
      502,
      'all_targets_failed',
      '2',
    ]);
    expect(a.calls.length + b.calls.length + c.calls.length).toBe(2);
  });

  const comesRound = answer(508, vendorError('it comes round'), { 'x-archipel-error': 'loop_detected' });

  it('a target that leads back to a gateway is called once, and the client is told of the loop [A34]', async () => {
    const { a, gateway } = await openTargets(1);
    a.always(comesRound);
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error'], reply.headers['retry-after']]).toEqual([
      508,
      'loop_detected',
      undefined,
    ]);
    expect(a.calls).toHaveLength(1);
    expect(a.calls[0]!.headers['via']).toMatch(/^1\.1 archipel-[0-9a-f]{16}$/);
  });

  it('a target that leads back to a gateway is left for one that does not, and a 508 of a vendor is a fault like others [A34]', async () => {
    const { a, b, gateway } = await openTargets(2);
    a.always(comesRound);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
    expect([a.calls.length, b.calls.length]).toEqual([1, 1]);
    const other = await openTargets(1, { limits: { attempts: 2 } });
    other.a.always(answer(508, vendorError('mine')));
    expect((await other.gateway.ask()).status).toBe(502);
  });

  it('a retry budget that is used up ends the request with what it has', async () => {
    const { a, b, gateway } = await openTargets(2, { retryBudget: { share: 0, reserveMin: 2, refillPerSecond: 0 } });
    a.always(answer(400, vendorError('context length exceeded', 'invalid_request_error', 'context_length_exceeded')));
    const statuses = [];
    for (const _ of [1, 2, 3, 4]) statuses.push((await gateway.ask()).status);
    // The vendor speaks about the request itself: its words are the best there are.
    expect(statuses).toEqual([200, 200, 400, 400]);
    expect([a.calls.length, b.calls.length]).toEqual([4, 2]);
  });

  it("a client's own retries are no new work that makes room for more retries", async () => {
    const retried = async (headers: Readonly<Record<string, string>>): Promise<number> => {
      const { a, b, gateway } = await openTargets(2, {
        retryBudget: { share: 0.5, reserveMin: 0, refillPerSecond: 0 },
      });
      a.always(answer(400, vendorError('too long', 'invalid_request_error', 'context_length_exceeded')));
      for (let asked = 0; asked < 8; asked += 1) await gateway.ask({ headers });
      return b.calls.length;
    };
    expect(await retried({ 'x-stainless-retry-count': '0' })).toBeGreaterThanOrEqual(3);
    // The peak of one request in flight lets one through; the client's retries earn nothing more.
    expect(await retried({ 'x-stainless-retry-count': '1' })).toBe(1);
  });

  it('a request that meets a live drill takes its further calls from the budget of the drill', async () => {
    const drillBudget = new RetryBudget({ share: 0, reserveMin: 2, refillPerSecond: 0 });
    const drill: MetDrill = {
      id: 'a drill',
      retryBudget: drillBudget,
      restOf: () => null,
      fault: ({ target }) => (target.provider === 'a' ? { class: 'transient', cause: drillCause } : null),
      ended: () => undefined,
    };
    let met: MetDrill | null = drill;
    const { a, gateway } = await openTargets(2, {
      retryBudget: { share: 0, reserveMin: 1, refillPerSecond: 0 },
      faults: { drillOf: () => met },
    });
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await gateway.ask()).status);
    expect(statuses).toEqual([200, 200, 502]);
    met = null;
    a.always(answer(500, ''));
    expect((await gateway.ask()).status, 'the retries of everybody else are all there').toBe(200);
  });

  it('a request past its deadline ends with 504, and its call is broken off', async () => {
    const { a, gateway } = await openTargets(1, { limits: { totalMs: 60 } });
    a.always(hang);
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['x-archipel-error']]).toEqual([504, 'deadline_exceeded']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(await a.calls[0]!.ended).toBe(false);
  });
});

describe('case 23: what a vendor says about waiting', () => {
  interface WaitCase {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly waitMs?: number;
    readonly action?: string;
  }

  const cases: readonly WaitCase[] = JSON.parse(
    readFileSync(new URL('../../test/fixtures/cases/23-retry-after-ignored.cases.json', import.meta.url), 'utf8'),
  );
  const waitMsMax = 2_000;
  const named = cases.map((one) => [`${one.status} ${JSON.stringify(one.headers)}`, one] as const);

  const scriptOf = ({ status, headers, body }: WaitCase, clock: Clock): Script => {
    if (status === 200) return answer(200, chatAnswer('at once'), headers);
    return (response, call) => {
      const date = new Date(clock.nowMs() + 7_000).toUTCString();
      const filled = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, value.replace('$httpDate(+7s)', date)]),
      );
      return answer(status, body ?? vendorError('wait', 'error'), filled)(response, call);
    };
  };

  it.concurrent.for(named)(
    '%s: the only target is waited for, or the client is told when to come back',
    async ([, one], { expect }) => {
      await using upstream = await ScriptedUpstream.open(answer(200, chatAnswer('after the wait')));
      await using gateway = new TestGateway({ targets: [{ provider: 'only', upstream }] });
      upstream.next(scriptOf(one, gateway.clock));
      const reply = await gateway.ask();
      const [first, second] = upstream.calls;
      if (one.action === 'no-retry' || one.action === 'no-retry-same-target') {
        expect(upstream.calls).toHaveLength(1);
        expect(reply.status).toBe(one.status);
      } else if (one.action === 'none') {
        expect(upstream.calls).toHaveLength(1);
        expect(reply.status).toBe(200);
      } else if ((one.waitMs ?? 0) > waitMsMax || one.action === 'other-target-now') {
        expect(upstream.calls).toHaveLength(1);
        expect([reply.status, reply.headers['x-archipel-error']]).toEqual([429, 'rate_limited']);
        const toldS = Number(reply.headers['retry-after']);
        const statedS = Math.ceil((one.waitMs ?? 3_600_000) / 1_000);
        // A date has whole seconds: up to one of them has passed already.
        expect([statedS, statedS - 1]).toContain(toldS);
      } else {
        expect(reply.status).toBe(200);
        expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(one.waitMs ?? 900);
      }
    },
  );

  it.concurrent.for(named)(
    '%s: where there is another target, it serves at once, and nobody is asked inside the window',
    async ([, one], { expect }) => {
      await using first = await ScriptedUpstream.open(answer(200, chatAnswer('first')));
      await using second = await ScriptedUpstream.open(answer(200, chatAnswer('second')));
      await using gateway = new TestGateway({
        targets: [
          { provider: 'first', upstream: first },
          { provider: 'second', upstream: second, inputPerMTok: '9' },
        ],
      });
      first.next(scriptOf(one, gateway.clock));
      const reply = await gateway.ask();
      if (one.action === 'no-retry') {
        expect(reply.status).toBe(400);
        expect(second.calls).toHaveLength(0);
        return;
      }
      expect(targetOf(reply)).toBe(one.action === 'none' ? 'first/vendor-model' : 'second/vendor-model');
      await gateway.ask();
      expect(first.calls).toHaveLength(one.action === 'none' ? 2 : 1);
      if (one.waitMs === undefined) return;
      gateway.clock.advance(one.waitMs);
      await gateway.ask();
      expect(first.calls, 'after the window it is asked again').toHaveLength(2);
    },
  );

  it('where all are exhausted, the smallest stated wait is passed on', async () => {
    const { a, b, gateway } = await openTargets(2);
    a.always(rateLimited({ 'retry-after': '40' }));
    b.always(rateLimited({ 'retry-after': '30' }));
    const reply = await gateway.ask();
    expect([reply.status, reply.headers['retry-after']]).toEqual([429, '30']);
    const next = await gateway.ask();
    expect([next.status, next.headers['x-archipel-error'], next.headers['retry-after']]).toEqual([
      429,
      'rate_limited',
      '30',
    ]);
    expect([a.calls.length, b.calls.length], 'and nobody is asked inside the window').toEqual([1, 1]);
  });
});

describe('case 39: a provisioned deployment that is full', () => {
  interface Step {
    readonly atMs: number;
    readonly ptu?: { readonly status: number; readonly headers?: Readonly<Record<string, string>> };
    readonly expectServedBy: string;
    readonly expectBookedAs?: string;
  }

  const { timeline }: { readonly timeline: readonly Step[] } = JSON.parse(
    readFileSync(new URL('../../test/fixtures/cases/39-ptu-overflow.scenario.json', import.meta.url), 'utf8'),
  );

  it('spills over at once and is used again as soon as the wait that it stated is over', async () => {
    const names = ['ptu', 'paygo'];
    const { a, gateway } = await openTargets(2, {}, (index) => ({
      provider: names[index]!,
      ...(index === 0 ? { inputPerMTok: '0', outputPerMTok: '0' } : { inputPerMTok: '2.5', outputPerMTok: '10' }),
    }));
    gateway.clock.stop();
    let nowMs = 0;
    for (const { atMs, ptu, expectServedBy, expectBookedAs } of timeline) {
      gateway.clock.advance(atMs - nowMs);
      nowMs = atMs;
      const { status = 200, headers = {} } = ptu ?? {};
      if (ptu !== undefined)
        a.next(status === 200 ? answer(200, chatAnswer('paid for'), headers) : rateLimited(headers));
      const reply = await gateway.ask();
      expect([reply.status, targetOf(reply)], `after ${atMs} ms`).toEqual([200, `${expectServedBy}/vendor-model`]);
      const tier = gateway.journal.finals.at(-1)?.servedTier ?? null;
      expect(tier).toBe(expectBookedAs === 'on-demand' ? 'spillover' : null);
    }
    expect(a.calls, 'nobody asks it while it is full').toHaveLength(3);
  });

  it('is waited for by whoever comes meanwhile where there is nobody else', async () => {
    const { a, gateway } = await openTargets(1, { limits: { attempts: 1 } });
    a.next(rateLimited({ 'retry-after-ms': '350', 'retry-after': '1' }));
    expect((await gateway.ask()).status, 'its only attempt').toBe(429);
    expect((await gateway.ask()).status).toBe(200);
    const [first, second] = a.calls;
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(350);
  });
});

describe('a parameter that a target takes under another name', () => {
  const refused = answer(400, {
    error: {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      type: 'invalid_request_error',
      param: 'max_tokens',
      code: 'unsupported_parameter',
    },
  });
  const body = { max_tokens: 77 };

  it('is said in the other way once, and from then on at once', async () => {
    const { a, gateway } = await openTargets(1);
    a.next(refused);
    const reply = await gateway.ask({ body });
    expect([reply.status, reply.headers['x-archipel-attempts']]).toEqual([200, '2']);
    expect(a.calls[1]!.body.toString()).toBe(
      a.calls[0]!.body.toString().replace('"max_tokens"', '"max_completion_tokens"'),
    );
    expect(gateway.journal.finals[1]!.edits).toContain('max_tokens->max_completion_tokens');
    await gateway.ask({ body });
    expect(JSON.parse(a.calls[2]!.body.toString())).toMatchObject({ max_completion_tokens: 77 });
    expect(a.calls).toHaveLength(3);
  });

  it('a target that refuses both gives its answer to the client after one correction', async () => {
    const { a, gateway } = await openTargets(1);
    a.always(refused);
    const reply = await gateway.ask({ body });
    expect(reply.status).toBe(400);
    expect(a.calls).toHaveLength(2);
  });

  it('a target that refuses it gives its answer to the client, too, where nobody else can be told the request', async () => {
    const { a, b, gateway } = await openTargets(2, {}, (index) => (index === 0 ? {} : { wire: 'anthropic' }));
    a.always(answer(400, vendorError("Unknown parameter: 'foo'.", 'invalid_request_error', 'unknown_parameter')));
    const reply = await gateway.ask({ body: { foo: 1 } });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("Unknown parameter: 'foo'.")]);
    expect([a.calls.length, b.calls.length]).toEqual([1, 0]);
  });

  it('a parameter that shapes the answer is never dropped: another target is asked', async () => {
    const { a, b, gateway } = await openTargets(2);
    a.always(
      answer(
        400,
        vendorError(
          "Unsupported parameter: 'temperature' is not supported with this model.",
          'invalid_request_error',
          'unsupported_parameter',
        ),
      ),
    );
    expect(targetOf(await gateway.ask({ body: { temperature: 0.2 } }))).toBe('b/vendor-model');
    expect(JSON.parse(b.calls[0]!.body.toString())).toMatchObject({ temperature: 0.2 });
  });
});

describe('what a vendor learns of the client', () => {
  it('is the body, the headers of the list, and nothing of the caller [A19] [A30]', async () => {
    const { a, gateway } = await openTargets(1);
    await gateway.ask({
      headers: {
        authorization: 'Bearer sk-callers-own',
        'x-api-key': 'sk-callers-own',
        cookie: 'session=1',
        'user-agent': 'someone/1',
        'openai-beta': 'assistants=v2',
        'x-forwarded-for': '10.1.2.3',
      },
    });
    const { headers, rawHeaders } = a.calls[0]!;
    expect(headers).toMatchObject({
      authorization: 'Bearer sk-a',
      'openai-beta': 'assistants=v2',
      'user-agent': 'archipel',
    });
    expect(rawHeaders.join('\n')).not.toMatch(/sk-callers-own|session=1|someone|10\.1\.2\.3/);
  });

  it('is no header that is meant for one hop alone, in neither direction [A30]', async () => {
    const { a, gateway } = await openTargets(1);
    const answered = { 'x-request-id': 'of-the-hop', 'openai-version': '2020', connection: 'close, X-Request-Id' };
    a.always(answer(200, chatAnswer('fine'), answered));
    const reply = await gateway.ask({ headers: { 'openai-beta': 'b', connection: 'keep-alive,OpenAI-Beta' } });
    expect(a.calls[0]!.headers['openai-beta']).toBeUndefined();
    expect([reply.headers['x-request-id'], reply.headers['openai-version']]).toEqual([undefined, '2020']);
  });

  it('is nothing of the answer to another credential: a second answer on a connection is never read', async () => {
    const { a, gateway } = await openTargets(1);
    a.next((response) => {
      const body = JSON.stringify(chatAnswer('first'));
      const poison = JSON.stringify(chatAnswer('poison'));
      const head = (bytes: string): string =>
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(bytes)}\r\n\r\n`;
      response.socket?.write(head(body) + body + head(poison) + poison);
    });
    expect((await gateway.ask()).text).toContain('first');
    expect((await gateway.ask()).text).not.toContain('poison');
  });

  it('streams go on while others start: one stream does not hold another up', async () => {
    const { a, gateway } = await openTargets(1);
    a.next(answerStream(chatEvents.text('slow'), 'hang'));
    const slow = gateway.start({ stream: true });
    await slow.reply.until(({ text }) => text.includes('slow'));
    expect((await gateway.ask()).status).toBe(200);
    slow.reply.leave();
    await slow.done;
  });
});

describe('a vendor that hangs from the start on', () => {
  it('is left alone long before the first request to it is given up', async () => {
    const { a, b, gateway } = await openTargets(2);
    a.always(hang);
    const held = Array.from({ length: 5 }, () => gateway.start({ stream: true }));
    await a.call(5);
    // An eighth of what a stream is given for its first byte.
    gateway.clock.advance(1_300);
    await gateway.ask();
    expect([a, b].map(({ calls }) => calls.length)).toEqual([5, 1]);
    for (const { reply, done } of held) {
      reply.leave();
      await done;
    }
  });

  it('has more time where its answers come whole', async () => {
    const { a, b, gateway } = await openTargets(2);
    a.next(...Array.from({ length: 5 }, () => hang));
    const held = Array.from({ length: 5 }, () => gateway.start());
    await a.call(5);
    gateway.clock.advance(4_500);
    await gateway.ask();
    gateway.clock.advance(4_500);
    expect([a, b].map(({ calls }) => calls.length)).toEqual([6, 0]);
    for (const { reply, done } of held) {
      reply.leave();
      await done;
    }
  });
});

describe('a pause of this process', () => {
  it('is not taken for silence of a vendor that has answered meanwhile', async () => {
    const { a, b, gateway } = await openTargets(2, { limits: { firstByteMs: 50 } });
    a.next((response, call) => {
      void answer(200, chatAnswer('in time'))(response, call);
      // The answer lies in the socket while nothing runs here, the gateway's clock neither.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    });
    const reply = await gateway.ask();
    expect([reply.status, targetOf(reply)]).toEqual([200, 'a/vendor-model']);
    expect(b.calls).toEqual([]);
  });

  it('is not taken for silence of a vendor that had no time to answer', async () => {
    const { a, b, gateway } = await openTargets(2, { limits: { firstByteMs: 500 } });
    a.next((response, call) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
      // Some turns after the first that follows the pause.
      setImmediate(() =>
        setImmediate(() => setImmediate(() => void answer(200, chatAnswer('at last'))(response, call))),
      );
    });
    const reply = await gateway.ask();
    expect([reply.status, targetOf(reply)]).toEqual([200, 'a/vendor-model']);
    expect(b.calls).toEqual([]);
  });

  it('does not keep a silent vendor from being left', async () => {
    const { a, gateway } = await openTargets(2, { limits: { firstByteMs: 50 } });
    a.next(hang);
    expect(targetOf(await gateway.ask())).toBe('b/vendor-model');
  });
});
