import { describe, expect, it } from 'vitest';
import { solveExtensive } from './extensiveForm.fixture.ts';
import type { PlanDecision, PlanProblem, ReservationOffer } from './PlanProblem.ts';
import { pool, reservation, tiny } from './search/tinyProblem.fixture.ts';

/** A second account that serves the same class at another price. */
const twoAccounts = (otherPrice: number): PlanProblem => ({
  ...tiny,
  accounts: [...tiny.accounts, { name: 'B', vendor: 'B' }],
  sources: [...tiny.sources, { name: 'B/work', account: 1, class: 0, node: 1, listPrice: [otherPrice] }],
  priceIndices: [{ name: 'constant', factors: [[1], [1]] }],
});

const withDemand = (problem: PlanProblem, ...steps: readonly number[]): PlanProblem => ({
  ...problem,
  stepsPerSegment: steps.length / (problem.periods * problem.segmentsPerPeriod),
  scenarios: [{ weight: 1, demand: [steps], prices: 0 }],
});

const costOf = async (problem: PlanProblem, fixed: PlanDecision): Promise<number> =>
  (await solveExtensive(problem, { fixed })).objective;

describe('what a pool costs', () => {
  const signed: PlanDecision = { pools: [true], reservations: [] };
  const offered = { ...tiny, pools: [pool] };

  it('is list price without one', async () => {
    expect(await costOf(offered, { pools: [false], reservations: [] })).toBeCloseTo(10, 9);
  });

  it.each([
    ['its floor below the floor', 5, 8],
    ['its floor at the floor', 10, 8],
    ['usage after discount above the floor', 20, 16],
  ])('is %s', async (_, demand, cost) => {
    expect(await costOf(withDemand(offered, demand), signed)).toBeCloseTo(cost, 9);
  });

  it('is half of what is missing at a shortfall rate of a half', async () => {
    const half = { ...tiny, pools: [{ ...pool, shortfallRate: 0.5 }] };
    // 4 after discount, 4 are missing.
    expect(await costOf(withDemand(half, 5), signed)).toBeCloseTo(6, 9);
    expect(await costOf(withDemand(half, 20), signed)).toBeCloseTo(16, 9);
  });

  it('is less by the fees of reservations only if they count towards it', async () => {
    // 2 units for a fee of 1 leave 3 of demand: 2.4 after discount.
    const reserved = (countsTowardsPool: boolean): PlanProblem =>
      withDemand({ ...offered, reservations: [{ ...reservation, countsTowardsPool }] }, 5);
    const decision = { pools: [true], reservations: [2] };
    expect(await costOf(reserved(true), decision)).toBeCloseTo(8, 9);
    expect(await costOf(reserved(false), decision)).toBeCloseTo(9, 9);
  });

  it('counts no more of the fees than the floor', async () => {
    const problem = { ...offered, reservations: [{ ...reservation, usableShare: 0 }] };
    // 8 after discount, and fees of 20.
    expect(await costOf(problem, { pools: [true], reservations: [40] })).toBeCloseTo(28, 9);
  });

  it('follows its ramp from period to period, and ends with it', async () => {
    const ramped: PlanProblem = {
      ...tiny,
      periods: 3,
      sources: [{ ...tiny.sources[0]!, listPrice: [1, 1, 2] }],
      priceIndices: [{ name: 'constant', factors: [[1, 1, 1]] }],
      pools: [{ ...pool, untilPeriod: 2, floors: [3, 9] }],
    };
    // 4, then the floor of 9, then 5 units at 2.
    expect(await costOf(withDemand(ramped, 5, 5, 5), signed)).toBeCloseTo(4 + 9 + 10, 9);
  });

  it('is signed if that is cheaper, and not if it is not', async () => {
    const cheap = await solveExtensive(withDemand(offered, 9));
    expect([cheap.objective, cheap.decision!.pools]).toEqual([expect.closeTo(8, 9), [true]]);
    const dear = await solveExtensive(withDemand(offered, 7));
    expect([dear.objective, dear.decision!.pools]).toEqual([expect.closeTo(7, 9), [false]]);
  });

  it('is paid whatever it costs once it is signed, and cannot be left', async () => {
    const bound = withDemand({ ...tiny, pools: [{ ...pool, signed: true }] }, 1);
    expect((await solveExtensive(bound)).objective).toBeCloseTo(8, 9);
    expect((await solveExtensive(bound, { fixed: { pools: [false], reservations: [] } })).status).toBe('infeasible');
  });

  it('has its price of signing in every future, and pays only where that leaves something', async () => {
    const dear = (signingCost: number): PlanProblem =>
      withDemand({ ...tiny, pools: [{ ...pool, signingCost }], risk: { cvarWeight: 0.5, beta: 0.5 } }, 20);
    expect(await costOf(dear(3), signed)).toBeCloseTo(16 + 3, 9);
    const worth = await solveExtensive(dear(3));
    expect([worth.objective, worth.mean, worth.decision!.pools]).toEqual([
      expect.closeTo(19, 9),
      expect.closeTo(19, 9),
      [true],
    ]);
    const tooDear = await solveExtensive(dear(5));
    expect([tooDear.objective, tooDear.decision!.pools]).toEqual([expect.closeTo(20, 9), [false]]);
  });

  it('is not to be had twice at a time', async () => {
    const twice = { ...tiny, pools: [pool, { ...pool, name: 'other', discount: 0.3 }] };
    expect((await solveExtensive(twice, { fixed: { pools: [true, true], reservations: [] } })).status).toBe(
      'infeasible',
    );
    const best = await solveExtensive(twice);
    expect([best.objective, best.decision!.pools]).toEqual([expect.closeTo(8, 9), expect.any(Array)]);
    expect(best.decision!.pools.filter(Boolean)).toHaveLength(1);
  });
});

