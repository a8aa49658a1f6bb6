import { expect, test } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import { poolBreakEven, reservationBreakEven } from './breakEven.ts';
import { negotiation } from './negotiation.ts';
import { restrictProblem } from './restrictProblem.ts';
import { nothingSigned, tinyPool, tinyProblem, tinyReservation, tinyResilience } from './tinyProblem.fixture.ts';

const options = { limits: null, seed: 1, lowerBound: 0 } as const;

test('a pool breaks even where list price would have cost as much', () => {
  const problem = tinyProblem();
  // With the whole shortfall due, at the floor itself; with half of it, 100 after discount and half of the 50 that are missing are 125.
  expect(poolBreakEven(problem, tinyPool())).toEqual([150]);
  expect(poolBreakEven(problem, tinyPool({ shortfallRate: 0.5 }))).toEqual([expect.closeTo(125, 9)]);
  expect(poolBreakEven(problem, tinyPool({ shortfallRate: 0 }))).toEqual([0]);
  // In a problem of half years, a floor is told twice a year.
  expect(poolBreakEven({ ...problem, monthsPerStep: 6 }, tinyPool({ floors: [150, 300] }))).toEqual([300, 600]);
});

test('what signing costs has to be earned back before a pool breaks even', () => {
  const problem = tinyProblem();
  // Below the floor of 150: where 150 + 6 = u, as long as 0.8 u is less than 150.
  expect(poolBreakEven(problem, tinyPool({ signingCost: 6 }))).toEqual([expect.closeTo(156, 9)]);
  // Above it a fifth of usage has to earn 50.
  expect(poolBreakEven(problem, tinyPool({ signingCost: 50 }))).toEqual([expect.closeTo(250, 9)]);
  expect(poolBreakEven(problem, tinyPool({ signingCost: 1, discount: 0, shortfallRate: 0 }))).toEqual([Infinity]);
  // Shared out as floors are: 10 and 30 of 40, to be earned by a fifth.
  const ramped = tinyPool({ untilPeriod: 2, floors: [50, 150], signingCost: 40 });
  expect(poolBreakEven(problem, ramped)).toEqual([expect.closeTo(60, 9), expect.closeTo(180, 9)]);
});

test('a reservation breaks even at its fee as a share of the list price beside it', () => {
  expect(reservationBreakEven(tinyProblem(), tinyReservation())).toBe(0.5);
  expect(reservationBreakEven(tinyProblem(), tinyReservation({ class: 1, feePerMonth: 0.5 }))).toBe(0.25);
  expect(reservationBreakEven(tinyProblem(), tinyReservation({ account: 1, node: 1, class: 1 }))).toBeNull();
});

test('what signing a reservation costs is shared out over its months before it breaks even', () => {
  const problem = tinyProblem();
  // 0.5 a month and 1.2 for twelve of them are 0.6 of a list price of 1.
  expect(reservationBreakEven(problem, tinyReservation({ signingCost: 1.2 }))).toBeCloseTo(0.6, 12);
});

test('the discount at which a pool enters the plan is what the sums on paper say', async () => {
  const problem = tinyProblem({
    pools: [tinyPool({ name: 'too large', floors: [240], discount: 0.05, shortfallRate: 0.5 })],
    risk: { cvarWeight: 0, beta: 0.5 },
  });
  const sheet = await negotiation(problem, nothingSigned(problem), 'A', options);
  const [offer] = sheet.offers;
  // Spent 190 and 285: 190 + 25 and 285 are 250 in the mean, as on demand.
  expect(offer?.forcedDearerBy).toBeCloseTo(0, 6);
  const larger = tinyProblem({
    pools: [tinyPool({ name: 'too large', floors: [260], discount: 0.05, shortfallRate: 0.5 })],
    risk: { cvarWeight: 0, beta: 0.5 },
  });
  const [dear] = (await negotiation(larger, nothingSigned(larger), 'A', options)).offers;
  // 190 + 35 and 285 are 255: 5 more in the mean. At a net rate of n, 100 n + 130 and 300 n are 500 together where n is 370/400.
  expect(dear).toMatchObject({ inPlan: false, forcedKeepsPolicy: true });
  expect(dear?.forcedDearerBy).toBeCloseTo(5, 6);
  expect(dear?.entry?.currentDiscount).toBe(0.05);
  expect(dear?.entry?.discountNeeded).toBeGreaterThanOrEqual(0.075);
  expect(dear?.entry?.discountNeeded).toBeLessThan(0.075 + 1.1e-3);
  expect(dear?.expectedPerYear).toEqual([expect.closeTo(250, 9)]);
  expect(sheet.walkAway).toBeNull();
});

