import { expect, test } from 'vitest';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import type { ConcentrationCap } from '../PlanProblem.ts';
import { dependencyOf } from './dependencyOf.ts';
import { nothingSigned, tinyProblem, tinyReservation } from './tinyProblem.fixture.ts';

const listCap = (share: number): ConcentrationCap => ({
  name: 'A',
  kind: 'vendor',
  share,
  basis: { kind: 'list', sourceShares: [1, 0, 1], reservationShares: [] },
});

test('who gets everything has a share of 1, and there is no competition', async () => {
  const problem = tinyProblem();
  const { vendors, concentration, caps } = await dependencyOf(problem, nothingSigned(problem));
  expect(vendors.map(({ vendor, paid }) => [vendor, paid.map(Math.round)])).toEqual([
    ['A', [250, 250]],
    ['B', [0, 0]],
  ]);
  expect(vendors[0]?.share[0]).toMatchObject({ mean: 1, worst: 1 });
  expect(concentration[0]?.mean).toBeCloseTo(1, 12);
  expect(caps).toEqual([]);
});

test('a cap that steers usage is reached where it does, and is broken where nothing else serves', async () => {
  // At list price, code alone is 100 of the 200 or 300 of A; steered away, chat is at B for 1.2.
  const problem = tinyProblem({ caps: [listCap(0.4)] });
  const { caps, vendors, concentration } = await dependencyOf(problem, nothingSigned(problem));
  const [cap] = caps;
  // 100 of code and 120 of chat at B are over the cap; with 200 of chat, a little of it may stay at A.
  expect(cap?.share[0]?.worst).toBeCloseTo(100 / 220, 6);
  expect(cap?.share[0]?.worstScenario).toBe(0);
  expect(cap?.reached[0]).toBeCloseTo(1, 9);
  expect(cap?.broken[0]).toBeCloseTo(0.5, 9);
  expect(cap?.binds).toBe(true);
  expect(vendors[0]?.share[0]?.mean).toBeCloseTo((100 / 220 + 0.4) / 2, 6);
  const mean = (100 / 220) ** 2 + (120 / 220) ** 2 + 0.4 ** 2 + 0.6 ** 2;
  expect(concentration[0]?.mean).toBeCloseTo(mean / 2, 6);
});

test('a wide cap neither binds nor is broken', async () => {
  const problem = tinyProblem({ caps: [listCap(1)], scenarios: tinyProblem().scenarios });
  const wide = { ...problem, caps: [{ ...listCap(0.9), basis: { ...listCap(0.9).basis, sourceShares: [0, 1, 0] } }] };
  const { caps } = await dependencyOf(wide as typeof problem, nothingSigned(problem));
  expect(caps[0]).toMatchObject({ binds: false, broken: [0, 0], reached: [0, 0] });
});

test('a guard on usage that moves costs is told with both costs, one that is wide does not bind', async () => {
  const base = tinyProblem({ pools: [] });
  // At most 0.8 of what all demand costs at its cheapest: of 200, 40 of chat go to B for 48, and of 300, 60 for 72.
  const tight = { ...base, guards: { ...base.guards, usageShare: 0.8 } };
  const { guards } = await dependencyOf(tight, nothingSigned(base));
  expect(guards.usage.binds).toBe(true);
  // 400 and 600 without; with it twice 208 and twice 312. Mean and tail: the worst half is the dearer one.
  expect(guards.usage.without).toBeCloseTo(0.5 * 500 + 0.5 * 600, 6);
  expect(guards.usage.withGuard).toBeCloseTo(0.5 * 520 + 0.5 * 624, 6);
  const wide = { ...base, guards: { ...base.guards, usageShare: 1 } };
  expect((await dependencyOf(wide, nothingSigned(base))).guards.usage.binds).toBe(false);
});

test('fees that come up to their guard are told', async () => {
  const problem = tinyProblem({
    pools: [],
    reservations: [tinyReservation()],
    guards: { usageShare: Infinity, reservationFees: [30, 30] },
  });
  const { reservations } = (await dependencyOf(problem, { pools: [], reservations: [5] })).guards;
  expect(reservations).toEqual({ binds: true, highestShare: 1, reached: [{ account: 0, period: 0, fees: 30 }] });
  const less = (await dependencyOf(problem, { pools: [], reservations: [4] })).guards.reservations;
  expect(less).toEqual({ binds: false, highestShare: 0.8, reached: [] });
});

test('on the family, shares of all vendors add up to 1', async () => {
  const problem = instanceFamily({ scenarios: 5, seed: 2, vendors: 4, months: 24, monthsPerStep: 12 });
  const { vendors, caps } = await dependencyOf(problem, nothingSigned(problem));
  for (const period of [0, 1])
    expect(vendors.reduce((sum, { share }) => sum + share[period]!.mean, 0)).toBeCloseTo(1, 9);
  for (const { share, limit } of caps) for (const { worst } of share) expect(worst).toBeLessThanOrEqual(limit + 1e-6);
});
