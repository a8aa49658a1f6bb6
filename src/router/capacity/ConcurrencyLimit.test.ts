import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConcurrencyLimit } from './ConcurrencyLimit.ts';

const bounds = { limitMin: 8, limitMax: 1_000 };

const enter = (limit: ConcurrencyLimit, times: number): void => {
  for (let time = 0; time < times; time++) limit.enter();
};

const leave = (limit: ConcurrencyLimit, times: number): void => {
  for (let time = 0; time < times; time++) limit.leave();
};

/** A second of answers. */
const round = (limit: ConcurrencyLimit, ratio: number, fromMs: number): void => {
  for (let answer = 0; answer < 10; answer++) limit.answered(ratio, fromMs + answer * 100);
};

/** Under way at most, and refused then. */
const loweredTo = (under: number): ConcurrencyLimit => {
  const limit = new ConcurrencyLimit(bounds);
  enter(limit, under);
  limit.refused(0, under, 10);
  return limit;
};

describe('how many requests a quota domain bears', () => {
  test('is not limited before it ever refused or slowed', () => {
    const limit = new ConcurrencyLimit(bounds);
    enter(limit, 900);
    expect(limit.standing).toEqual({ inFlight: 900, limit: null });
    expect(limit.isFull).toBe(false);
  });

  test('sinks below what was under way at a refusal, once for all that were', () => {
    const limit = loweredTo(100);
    expect(limit.standing.limit).toBe(70);
    limit.refused(5, 100, 20);
    expect(limit.standing.limit).toBe(70);
    limit.refused(11, 70, 30);
    expect(limit.standing.limit).toBe(49);
    expect(limit.isFull).toBe(true);
    leave(limit, 53);
    expect(limit.isFull).toBe(false);
  });

  test('grows by its root a round while it is used and answers come in time', () => {
    const limit = loweredTo(100);
    leave(limit, 40);
    round(limit, 1.2, 1_000);
    expect(limit.standing.limit).toBe(Math.round(70 + Math.sqrt(70)));
  });

  test('does not grow where it is not used', () => {
    const limit = loweredTo(100);
    leave(limit, 90);
    for (let fromMs = 1_000; fromMs < 60_000; fromMs += 1_000) round(limit, 1, fromMs);
    // The first round had seen all of them.
    expect(limit.standing.limit).toBe(78);
  });

  test('sinks by the ratio of latencies that rise, at most by half a round', () => {
    const limit = new ConcurrencyLimit(bounds);
    enter(limit, 100);
    round(limit, 2.5, 1_000);
    expect(limit.standing.limit).toBe(80);
    round(limit, 50, 3_000);
    expect(limit.standing.limit).toBe(40);
  });

  test('is none any more once it has grown beyond all use', () => {
    const limit = loweredTo(1_000);
    for (let fromMs = 1_000; fromMs < 60_000; fromMs += 1_000) round(limit, 1, fromMs);
    expect(limit.standing.limit).toBeNull();
  });

  test('never sinks below the least, whatever comes', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('refused' as const), under: fc.nat(2_000) }),
      fc.record({ kind: fc.constant('answered' as const), ratio: fc.double({ min: 0.01, max: 100, noNaN: true }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
        const limit = new ConcurrencyLimit(bounds);
        enter(limit, 50);
        steps.forEach((one, at) => {
          const nowMs = at * 200;
          if (one.kind === 'refused') limit.refused(nowMs, one.under, nowMs);
          else limit.answered(one.ratio, nowMs);
          const { limit: most } = limit.standing;
          expect(most === null || (most >= bounds.limitMin && most <= bounds.limitMax)).toBe(true);
        });
      }),
      { numRuns: 50 },
    );
  });
});
