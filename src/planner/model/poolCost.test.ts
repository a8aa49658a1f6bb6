import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolCost, poolLift, type PoolTerms } from './poolCost.ts';

const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
const money = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 400 }).map((tenths) => tenths / 10),
);

const terms: fc.Arbitrary<PoolTerms> = fc.record({
  floor: money,
  discount: fc.integer({ min: 0, max: 95 }).map((percent) => percent / 100),
  shortfallRate: fc.oneof(fc.constantFrom(0, 1), share),
});

const steps = 15;
const grid = Array.from({ length: steps + 1 }, (_, index) => index / steps);

const close = 1e-9;

describe('what an account costs under a pool', () => {
  it.each([
    ['its floor where less was used and all of the rest is due', 1, 5, 0, 8],
    ['half of what is missing at a shortfall rate of a half', 0.5, 5, 0, 6],
    ['what was used where nothing is due for the rest', 0, 5, 0, 4],
    ['usage after discount and fees above the floor', 1, 20, 3, 19],
    ['less by fees as far as the floor goes', 1, 5, 2, 8],
  ])('is %s', (_, shortfallRate, listSpend, fees, cost) => {
    expect(poolCost({ floor: 8, discount: 0.2, shortfallRate }, listSpend, fees)).toBeCloseTo(cost, 12);
  });
});

describe('how far a pool lifts a cut', () => {
  const caseOf = fc.tuple(terms, share, share, money, money);

  it('is never more than what any use leaves, and is what one of them leaves', () => {
    fc.assert(
      fc.property(caseOf, fc.array(fc.tuple(share, share), { maxLength: 20 }), (one, points) => {
        const [pool, listRate, feeRate, listMax, feesMax] = one;
        const lift = poolLift(pool, listRate, feeRate, listMax, feesMax);
        const left = (listSpend: number, fees: number): number =>
          poolCost(pool, listSpend, fees) - listRate * listSpend - feeRate * fees;
        for (const x of grid)
          for (const y of grid) expect(left(x * listMax, y * feesMax)).toBeGreaterThanOrEqual(lift - close);
        for (const [x, y] of points) expect(left(x * listMax, y * feesMax)).toBeGreaterThanOrEqual(lift - close);
        // Along each edge the cost has one kink: the corners and the kinks are all that can be least.
        const net = 1 - pool.discount;
        const xs = [0, listMax, pool.floor / net, (pool.floor - feesMax) / net].filter((x) => x >= 0 && x <= listMax);
        const ys = [0, feesMax, pool.floor, pool.floor - net * listMax].filter((y) => y >= 0 && y <= feesMax);
        const least = Math.min(...xs.flatMap((x) => ys.map((y) => left(x, y))));
        expect(lift).toBeCloseTo(least, 9);
      }),
      { seed: 41, numRuns: 100 },
    );
  });

  it('is at least the mean of two at the mean of their rates', () => {
    fc.assert(
      fc.property(caseOf, share, share, share, ([pool, listRate, feeRate, listMax, feesMax], x, y, part) => {
        const lift = (list: number, fee: number): number => poolLift(pool, list, fee, listMax, feesMax);
        const mean = lift(part * listRate + (1 - part) * x, part * feeRate + (1 - part) * y);
        expect(mean).toBeGreaterThanOrEqual(part * lift(listRate, feeRate) + (1 - part) * lift(x, y) - close);
      }),
      { seed: 42, numRuns: 2000 },
    );
  });

  it('is less where more may be used', () => {
    fc.assert(
      fc.property(caseOf, money, money, ([pool, listRate, feeRate, listMax, feesMax], moreList, moreFees) => {
        expect(poolLift(pool, listRate, feeRate, listMax + moreList, feesMax + moreFees)).toBeLessThanOrEqual(
          poolLift(pool, listRate, feeRate, listMax, feesMax) + close,
        );
      }),
      { seed: 43, numRuns: 2000 },
    );
  });
});