describe('a reservation', () => {
  it('is paid in each month and used only in its own', async () => {
    const steps: PlanProblem = { ...tiny, reservations: [reservation] };
    // Of demands 1 and 5 it serves 1 and 3, for 2 x 3 x 0.5.
    expect(await costOf(withDemand(steps, 1, 5), { pools: [], reservations: [3] })).toBeCloseTo(3 + 2, 9);
  });

  it('holds for its segments only, in price and in use', async () => {
    const segments: PlanProblem = {
      ...tiny,
      segmentsPerPeriod: 2,
      reservations: [{ ...reservation, fromSegment: 1, untilSegment: 2 }],
    };
    expect(await costOf(withDemand(segments, 4, 4), { pools: [], reservations: [4] })).toBeCloseTo(4 + 2, 9);
  });

  it('counts months, not steps', async () => {
    const quarters: PlanProblem = { ...tiny, monthsPerStep: 3, reservations: [{ ...reservation, usableShare: 0.5 }] };
    // 3 months of 4 units: a fee of 6, and half of 12 units can be used.
    expect(await costOf(quarters, { pools: [], reservations: [4] })).toBeCloseTo(6 + 4, 9);
  });

  it('has its price of signing for each unit, beside its fees', async () => {
    const prepaid: PlanProblem = { ...tiny, reservations: [{ ...reservation, signingCost: 0.25 }] };
    // 4 units for fees of 2, and 1 to sign them.
    expect(await costOf(prepaid, { pools: [], reservations: [4] })).toBeCloseTo(2 + 1 + 6, 9);
    const slot: PlanProblem = {
      ...prepaid,
      reservations: [{ ...reservation, signingCost: 0.6, quantity: { kind: 'exactly', units: 4 } }],
    };
    expect((await solveExtensive(slot)).decision!.reservations).toEqual([0]);
  });

  it('of one amount is bought whole or not at all, and in part only where relaxed', async () => {
    const slot = (feePerMonth: number): PlanProblem =>
      withDemand(
        { ...tiny, reservations: [{ ...reservation, feePerMonth, quantity: { kind: 'exactly', units: 4 } }] },
        3,
        3,
      );
    const bought = await solveExtensive(slot(0.5));
    expect([bought.objective, bought.decision!.reservations]).toEqual([expect.closeTo(4, 9), [4]]);
    const left = await solveExtensive(slot(0.8));
    expect([left.objective, left.decision!.reservations]).toEqual([expect.closeTo(6, 9), [0]]);
    const relaxed = await solveExtensive(slot(0.8), { relax: true });
    expect([relaxed.objective, relaxed.decision!.reservations]).toEqual([
      expect.closeTo(4.8, 9),
      [expect.closeTo(3, 9)],
    ]);
    await expect(solveExtensive(slot(0.5), { fixed: { pools: [], reservations: [3] } })).rejects.toThrow(
      '3 of reservation cannot be reserved',
    );
  });

  it.each([
    ['one amount', { kind: 'exactly' as const, units: 4 }],
    ['up to a most', { kind: 'upTo' as const, max: 4 }],
  ])('of %s is paid whatever it costs once it is signed, and cannot be left', async (_, quantity) => {
    const bound: PlanProblem = { ...tiny, reservations: [{ ...reservation, feePerMonth: 5, quantity, signed: true }] };
    const kept = await solveExtensive(bound);
    expect([kept.objective, kept.decision!.reservations]).toEqual([expect.closeTo(20 + 6, 9), [4]]);
    expect((await solveExtensive(bound, { fixed: { pools: [], reservations: [0] } })).status).toBe('infeasible');
  });
});