test('the discount at which a reservation enters is where its fee is the price of what it replaces', async () => {
  const problem = tinyProblem({ pools: [], reservations: [tinyReservation({ feePerMonth: 1.1, usableShare: 0.8 })] });
  const [offer] = (await negotiation(problem, nothingSigned(problem), 'A', options)).offers;
  expect(offer).toMatchObject({ kind: 'reservation', inPlan: false, breakEvenUse: 1.1, usableShare: 0.8 });
  // A small amount is used to 0.8 in every future: worth having from 0.8 of the list price of 1, a fifth off.
  expect(offer?.forcedDearerBy).toBeGreaterThan(0);
  expect(offer?.entry?.currentDiscount).toBeCloseTo(-0.1, 9);
  expect(offer?.entry?.discountNeeded).toBeGreaterThanOrEqual(0.2);
  expect(offer?.entry?.discountNeeded).toBeLessThan(0.2 + 1.1e-3);
});

test('an offer in the plan needs no discount, one beside a signed contract is not tried, one that breaks the outage rule never enters', async () => {
  const held = tinyPool({ name: 'held', floors: [200], discount: 0.1 });
  const problem = tinyProblem({
    pools: [held, tinyPool({ name: 'smaller', floors: [20] })],
    resilience: {
      ...tinyResilience,
      servedShares: [0.5, 0.3],
      losses: tinyResilience.losses.slice(1),
    },
  });
  // 40 and a fifth of 200 serve the 65 that are asked for without B; a fifth of 20 does not.
  const [inPlan, smaller] = (await negotiation(problem, { pools: [true, false], reservations: [] }, 'A', options))
    .offers;
  expect(inPlan).toMatchObject({ inPlan: true, forcedDearerBy: null, entry: null });
  expect(smaller).toMatchObject({ inPlan: false, forcedKeepsPolicy: false, entry: null });
  const signed = { ...problem, pools: [{ ...held, signed: true }, problem.pools[1]!] };
  const [, beside] = (await negotiation(signed, { pools: [true, false], reservations: [] }, 'A', options)).offers;
  expect(beside).toMatchObject({ forcedDearerBy: null, forcedKeepsPolicy: null, entry: null });
});

test('a walk-away holds what the best plan without the vendor costs, and keeps its signed contracts', async () => {
  const family = instanceFamily({ scenarios: 2, seed: 6, vendors: 3, months: 12, monthsPerStep: 12, outage: false });
  const problem = { ...family, pools: family.pools.map((pool, index) => ({ ...pool, signed: index === 0 })) };
  const judged = await solveExtensive(problem, { guards: true });
  const { walkAway, offers } = await negotiation(problem, judged.decision!, 'A', {
    limits: { kind: 'work', programs: 40, nodes: 5 },
    seed: 1,
    lowerBound: judged.bound,
    entriesMax: 1,
  });
  const without = restrictProblem(problem, {
    pools: problem.pools.map(({ account, signed }) => signed || account !== 0),
    reservations: problem.reservations.map(({ account }) => account !== 0),
  }).problem;
  const truth = await solveExtensive(without, { guards: true });
  expect(walkAway?.upperBound).toBeGreaterThanOrEqual(truth.objective * (1 - 1e-6));
  expect(walkAway?.lowerBound).toBeLessThanOrEqual(truth.objective * (1 + 1e-6));
  expect(walkAway?.decision?.pools[0]).toBe(true);
  expect(walkAway?.decision?.pools.slice(1, 5)).toEqual([false, false, false, false]);
  expect(walkAway!.range.low).toBeLessThanOrEqual(walkAway!.range.high);
  // Of the best plan, no offer beats what is signed.
  for (const { forcedDearerBy } of offers) expect(forcedDearerBy ?? 0).toBeGreaterThan(-1e-4);
  expect(offers.filter(({ entry }) => entry !== null).length).toBeLessThanOrEqual(2);
});

test('a restricted problem and back: what was left out is not decided', () => {
  const problem = tinyProblem({
    pools: [tinyPool(), tinyPool({ name: 'other' })],
    reservations: [tinyReservation()],
    caps: [
      {
        name: 'A',
        kind: 'vendor',
        share: 0.5,
        basis: { kind: 'list', sourceShares: [1, 0, 0.5], reservationShares: [0.25] },
      },
    ],
  });
  const { problem: less, widen } = restrictProblem(problem, {
    pools: [false, true],
    sources: [true, false, true],
    reservations: [false],
  });
  expect(less.sources.map(({ name }) => name)).toEqual(['A/chat', 'A/code']);
  expect(less.priceIndices[0]?.factors).toHaveLength(2);
  expect(less.caps[0]?.basis).toEqual({ kind: 'list', sourceShares: [1, 0.5], reservationShares: [] });
  expect(widen({ pools: [true], reservations: [] })).toEqual({ pools: [false, true], reservations: [0] });
});
