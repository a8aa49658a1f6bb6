import { describe, expect, it } from 'vitest';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { answer, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream, vendorError } from '../../test/rigs/vendorAnswers.ts';
import { logicalModel, TestGateway, type TestTarget } from './openTestGateway.fixture.ts';

const end = endAfterEach();

/** Targets called a, b, c, each a dollar per million tokens dearer than the one before. */
const open = async (differs: readonly Partial<TestTarget>[], policy: Readonly<Record<string, unknown>> = {}) => {
  const upstreams: ScriptedUpstream[] = [];
  const targets: TestTarget[] = [];
  for (const [index, more] of differs.entries()) {
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('Hello')));
    end(() => upstream[Symbol.asyncDispose]());
    upstreams.push(upstream);
    targets.push({
      provider: 'abc'.charAt(index),
      upstream,
      inputPerMTok: String(1 + index),
      outputPerMTok: '1',
      ...more,
    });
  }
  const gateway = new TestGateway({ targets, policy });
  end(() => gateway[Symbol.asyncDispose]());
  const ask = async (content = 'Hello') => {
    const reply = await gateway.ask({ body: { messages: [{ role: 'user', content }] } });
    const decisions = gateway.journal.requests.at(-1)?.decisions ?? [];
    return { target: reply.headers['x-archipel-target']?.charAt(0), status: reply.status, decisions };
  };
  return { gateway, upstreams, ask };
};

/** Answers of 100 tokens that took so long in all. */
const taught = (gateway: TestGateway, provider: string, durationMs: number): void => {
  const target = `${provider}/vendor-model`;
  const about = { model: logicalModel, target, inputTokens: 10, outputTokens: 100 };
  const seen = { ...about, firstContentMs: 100, durationMs, stalledMs: 0 };
  for (let count = 0; count < 8; count++) gateway.latencies.observe(seen, gateway.clock.monotonicMs());
};

describe('the objective', () => {
  it('latency goes to the fastest, and tells what it expected', async () => {
    const { gateway, ask } = await open([{}, {}], { objective: 'latency' });
    taught(gateway, 'a', 9_000);
    taught(gateway, 'b', 1_000);
    const { target, decisions } = await ask();
    expect(target).toBe('b');
    expect(decisions[0]).toMatchObject({ rules: ['the fastest goes first'] });
    const [a, b] = decisions[0]!.candidates;
    expect(a!.terms!.latencyMs).toBeGreaterThan(6_000);
    expect(b!.terms!.latencyMs).toBeLessThan(4_000);
    expect(a!.score).toBeGreaterThan(b!.score!);
  });

  it('balanced weighs a second by what it is worth', async () => {
    for (const [usdPerSecond, cheaper] of [
      ['0.000000001', 'a'],
      ['0.01', 'b'],
    ]) {
      const { gateway, ask } = await open([{}, {}], { objective: 'balanced', usdPerSecond });
      taught(gateway, 'a', 9_000);
      taught(gateway, 'b', 1_000);
      expect((await ask()).target).toBe(cheaper);
    }
  });

  it('cost looks at no time, nor does any objective where nothing is known of a model', async () => {
    const { gateway, ask } = await open([{}, {}]);
    taught(gateway, 'a', 9_000);
    const { target, decisions } = await ask();
    expect([target, decisions[0]?.rules, decisions[0]?.candidates[0]?.terms]).toEqual(['a', undefined, undefined]);
    const unknown = await open([{}, {}], { objective: 'latency' });
    expect((await unknown.ask()).target).toBe('a');
  });

  it('is learnt from streams and from whole answers', async () => {
    const { gateway, upstreams, ask } = await open([{}]);
    await ask();
    expect(gateway.latencies.snapshot(gateway.clock.monotonicMs())).toMatchObject([
      { target: 'a/vendor-model', tokensPerS: { p50: null } },
    ]);
    upstreams[0]!.next(chatStream('Hello', [10, 50]));
    await gateway.ask({ stream: true });
    const [known] = gateway.latencies.snapshot(gateway.clock.monotonicMs());
    expect(known!.answers).toBeCloseTo(2, 1);
    expect(known!.tokensPerS.p50).toBeGreaterThan(0);
  });
});

describe('weights and canaries', () => {
  it('go before any price, and what fails goes to the next unseen', async () => {
    const { upstreams, ask } = await open([{}, { canary: 1 }, {}]);
    const first = await ask();
    expect(first.target).toBe('b');
    expect(first.decisions[0]).toMatchObject({
      rules: ['canary: b/vendor-model goes first'],
      candidates: [{ terms: { weight: 2 } }, { terms: { weight: 0 } }, { terms: { weight: 2 } }],
    });
    upstreams[1]!.always(answer(500, vendorError('oops', 'server_error')));
    expect(await ask()).toMatchObject({ target: 'a', status: 200, decisions: [{ chosen: 'b/vendor-model' }, {}] });
  });

  it('share requests out as they say', async () => {
    const { upstreams, ask } = await open([{ weight: 1 }, { weight: 3 }, {}]);
    for (let count = 0; count < 80; count++) expect((await ask(`Hello ${count}`)).status).toBe(200);
    const [a, b, c] = upstreams.map(({ calls }) => calls.length);
    expect([a! + b!, c]).toEqual([80, 0]);
    expect(b!).toBeGreaterThan(40);
    expect(a!).toBeGreaterThan(0);
  });

  it('keep a conversation together', async () => {
    const { upstreams, ask } = await open([{ weight: 1 }, { weight: 1 }]);
    for (let count = 0; count < 10; count++) await ask();
    expect(upstreams.map(({ calls }) => calls.length)).toContain(10);
  });
});
