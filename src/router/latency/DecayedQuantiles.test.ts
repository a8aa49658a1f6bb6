import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecayedQuantiles } from './DecayedQuantiles.ts';

const hourMs = 3_600_000;
/** One bin is as wide as this, and a quantile lies in the bin of the truth. */
const width = 2 ** 0.25;

/** The smallest of the values that so much of the weight does not go beyond. */
const weightedQuantile = (
  seen: readonly { readonly value: number; readonly weight: number }[],
  share: number,
): number => {
  const total = seen.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  for (const { value, weight } of seen.toSorted((one, other) => one.value - other.value)) {
    sum += weight;
    if (sum >= share * total * (1 - 1e-12)) return value;
  }
  return NaN;
};

describe('quantiles', () => {
  test('are those of the sorted and faded values, but for the width of a bin', () => {
    const observation = fc.record({
      value: fc.double({ min: 1, max: 100_000, noNaN: true }),
      afterMs: fc.integer({ min: 0, max: 2 * hourMs }),
    });
    fc.assert(
      fc.property(fc.array(observation, { minLength: 1, maxLength: 60 }), (observations) => {
        const quantiles = new DecayedQuantiles(1, 20, hourMs);
        let nowMs = 5_000;
        const seen = observations.map(({ value, afterMs }) => {
          nowMs += afterMs;
          quantiles.observe(value, nowMs);
          return { value, atMs: nowMs };
        });
        const weighted = seen.map(({ value, atMs }) => ({ value, weight: 2 ** ((atMs - nowMs) / hourMs) }));
        for (const [name, share] of [
          ['p50', 0.5],
          ['p90', 0.9],
        ] as const) {
          const exact = weightedQuantile(weighted, share);
          expect(quantiles.quantile(name)).toBeGreaterThan(exact / width / 1.000001);
          expect(quantiles.quantile(name)).toBeLessThan(exact * width * 1.000001);
        }
        const volume = weighted.reduce((sum, { weight }) => sum + weight, 0);
        expect(quantiles.volume(nowMs)).toBeCloseTo(volume, 6);
      }),
      { numRuns: 60 },
    );
  });

  test('stay as they are while nothing comes, and what stands behind them fades by its half-life', () => {
    const quantiles = new DecayedQuantiles(1, 20, hourMs);
    for (let index = 0; index < 8; index++) quantiles.observe(100, 0);
    const before = quantiles.quantile('p50');
    expect(quantiles.volume(3 * hourMs)).toBeCloseTo(1, 9);
    expect(quantiles.quantile('p50')).toBe(before);
  });

  test('go on after years without anything', () => {
    const quantiles = new DecayedQuantiles(1, 20, hourMs);
    quantiles.observe(100, 0);
    quantiles.observe(4_000, 100_000 * hourMs);
    expect(quantiles.volume(100_000 * hourMs)).toBeCloseTo(1, 9);
    expect(quantiles.quantile('p50')).toBeGreaterThan(3_000);
  });

  test('leave out what is no time, and know nothing before anything came', () => {
    const quantiles = new DecayedQuantiles(1, 20, hourMs);
    for (const value of [0, -1, NaN, Infinity]) quantiles.observe(value, 0);
    expect([quantiles.volume(0), quantiles.quantile('p50')]).toEqual([0, NaN]);
  });
});