describe('a future', () => {
  it('weighs its mean and its tail, at its own prices', async () => {
    const problem: PlanProblem = {
      ...tiny,
      priceIndices: [
        { name: 'constant', factors: [[1]] },
        { name: 'double', factors: [[2]] },
      ],
      scenarios: [
        { weight: 0.5, demand: [[10]], prices: 0 },
        { weight: 0.25, demand: [[10]], prices: 1 },
        { weight: 0.25, demand: [[20]], prices: 1 },
      ],
      risk: { cvarWeight: 0.2, beta: 0.6 },
    };
    const solved = await solveExtensive(problem);
    // The worst 0.4: 0.25 at 40 and 0.15 at 20.
    expect(solved.scenarioCosts).toEqual([10, 20, 40].map((cost) => expect.closeTo(cost, 9)));
    expect(solved.mean).toBeCloseTo(20, 9);
    expect(solved.cvar).toBeCloseTo((0.25 * 40 + 0.15 * 20) / 0.4, 9);
    expect(solved.objective).toBeCloseTo(0.8 * 20 + 0.2 * 32.5, 9);
  });
});

describe('a cap', () => {
  it('on list prices moves usage while that is cheaper than the penalty', async () => {
    const capped = (capPenalty: number): PlanProblem => ({
      ...twoAccounts(1.5),
      capPenalty,
      caps: [
        { name: 'A', kind: 'vendor', share: 0.6, basis: { kind: 'list', sourceShares: [1, 0], reservationShares: [] } },
      ],
    });
    // With x at A, x <= 0.6 (15 - 0.5 x): at most 9/1.3.
    expect((await solveExtensive(capped(10))).objective).toBeCloseTo(15 - (0.5 * 9) / 1.3, 9);
    // All 10 at A are 4 too much.
    expect((await solveExtensive(capped(0.1))).objective).toBeCloseTo(10.4, 9);
  });

  it('on list prices counts fees of reservations, in part where they are within in part', async () => {
    const problem: PlanProblem = {
      ...tiny,
      reservations: [{ ...reservation, usableShare: 0 }],
      caps: [
        { name: 'lab', kind: 'lab', share: 0.5, basis: { kind: 'list', sourceShares: [0], reservationShares: [0.75] } },
      ],
    };
    // Fees of 50 beside usage of 10: 37.5 of them are within, 30 may be.
    expect(await costOf(problem, { pools: [], reservations: [100] })).toBeCloseTo(60 + 7.5, 9);
    // Fees of 2 are 1.5 within, of the 6 that may be.
    expect(await costOf(problem, { pools: [], reservations: [4] })).toBeCloseTo(12, 9);
  });

  const costCap: PlanProblem['caps'] = [
    { name: 'A', kind: 'vendor', share: 0.5, basis: { kind: 'cost', accountShares: [1, 0] } },
  ];

  it('on cost moves usage to who costs more', async () => {
    // x <= 0.5 (x + 3 (10 - x)) up to 7.5.
    expect((await solveExtensive({ ...twoAccounts(3), caps: costCap })).objective).toBeCloseTo(7.5 + 7.5, 9);
  });

  it('on cost is met by money burnt elsewhere where usage cannot move', async () => {
    const { accounts, sources, priceIndices } = twoAccounts(1);
    const apart: PlanProblem = {
      ...tiny,
      accounts,
      classes: [{ name: 'work' }, { name: 'play' }],
      sources: [sources[0]!, { ...sources[1]!, class: 1 }],
      priceIndices,
      scenarios: [{ weight: 1, demand: [[10], [2]], prices: 0 }],
    };
    expect((await solveExtensive(apart)).objective).toBeCloseTo(12, 9);
    expect((await solveExtensive({ ...apart, caps: costCap })).objective).toBeCloseTo(20, 9);
  });
});

describe('the guards of the search', () => {
  const guarded: PlanProblem = { ...twoAccounts(3), guards: { usageShare: 0.6, reservationFees: [2] } };

  it('hold usage of one account to a share of all demand at its cheapest, only where they are asked for', async () => {
    expect((await solveExtensive(guarded)).objective).toBeCloseTo(10, 9);
    // 6 at A; 4 at B would be 12 at list, 6 are allowed.
    expect((await solveExtensive(guarded, { guards: true })).status).toBe('infeasible');
    const wide = { ...guarded, guards: { ...guarded.guards, usageShare: 0.8 } };
    expect((await solveExtensive(wide, { guards: true })).objective).toBeCloseTo(8 + 6, 9);
  });

  it('hold the fees of an account in a period', async () => {
    const problem: PlanProblem = {
      ...tiny,
      reservations: [reservation],
      guards: { usageShare: Infinity, reservationFees: [2] },
    };
    expect((await solveExtensive(problem)).objective).toBeCloseTo(5, 9);
    // 4 units for a fee of 2.
    expect((await solveExtensive(problem, { guards: true })).objective).toBeCloseTo(2 + 6, 9);
  });
});

