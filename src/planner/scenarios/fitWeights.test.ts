import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitWeights, missProducts, missProductsWith, type WeightFit } from './fitWeights.ts';

const blocksOf = (sizes: readonly number[]): number[][] => {
  let next = 0;
  return sizes.map((size) => Array.from({ length: size }, () => next++));
};

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Two blocks with masses 0.9 and 0.1, moments of any size. */
const problem = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }))
  .chain(([body, tail, moments]) =>
    fc
      .array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: moments, maxLength: moments }), {
        minLength: body + tail,
        maxLength: body + tail,
      })
      .map((misses): { misses: number[][]; fit: WeightFit } => {
        const prior = [
          ...Array.from({ length: body }, () => 0.9 / body),
          ...Array.from({ length: tail }, () => 0.1 / tail),
        ];
        const blocks = blocksOf([body, tail]);
        return {
          misses,
          fit: {
            products: missProducts(misses),
            blocks,
            start: prior,
            prior,
            leastShare: 0.2,
            pull: 1e-3,
            // Where misses nearly cancel out against a weak pull, weight moves in small steps: enough of them to come to rest.
            exchangesMax: 100_000,
          },
        };
      }),
  );

/** The same sum, written down plainly. */
const misfitOf = (
  misses: readonly (readonly number[])[],
  weights: readonly number[],
  { prior, pull }: WeightFit,
): number =>
  sumOf(misses[0]!.map((_, moment) => sumOf(misses.map((row, index) => row[moment]! * weights[index]!)) ** 2)) +
  pull * sumOf(prior.map((weight, index) => (weights[index]! - weight) ** 2 / weight));

describe('fitWeights', () => {
  test('finds the weights that hit a mean', () => {
    const misses = [[-1], [3]];
    const { weights } = fitWeights({
      products: missProducts(misses),
      blocks: [[0, 1]],
      start: [0.5, 0.5],
      prior: [0.5, 0.5],
      leastShare: 0.1,
      pull: 0,
      exchangesMax: 100,
    });
    expect(weights[0]).toBeCloseTo(0.75, 9);
    expect(weights[1]).toBeCloseTo(0.25, 9);
  });

  test('keeps the mass of each block and every weight above its least', () => {
    fc.assert(
      fc.property(problem, ({ fit }) => {
        const { weights } = fitWeights(fit);
        for (const [index, mass] of [0.9, 0.1].entries())
          expect(sumOf(fit.blocks[index]!.map((at) => weights[at]!))).toBeCloseTo(mass, 12);
        for (const [index, weight] of weights.entries())
          expect(weight).toBeGreaterThanOrEqual(fit.prior[index]! * 0.2 - 1e-15);
      }),
    );
  });

  test('ends at the optimum: no weight moved within a block makes it better', () => {
    fc.assert(
      fc.property(problem, ({ misses, fit }) => {
        const { weights, misfit } = fitWeights(fit);
        expect(misfit).toBeCloseTo(misfitOf(misses, weights, fit), 9);
        for (const block of fit.blocks)
          for (const from of block)
            for (const to of block) {
              const room = weights[from]! - fit.prior[from]! * 0.2;
              for (const part of [1e-3, 1e-2, 0.3, 1]) {
                if (from === to || room <= 0) continue;
                const moved = weights.with(from, weights[from]! - part * room);
                const tried = moved.with(to, moved[to]! + part * room);
                expect(misfitOf(misses, tried, fit)).toBeGreaterThanOrEqual(misfit - 1e-7);
              }
            }
      }),
    );
  });

  test('stops after the exchanges it is allowed', () => {
    const misses = [[-1], [3]];
    const fit = {
      products: missProducts(misses),
      blocks: [[0, 1]],
      start: [0.5, 0.5],
      prior: [0.5, 0.5],
      leastShare: 0.1,
      pull: 0,
    };
    expect(fitWeights({ ...fit, exchangesMax: 0 }).weights).toEqual([0.5, 0.5]);
  });

  test('renews the products of one candidate as if all were made anew', () => {
    const before = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    const after = [
      [1, 2],
      [-7, 0.5],
      [5, 6],
    ];
    expect(missProductsWith(missProducts(before), after, 1)).toEqual(missProducts(after));
  });
});
