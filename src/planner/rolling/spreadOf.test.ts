import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spreadOf } from './spreadOf.ts';

test('ten alike scenarios: the least, and the last but one, since so much weight does not exceed them', () => {
  const values = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
  expect(
    spreadOf(
      values,
      values.map(() => 0.1),
    ),
  ).toEqual({ mean: expect.closeTo(55, 9), low: 10, high: 90 });
});

test('weights count: what is hardly probable is outside of the range', () => {
  expect(spreadOf([100, 1, 2], [0.05, 0.5, 0.45])).toMatchObject({ low: 1, high: 6.4 });
});

test('the range holds the mean, whatever the scenarios are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 100 })), {
        minLength: 1,
        maxLength: 30,
      }),
      (scenarios) => {
        const sum = scenarios.reduce((total, [, weight]) => total + weight, 0);
        const { mean, low, high } = spreadOf(
          scenarios.map(([value]) => value),
          scenarios.map(([, weight]) => weight / sum),
        );
        expect(low).toBeLessThanOrEqual(mean);
        expect(high).toBeGreaterThanOrEqual(mean);
      },
    ),
  );
});