describe('the loss of one thing', () => {
  const node = { account: 0, base: [3], perPoolMoney: 0.25, reservationBurst: 0.25 };
  const resilient: PlanProblem = {
    ...twoAccounts(1),
    resilience: {
      nodes: [
        { ...node, name: 'A' },
        { ...node, name: 'B', account: 1 },
      ],
      losses: [
        { name: 'A', kind: 'vendor', capacityLeft: [0, 1] },
        { name: 'B', kind: 'vendor', capacityLeft: [1, 0] },
      ],
      servedShares: [0.5],
      designDemand: [[10]],
    },
  };
  const reservedAt = (account: number): ReservationOffer => ({
    ...reservation,
    name: `at ${account}`,
    account,
    node: account,
    usableShare: 0,
  });

  it('leaves nothing feasible where the other cannot serve the share', async () => {
    const solved = await solveExtensive(resilient);
    expect(solved).toMatchObject({ status: 'infeasible', objective: Infinity, decision: null });
    const lessAsked = { ...resilient, resilience: { ...resilient.resilience!, servedShares: [0.3] } };
    expect((await solveExtensive(lessAsked)).objective).toBeCloseTo(10, 9);
  });

  it('is covered by reservations with their burst on either side', async () => {
    const covered = await solveExtensive({ ...resilient, reservations: [reservedAt(0), reservedAt(1)] });
    // 2 are missing on each side: 1.6 reserved.
    expect(covered.decision!.reservations).toEqual([expect.closeTo(1.6, 9), expect.closeTo(1.6, 9)]);
    expect(covered.objective).toBeCloseTo(10 + 2 * 1.6 * 0.5, 9);
  });

  it('is covered by pools in proportion to their floors', async () => {
    const pools = [
      { ...pool, name: 'A', floors: [8] },
      { ...pool, name: 'B', account: 1, floors: [8] },
    ];
    const covered = await solveExtensive({ ...resilient, pools });
    expect([covered.objective, covered.decision!.pools]).toEqual([expect.closeTo(16, 9), [true, true]]);
    const small = pools.map((offer) => ({ ...offer, floors: [7.9] }));
    expect((await solveExtensive({ ...resilient, pools: small })).status).toBe('infeasible');
  });

  it('may leave a part of a node, contracts among it', async () => {
    const host: PlanProblem = {
      ...resilient,
      reservations: [reservedAt(0), reservedAt(1)],
      resilience: { ...resilient.resilience!, losses: [{ name: 'host', kind: 'host', capacityLeft: [0.5, 0.5] }] },
    };
    // Half of 6 is 3; the 2 that are missing take 4, less the burst 3.2.
    const covered = await solveExtensive(host);
    expect(covered.objective).toBeCloseTo(10 + 3.2 * 0.5, 9);
  });

  it('serves each class only where it has a source', async () => {
    const both: PlanProblem = {
      ...resilient,
      classes: [{ name: 'work' }, { name: 'play' }],
      sources: [...resilient.sources, { name: 'A/play', account: 0, class: 1, node: 0, listPrice: [1] }],
      priceIndices: [{ name: 'constant', factors: [[1], [1], [1]] }],
      scenarios: [{ weight: 1, demand: [[10], [1]], prices: 0 }],
      resilience: {
        ...resilient.resilience!,
        losses: [{ name: 'nothing', kind: 'host', capacityLeft: [1, 1] }],
        designDemand: [[8, 2]],
      },
    };
    const asked = (servedShares: readonly number[]): PlanProblem => ({
      ...both,
      resilience: { ...both.resilience!, servedShares },
    });
    expect((await solveExtensive(asked([0.5, 1]))).status).toBe('optimal');
    expect((await solveExtensive(asked([0.51, 1]))).status).toBe('infeasible');
    expect((await solveExtensive(asked([0, 1.6]))).status).toBe('infeasible');
  });

  it('is judged at the end of a period', async () => {
    const late = (fromSegment: number, untilSegment: number): PlanProblem => ({
      ...withDemand({ ...resilient, segmentsPerPeriod: 2 }, 5, 5),
      reservations: [0, 1].map((account) => ({ ...reservedAt(account), fromSegment, untilSegment })),
    });
    expect((await solveExtensive(late(1, 2))).objective).toBeCloseTo(10 + 2 * 1.6 * 0.5, 9);
    expect((await solveExtensive(late(0, 1))).status).toBe('infeasible');
  });
});
