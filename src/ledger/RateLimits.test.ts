import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noRates, rateScope, type Rates, type RateScope, type RateScopeKind } from '../vocabulary/index.ts';
import {
  noRateTokens,
  RateLimits,
  rateScopesMax,
  RateShares,
  rateTokensOf,
  type RateTake,
  type RateTokens,
} from './index.ts';

const scopeOf = (
  limits: Partial<Rates>,
  name = 'demo',
  kind: RateScopeKind = 'key',
  countsCacheReads = true,
): RateScope => {
  const scope = rateScope(kind, name, { ...noRates, ...limits }, countsCacheReads);
  if (scope === null) throw new Error('a scope has limits');
  return scope;
};

const tokens = (inputTokens: number, outputTokens = 0, cacheReadTokens = 0): RateTokens => ({
  inputTokens,
  cacheReadTokens,
  outputTokens,
});

const taken = (limits: RateLimits, who: readonly RateScope[], use: RateTokens, nowMs: number): RateTake => {
  const take = limits.take(who, use, nowMs);
  if (!take.ok) throw new Error(`refused: ${take.fault.dimension}`);
  return take.value;
};

describe('rate limits', () => {
  test('let a minute’s worth through at once, then as fast as it fills', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ rpm: 60 })];
    for (let request = 0; request < 60; request++) taken(limits, who, tokens(0), 0);
    expect(limits.take(who, tokens(0), 0)).toEqual({
      ok: false,
      fault: { scope: who[0], dimension: 'requests', limit: 60, retryAfterMs: 1000 },
    });
    expect(limits.take(who, tokens(0), 999).ok).toBe(false);
    expect(limits.take(who, tokens(0), 1000).ok).toBe(true);
  });

  test('take from all dimensions or from none', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ rpm: 2, tpm: 100 })];
    taken(limits, who, tokens(90), 0);
    for (let attempt = 0; attempt < 10; attempt++)
      expect(limits.take(who, tokens(50), 0)).toMatchObject({ ok: false, fault: { dimension: 'tokens' } });
    expect(limits.take(who, tokens(10), 0).ok).toBe(true);
    expect(limits.take(who, tokens(1), 0)).toMatchObject({ ok: false, fault: { dimension: 'requests' } });
  });

  test('take from all scopes or from none: what a team refuses uses up nothing of a key', () => {
    const limits = new RateLimits();
    const [key, team] = [scopeOf({ rpm: 10, streams: 5 }), scopeOf({ rpm: 1 }, 'research', 'team')];
    taken(limits, [team, key], tokens(0), 0);
    for (let attempt = 0; attempt < 20; attempt++)
      expect(limits.take([team, key], tokens(0), 0)).toMatchObject({ fault: { scope: team, retryAfterMs: 60_000 } });
    expect(limits.left([key], 0).requests?.remaining).toBe(9);
    expect(limits.underWay(key)).toBe(1);
  });

  test('count what goes in and what comes out apart, and both together', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ tpm: 1_000, inputTpm: 600, outputTpm: 500 })];
    taken(limits, who, tokens(300, 400), 0);
    const dimensionOf = (use: RateTokens) => {
      const refusal = limits.refusal(who[0] ?? scopeOf({}), use, 0);
      return refusal === null ? null : [refusal.dimension, refusal.retryAfterMs];
    };
    expect(dimensionOf(tokens(301, 0))).toEqual(['inputTokens', 100]);
    expect(dimensionOf(tokens(0, 101))).toEqual(['outputTokens', 120]);
    expect(dimensionOf(tokens(250, 100))).toEqual(['tokens', 3_000]);
    expect(dimensionOf(tokens(200, 100))).toBe(null);
    expect(limits.left(who, 0)).toEqual({
      requests: null,
      tokens: { limit: 1_000, remaining: 300, resetMs: 42_000 },
      inputTokens: { limit: 600, remaining: 300, resetMs: 30_000 },
      outputTokens: { limit: 500, remaining: 100, resetMs: 48_000 },
    });
  });

  test('count tokens from a prompt cache where the vendor counts them, and else not', () => {
    const limits = new RateLimits();
    const counting = scopeOf({ tpm: 1_000, inputTpm: 1_000 }, 'all', 'provider');
    const apart = scopeOf({ tpm: 1_000, inputTpm: 1_000 }, 'some', 'provider', false);
    const take = taken(limits, [counting, apart], tokens(900), 0);
    const used = rateTokensOf({ input: 10, cacheRead: 700, cacheWrite5m: 90, output: 40, reasoning: 60, requests: 1 });
    expect(used).toEqual({ inputTokens: 800, cacheReadTokens: 700, outputTokens: 100 });
    limits.settle(take, used, 0);
    expect(limits.left([counting], 0)).toMatchObject({ tokens: { remaining: 100 }, inputTokens: { remaining: 200 } });
    expect(limits.left([apart], 0)).toMatchObject({ tokens: { remaining: 800 }, inputTokens: { remaining: 900 } });
  });

  test('let as many be under way as may be, until one of them is over', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ streams: 2 })];
    const [first] = [taken(limits, who, tokens(5), 0), taken(limits, who, tokens(5), 0)];
    expect(limits.take(who, tokens(5), 600_000)).toMatchObject({ fault: { dimension: 'streams', limit: 2 } });
    limits.settle(first, tokens(5), 600_000);
    expect(limits.take(who, tokens(5), 600_000).ok).toBe(true);
  });

  test('replace what was expected by what was really used, once', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ tpm: 1000 })];
    const take = taken(limits, who, tokens(800), 0);
    limits.settle(take, tokens(100, 200), 0);
    expect(() => limits.settle(take, tokens(0), 0)).toThrow('settled once');
    expect(limits.take(who, tokens(701), 0).ok).toBe(false);
    expect(limits.take(who, tokens(700), 0).ok).toBe(true);
  });

  test('pay off what was used beyond the estimate before anything is let through', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ tpm: 60 })];
    limits.settle(taken(limits, who, tokens(1), 0), tokens(120), 0);
    expect(limits.take(who, tokens(1), 0)).toMatchObject({ fault: { retryAfterMs: 61_000 } });
    expect(limits.take(who, tokens(1), 61_000).ok).toBe(true);
  });

  test('give everything back to a request that was refused further on', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ rpm: 1, tpm: 100, streams: 1 })];
    for (let request = 0; request < 5; request++) limits.settle(taken(limits, who, tokens(100), 0), null, 0);
    expect(limits.take(who, tokens(100), 0).ok).toBe(true);
  });

  test('let a request larger than the whole minute through a full bucket, and pay it off', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ tpm: 100 })];
    taken(limits, who, tokens(300), 0);
    expect(limits.take(who, tokens(1), 60_000)).toMatchObject({ ok: false, fault: { retryAfterMs: 60_600 } });
    expect(limits.take(who, tokens(1), 120_600).ok).toBe(true);
  });

  test('tell of each dimension what the tightest scope has left', () => {
    const limits = new RateLimits();
    const who = [scopeOf({ rpm: 10, tpm: 50 }), scopeOf({ rpm: 5, tpm: 900, outputTpm: 7 }, 'research', 'team')];
    taken(limits, who, tokens(20), 0);
    expect(limits.left(who, 0)).toEqual({
      requests: { limit: 5, remaining: 4, resetMs: 12_000 },
      tokens: { limit: 50, remaining: 30, resetMs: 24_000 },
      inputTokens: null,
      outputTokens: { limit: 7, remaining: 7, resetMs: 0 },
    });
  });

  test('count each scope apart, also those of one name', () => {
    const limits = new RateLimits();
    taken(limits, [scopeOf({ rpm: 1 }, 'one')], tokens(0), 0);
    expect(limits.take([scopeOf({ rpm: 1 }, 'two')], tokens(0), 0).ok).toBe(true);
    expect(limits.take([scopeOf({ rpm: 1 }, 'one', 'team')], tokens(0), 0).ok).toBe(true);
    expect(limits.size).toBe(3);
  });

  test('keep a bounded number of scopes, and forget the fullest first, but none with a request under way [A35]', () => {
    const limits = new RateLimits();
    const busy = [scopeOf({ rpm: 60 }, 'busy')];
    for (let request = 0; request < 60; request++) limits.settle(taken(limits, busy, tokens(0), 0), noRateTokens, 0);
    const running = [scopeOf({ rpm: 1_000_000, streams: 1 }, 'running')];
    taken(limits, running, tokens(0), 0);
    for (let other = 0; other < rateScopesMax + 5; other++)
      limits.settle(taken(limits, [scopeOf({ rpm: 60 }, `key ${other}`)], tokens(0), 0), noRateTokens, 0);
    expect(limits.size).toBe(rateScopesMax);
    expect(limits.take(busy, tokens(0), 0)).toMatchObject({ fault: { dimension: 'requests' } });
    expect(limits.take(running, tokens(0), 0)).toMatchObject({ fault: { dimension: 'streams' } });
    taken(limits, [scopeOf({ rpm: 60 }, 'late')], tokens(0), 120_000);
    expect(limits.size).toBe(2);
  });

  test('tell of places that were taken while nobody else let requests through', () => {
    const shares = new RateShares();
    const limits = new RateLimits(shares);
    const who = [scopeOf({ streams: 4 })];
    const running = [taken(limits, who, tokens(0), 0), taken(limits, who, tokens(0), 0)];
    shares.settle(250_000, [], 0);
    expect(limits.uses(1_000)).toMatchObject([{ name: 'streams', limit: 4, least: 2 }]);
    for (const take of running) limits.settle(take, noRateTokens, 1_000);
    limits.uses(2_000);
    expect(limits.uses(60_000)).toEqual([]);
  });

  test('keep what is owed when a limit changes', () => {
    const limits = new RateLimits();
    for (let request = 0; request < 60; request++) taken(limits, [scopeOf({ rpm: 60 })], tokens(0), 0);
    expect(limits.take([scopeOf({ rpm: 600 })], tokens(0), 0)).toMatchObject({ fault: { retryAfterMs: 100 } });
    expect(limits.take([scopeOf({ tpm: 600 })], tokens(0), 0).ok).toBe(true);
  });

  const limit = fc.option(fc.integer({ min: 1, max: 100 }));
  const anyRates = fc.record({
    rpm: limit,
    tpm: limit,
    inputTpm: limit,
    outputTpm: limit,
    streams: fc.option(fc.integer({ min: 1, max: 4 })),
  });
  const use = fc.record({
    inputTokens: fc.nat({ max: 150 }),
    cacheReadTokens: fc.constant(0),
    outputTokens: fc.nat({ max: 150 }),
  });
  const acts = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('begin' as const), scopes: fc.subarray([0, 1, 2]), use, waitMs: fc.nat(20_000) }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(), use: fc.option(use), waitMs: fc.nat(20_000) }),
    ),
    { maxLength: 60 },
  );

  test('after any course of things count what is under way, are never above full, and let nothing change by a refusal', () => {
    fc.assert(
      fc.property(fc.tuple(anyRates, anyRates, anyRates), acts, (rates, course) => {
        const limits = new RateLimits();
        const all = rates.map((one, at) => rateScope('key', `key ${at}`, one));
        const open: { readonly take: RateTake; readonly scopes: readonly RateScope[] }[] = [];
        let nowMs = 0;
        for (const act of course) {
          nowMs += act.waitMs;
          if (act.kind === 'end') {
            const [over] = open.splice(act.which % Math.max(1, open.length), 1);
            if (over !== undefined) limits.settle(over.take, act.use, nowMs);
          } else {
            const scopes = act.scopes.map((at) => all[at] ?? null).filter((scope) => scope !== null);
            const before = scopes.map((scope) => limits.left([scope], nowMs));
            const take = limits.take(scopes, act.use, nowMs);
            if (take.ok) open.push({ take: take.value, scopes });
            else {
              expect(take.fault.retryAfterMs).toBeGreaterThan(0);
              expect(scopes.map((scope) => limits.left([scope], nowMs))).toEqual(before);
            }
          }
          for (const scope of all) {
            if (scope === null) continue;
            const underWay = open.filter(({ scopes }) => scopes.includes(scope)).length;
            expect(limits.underWay(scope)).toBe(underWay);
            expect(underWay).toBeLessThanOrEqual(scope.rates.streams ?? Infinity);
            for (const left of Object.values(limits.left([scope], nowMs))) {
              expect(left?.remaining ?? 0).toBeLessThanOrEqual(left?.limit ?? 0);
              expect(left?.resetMs ?? 0).toBeGreaterThanOrEqual(0);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('say truly when the same request will pass, and never let more through than a full bucket and its filling', () => {
    fc.assert(
      fc.property(fc.tuple(anyRates, anyRates), acts, (rates, course) => {
        const limits = new RateLimits();
        const all = rates.map((one, at) => rateScope('key', `key ${at}`, { ...one, streams: null }));
        const scopes = all.filter((scope) => scope !== null);
        const rpm = Math.min(...scopes.map((scope) => scope.rates.rpm ?? Infinity));
        let nowMs = 0;
        let requests = 0;
        for (const act of course) {
          nowMs += act.waitMs;
          if (act.use === null) continue;
          const take = limits.take(scopes, act.use, nowMs);
          if (take.ok) limits.settle(take.value, act.use, nowMs);
          else {
            // Whole seconds, as the header has them.
            nowMs += Math.ceil(take.fault.retryAfterMs / 1_000) * 1_000;
            const again = limits.take(scopes, act.use, nowMs);
            if (!again.ok) throw new Error(`${again.fault.dimension} after the wait that was told`);
            limits.settle(again.value, act.use, nowMs);
          }
          requests += 1;
          expect(requests <= rpm + (nowMs * rpm) / 60_000 + 1e-6).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });
});
