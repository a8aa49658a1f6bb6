import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairRate } from './fairRate.ts';

test.each([
  { wanted: [], total: 5, rate: Infinity },
  { wanted: [1, 2, 2], total: 5, rate: Infinity },
  { wanted: [10, 10], total: 10, rate: 5 },
  { wanted: [1, 1, 100], total: 12, rate: 10 },
  { wanted: [100, 1, 4], total: 8, rate: 3.5 },
  { wanted: [5, 5], total: 0, rate: 0 },
])('of $total, those who want $wanted have at most $rate', ({ wanted, total, rate }) => {
  expect(fairRate(wanted, total)).toBe(rate);
});

test('all that there is is given out where it is short, and nobody who wants less than the rate has less than it wants', () => {
  const wishes = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: 5_000 }), (wanted, total) => {
      const rate = fairRate(wanted, total);
      const given = wanted.reduce((sum, wish) => sum + Math.min(wish, rate), 0);
      const sum = wanted.reduce((all, wish) => all + wish, 0);
      if (rate === Infinity) expect(sum).toBeLessThanOrEqual(total);
      else expect(given).toBeCloseTo(total, 6);
    }),
  );
});
