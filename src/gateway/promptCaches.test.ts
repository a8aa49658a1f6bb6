import { afterEach, describe, expect, it } from 'vitest';
import { answer, answerStream, ScriptedUpstream } from '../../test/rigs/ScriptedUpstream.ts';
import { chatAnswer, chatEvents } from '../../test/rigs/vendorAnswers.ts';
import { TestGateway, type TestGatewayOptions, type TestReply } from './openTestGateway.fixture.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const cache = { marked: false, lifetimeMs: 300_000, hourMs: 300_000, tokensMin: 1_024 };

/** Two targets whose caches read at a tenth; the dearer one costs so much an input token. US dollars per million. */
const openTwo = async (dearer: string, options: Omit<TestGatewayOptions, 'targets'> = {}) => {
  const upstreams = await Promise.all(
    ['a', 'b'].map((name) => ScriptedUpstream.open(answer(200, chatAnswer(`from ${name}`)))),
  );
  const [a, b] = [upstreams[0]!, upstreams[1]!];
  const more = { outputPerMTok: '1', promptCache: cache };
  const gateway = new TestGateway({
    ...options,
    targets: [
      { provider: 'a', upstream: a, inputPerMTok: '1', cacheReadPerMTok: '0.1', ...more },
      { provider: 'b', upstream: b, inputPerMTok: dearer, cacheReadPerMTok: '0.1', ...more },
    ],
  });
  opened.push(...upstreams, gateway);
  return { a, b, gateway };
};

const system = { role: 'system', content: 'word '.repeat(2_000) };
const turns = (count: number) => ({
  messages: [
    system,
    ...Array.from({ length: count }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: 'Go on',
    })),
  ],
});

const targetOf = ({ headers }: TestReply): string | undefined => headers['x-archipel-target'];

/** The first turn goes to b, as a is out for a moment. */
const beginAtB = async ({ a, gateway }: Awaited<ReturnType<typeof openTwo>>): Promise<void> => {
  a.next(answer(429, '{}', { 'retry-after': '1' }));
  expect(targetOf(await gateway.ask({ body: turns(1) }))).toBe('b/vendor-model');
  gateway.clock.advance(2_000);
};

describe('prompt caches', () => {
  it('bring the next turn back to the target that has read the conversation, though another is cheaper', async () => {
    const two = await openTwo('1.2');
    await beginAtB(two);
    expect(targetOf(await two.gateway.ask({ body: turns(3) }))).toBe('b/vendor-model');
    expect(targetOf(await two.gateway.ask({ body: { messages: [{ role: 'user', content: 'Hello' }] } }))).toBe(
      'a/vendor-model',
    );
    const [, second] = two.gateway.journal.requests;
    const at = (target: string) => second?.decisions[0]?.candidates.find((one) => one.target === target);
    expect(at('b/vendor-model')?.terms?.cachedTokens).toBeGreaterThan(2_000);
    expect(at('a/vendor-model')?.terms?.cachedTokens).toBeUndefined();
  });

  it('hold what was read though its client has left', async () => {
    const two = await openTwo('1.2');
    two.a.next(answer(429, '{}', { 'retry-after': '1' }));
    two.b.next(answerStream(chatEvents.role + chatEvents.text('so far'), 'hang'));
    const { reply, done } = two.gateway.start({ body: turns(1), stream: true });
    await reply.until(({ text }) => text.includes('so far'));
    reply.leave();
    await done;
    two.gateway.clock.advance(2_000);
    expect(targetOf(await two.gateway.ask({ body: turns(3) }))).toBe('b/vendor-model');
  });

  it('do not where the other is cheaper by more than what is kept is worth, and tell what was left behind', async () => {
    const two = await openTwo('30');
    await beginAtB(two);
    const body = { messages: [...turns(1).messages, { role: 'assistant', content: 'x'.repeat(20_000) }, system] };
    expect(targetOf(await two.gateway.ask({ body }))).toBe('a/vendor-model');
    const move = two.gateway.journal.requests[1]?.decisions[0]?.move;
    expect(move?.from).toBe('b/vendor-model');
    expect(move?.usd).toBeGreaterThan(0.07);
    expect(two.gateway.counts.get('archipel_cache_moves_total{model=logical,target=b/vendor-model}')).toBe(1);
    const [, left] = two.gateway.gateway.cacheStandings;
    expect(two.gateway.gateway.cacheStandings).toEqual([
      { target: 'b/vendor-model', inputTokens: expect.any(Number), cacheReadTokens: 0, moves: 1, movedUsd: move?.usd },
      { target: 'a/vendor-model', inputTokens: expect.any(Number), cacheReadTokens: 0, moves: 0, movedUsd: 0 },
    ]);
    expect(left?.inputTokens).toBeGreaterThan(0);
    expect(two.gateway.counts.get('archipel_cache_move_usd_total{model=logical,target=b/vendor-model}')).toBe(
      move?.usd,
    );
  });

  it('are over after their time, and are nobody elses', async () => {
    const two = await openTwo('1.2');
    await beginAtB(two);
    const other = { principal: { team: 'other', key: 'other', hash: 'f'.repeat(64) } };
    expect(targetOf(await two.gateway.ask({ body: turns(3), ...other }))).toBe('a/vendor-model');
    two.gateway.clock.advance(300_000);
    expect(targetOf(await two.gateway.ask({ body: turns(3) }))).toBe('a/vendor-model');
  });

  it('count for a model that keeps marked prompts only where one is marked', async () => {
    const upstream = await ScriptedUpstream.open(answer(200, chatAnswer('hi')));
    const marked = { ...cache, marked: true };
    const prices = { inputPerMTok: '1', cacheReadPerMTok: '0.1', outputPerMTok: '1' };
    const gateway = new TestGateway({
      targets: ['a', 'b'].map((provider) => ({ provider, upstream, promptCache: marked, ...prices })),
    });
    opened.push(upstream, gateway);
    const askTwice = async (content: unknown): Promise<number | undefined> => {
      const messages = [{ role: 'user', content }];
      await gateway.ask({ body: { messages } });
      await gateway.ask({ body: { messages } });
      const terms = gateway.journal.requests
        .at(-1)
        ?.decisions[0]?.candidates.map((one) => one.terms?.cachedTokens ?? 0);
      return Math.max(...(terms ?? []));
    };
    const text = 'word '.repeat(2_000);
    expect(await askTwice(text)).toBe(0);
    expect(await askTwice([{ type: 'text', text, cache_control: { type: 'ephemeral' } }])).toBeGreaterThan(2_000);
  });

  it('are named to a vendor by another name where tenants may have chosen the same', async () => {
    const two = await openTwo('1.2', { hasSeveralTenants: true });
    await two.gateway.ask({ body: { prompt_cache_key: 'app' } });
    await two.gateway.ask({ body: { prompt_cache_key: 'app' }, principal: { team: 'other', hash: 'e'.repeat(64) } });
    const [one, other] = two.a.calls.map(({ body }) => JSON.parse(body.toString())['prompt_cache_key']);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(one);
    expect(two.gateway.journal.finals[0]?.edits).toContain('prompt_cache_key');
  });
});
