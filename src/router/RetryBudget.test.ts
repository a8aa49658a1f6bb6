import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRetryBudgetLimits, RetryBudget } from './RetryBudget.ts';

const take = (budget: RetryBudget, times: number, nowMs: number): number => {
  let taken = 0;
  for (let time = 0; time < times; time++) if (budget.tryRetry(nowMs)) taken += 1;
  return taken;
};

describe('RetryBudget', () => {
  test('starts with the reserve and refills it at ten a second', () => {
    const budget = new RetryBudget();
    expect(take(budget, 500, 1_000)).toBe(100);
    expect(take(budget, 500, 1_100)).toBe(1);
    expect(take(budget, 500, 2_100)).toBe(10);
    expect(take(budget, 500, 60_000)).toBe(100);
  });

  test('pays a tenth of the calls of the last minute before it touches the reserve', () => {
    const budget = new RetryBudget();
    for (let call = 0; call < 1_000; call++) budget.called(5_000);
    expect(take(budget, 500, 5_000)).toBe(200);
    expect(budget.standing(5_000)).toMatchObject({ calls: 1_000, retries: 100, reserveLeft: 0, refused: 300 });
  });

  test('forgets calls after a minute', () => {
    const budget = new RetryBudget({ refillPerSecond: 0 });
    for (let call = 0; call < 1_000; call++) budget.called(0);
    expect(budget.standing(59_999).calls).toBe(1_000);
    expect(budget.standing(60_000).calls).toBe(0);
    expect(take(budget, 500, 60_000)).toBe(100);
  });

  test('keeps a reserve of one move for each request in flight, at once and for a minute after the peak', () => {
    const budget = new RetryBudget({ refillPerSecond: 0 });
    for (let request = 0; request < 400; request++) budget.requestStarted(0);
    expect(take(budget, 1_000, 10)).toBe(400);
    for (let request = 0; request < 400; request++) budget.requestEnded(20);
    expect(budget.standing(59_999)).toMatchObject({ concurrency: 0, peakConcurrency: 400, reserve: 400 });
    expect(budget.standing(60_000).peakConcurrency).toBe(0);
  });

  test('counts requests that are still in flight as the concurrency of later seconds', () => {
    const budget = new RetryBudget();
    for (let request = 0; request < 300; request++) budget.requestStarted(0);
    expect(budget.standing(500_000).reserve).toBe(300);
  });

  test('does not mind a clock that stands still or a late call', () => {
    const budget = new RetryBudget();
    budget.called(70_000);
    budget.called(60_000);
    expect(budget.standing(70_000).calls).toBe(2);
  });
});

type Step = readonly ['call' | 'start' | 'end' | 'retry', number];

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('call', 'call', 'start', 'end', 'retry', 'retry', 'retry'),
  fc.oneof(fc.constant(0), fc.nat(50), fc.nat(20_000)),
);

const limits = { ...defaultRetryBudgetLimits, reserveMin: 3 };

/** Runs the steps; each retry asks several times, as a storm does. @returns times of first calls and of granted extra calls. */
const storm = (steps: readonly Step[], grant: (budget: RetryBudget, nowMs: number) => boolean) => {
  const budget = new RetryBudget(limits);
  const calls: number[] = [];
  const extra: number[] = [];
  let reserveMax = limits.reserveMin;
  let nowMs = 0;
  for (const [kind, laterMs] of steps) {
    nowMs += laterMs;
    if (kind === 'call') {
      budget.called(nowMs);
      calls.push(nowMs);
    } else if (kind === 'start') budget.requestStarted(nowMs);
    else if (kind === 'end') budget.requestEnded(nowMs);
    else for (let time = 0; time < 4; time++) if (grant(budget, nowMs)) extra.push(nowMs);
    reserveMax = Math.max(reserveMax, budget.standing(nowMs).reserve);
  }
  return { calls, extra, reserveMax };
};

/** The first window in which more extra calls were made than promised, or null. */
const brokenWindow = ({ calls, extra, reserveMax }: ReturnType<typeof storm>): string | null => {
  for (let from = 0; from < extra.length; from++) {
    for (let to = from; to < extra.length; to++) {
      const [fromMs, toMs] = [extra[from]!, extra[to]!];
      const firstCalls = calls.filter((atMs) => atMs > fromMs - 60_000 && atMs <= toMs).length;
      const allowed =
        limits.share * firstCalls + reserveMax + (limits.refillPerSecond * (toMs - fromMs)) / 1_000 + 1e-9;
      if (to - from + 1 > allowed) return `${to - from + 1} > ${allowed} in ${fromMs}..${toMs}`;
    }
  }
  return null;
};

describe('over any window', () => {
  test('extra calls are at most a tenth of the calls, the reserve and the refill [G6]', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        expect(brokenWindow(storm(steps, (budget, nowMs) => budget.tryRetry(nowMs)))).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('the promise is broken where nobody asks the budget', () => {
    const steps = Array.from({ length: 100 }, (): Step => ['retry', 1]);
    expect(brokenWindow(storm(steps, () => true))).not.toBeNull();
  });

  test('the sums equal a count of the window', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const budget = new RetryBudget(limits);
        const calls: number[] = [];
        let nowMs = 0;
        for (const [kind, laterMs] of steps) {
          nowMs += laterMs;
          if (kind === 'call') {
            budget.called(nowMs);
            calls.push(nowMs);
          }
        }
        const firstSecond = Math.floor(nowMs / 1_000) - 59;
        expect(budget.standing(nowMs).calls).toBe(
          calls.filter((atMs) => Math.floor(atMs / 1_000) >= firstSecond).length,
        );
      }),
    );
  });
});
