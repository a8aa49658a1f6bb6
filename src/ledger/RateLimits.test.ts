import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateBucketsMax, RateLimits, type RateHolder, type RateTake } from './index.ts';

const holder = (rpm: number | null, tpm: number | null, key = 'demo'): RateHolder => ({ key, limits: { rpm, tpm } });

const taken = (limits: RateLimits, who: RateHolder, tokens: number, nowMs: number): RateTake => {
  const take = limits.take(who, tokens, nowMs);
  if (!take.ok) throw new Error(`refused: ${take.fault.dimension}`);
  return take.value;
};

describe('rate limits', () => {
  test('let a minute’s worth through at once, then as fast as it fills', () => {
    const limits = new RateLimits();
    const who = holder(60, null);
    for (let request = 0; request < 60; request++) taken(limits, who, 0, 0);
    expect(limits.take(who, 0, 0)).toEqual({
      ok: false,
      fault: { dimension: 'requests', limitPerMinute: 60, retryAfterMs: 1000 },
    });
    expect(limits.take(who, 0, 999).ok).toBe(false);
    expect(limits.take(who, 0, 1000).ok).toBe(true);
  });

  test('take from both dimensions or from neither', () => {
    const limits = new RateLimits();
    const who = holder(2, 100);
    taken(limits, who, 90, 0);
    for (let attempt = 0; attempt < 10; attempt++)
      expect(limits.take(who, 50, 0)).toMatchObject({ ok: false, fault: { dimension: 'tokens' } });
    expect(limits.take(who, 10, 0).ok).toBe(true);
    expect(limits.take(who, 1, 0)).toMatchObject({ ok: false, fault: { dimension: 'requests' } });
  });

  test('correct the estimate by what was really used, once, and add what further attempts used', () => {
    const limits = new RateLimits();
    const who = holder(null, 1000);
    const take = taken(limits, who, 800, 0);
    limits.correct(take, 100, 0);
    limits.correct(take, 200, 0);
    expect(limits.take(who, 701, 0).ok).toBe(false);
    expect(limits.take(who, 700, 0).ok).toBe(true);
  });

  test('pay off what was used beyond the estimate before anything is let through', () => {
    const limits = new RateLimits();
    const who = holder(null, 60);
    limits.correct(taken(limits, who, 1, 0), 120, 0);
    expect(limits.take(who, 1, 0)).toMatchObject({ fault: { retryAfterMs: 61_000 } });
    expect(limits.take(who, 1, 61_000).ok).toBe(true);
  });

  test('give everything back to a request that was refused further on', () => {
    const limits = new RateLimits();
    const who = holder(1, 100);
    for (let request = 0; request < 5; request++) limits.refund(taken(limits, who, 100, 0), 0);
    expect(limits.take(who, 100, 0).ok).toBe(true);
  });

  test('let a request larger than the whole minute through a full bucket, and pay it off', () => {
    const limits = new RateLimits();
    const who = holder(null, 100);
    taken(limits, who, 300, 0);
    expect(limits.take(who, 1, 60_000)).toMatchObject({ ok: false, fault: { retryAfterMs: 60_600 } });
    expect(limits.take(who, 1, 120_600).ok).toBe(true);
  });

  test('count each key apart, and no key without limits', () => {
    const limits = new RateLimits();
    taken(limits, holder(1, null, 'one'), 0, 0);
    expect(limits.take(holder(1, null, 'two'), 0, 0).ok).toBe(true);
    for (let request = 0; request < 100; request++) taken(limits, holder(null, null, 'free'), 1_000_000, 0);
    expect(limits.size).toBe(2);
  });

  test('keep a bounded number of buckets, and forget the fullest first [A35]', () => {
    const limits = new RateLimits();
    taken(limits, holder(60, null, 'busy'), 0, 0);
    for (let other = 0; other < 59; other++) taken(limits, holder(60, null, 'busy'), 0, 0);
    for (let other = 0; other < rateBucketsMax + 5; other++) taken(limits, holder(60, null, `key ${other}`), 0, 0);
    expect(limits.size).toBe(rateBucketsMax);
    expect(limits.take(holder(60, null, 'busy'), 0, 0).ok).toBe(false);
    taken(limits, holder(60, null, 'late'), 0, 120_000);
    expect(limits.size).toBe(1);
  });

  test('keep what is owed when a limit changes', () => {
    const limits = new RateLimits();
    for (let request = 0; request < 60; request++) taken(limits, holder(60, null), 0, 0);
    expect(limits.take(holder(600, null), 0, 0)).toMatchObject({ ok: false, fault: { retryAfterMs: 100 } });
    expect(limits.take(holder(null, null), 0, 0).ok).toBe(true);
  });

  test('say truly when the same request will pass, and never let more through than a full bucket and its filling', () => {
    const act = fc.record({
      waitMs: fc.nat({ max: 20_000 }),
      tokens: fc.nat({ max: 150 }),
      actual: fc.option(fc.nat({ max: 150 })),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(act, { maxLength: 60 }),
        (rpm, tpm, acts) => {
          const limits = new RateLimits();
          const who = holder(rpm, tpm);
          let nowMs = 0;
          let requests = 0;
          for (const { waitMs, tokens, actual } of acts) {
            nowMs += waitMs;
            const take = limits.take(who, tokens, nowMs);
            if (!take.ok) {
              const { retryAfterMs } = take.fault;
              expect(retryAfterMs > 0).toBe(true);
              nowMs += retryAfterMs;
              const again = limits.take(who, tokens, nowMs);
              expect(again.ok).toBe(true);
            } else if (actual !== null) limits.correct(take.value, actual, nowMs);
            requests += 1;
            expect(requests <= rpm + (nowMs * rpm) / 60_000 + 1e-6).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
