// The smallest problems there are, with hardly anything in them.
import type { PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';

/** One account, one class, one source at 1 a unit, one step with a demand of 10; nothing on offer. */
export const tiny: PlanProblem = {
  accounts: [{ name: 'A', vendor: 'A' }],
  classes: [{ name: 'work' }],
  sources: [{ name: 'A/work', account: 0, class: 0, node: 0, listPrice: [1] }],
  pools: [],
  reservations: [],
  periods: 1,
  segmentsPerPeriod: 1,
  stepsPerSegment: 1,
  monthsPerStep: 1,
  scenarios: [{ weight: 1, demand: [[10]], prices: 0 }],
  priceIndices: [{ name: 'constant', factors: [[1], [1]] }],
  caps: [],
  capPenalty: 1,
  resilience: null,
  guards: { usageShare: Infinity, reservationFees: [Infinity] },
  risk: { cvarWeight: 0, beta: 0.9 },
};

export const pool: PoolOffer = {
  name: 'pool',
  account: 0,
  fromPeriod: 0,
  untilPeriod: 1,
  floors: [8],
  discount: 0.2,
  shortfallRate: 1,
  signingCost: 0,
  carry: null,
  signed: false,
};

export const reservation: ReservationOffer = {
  name: 'reservation',
  account: 0,
  class: 0,
  node: 0,
  fromSegment: 0,
  untilSegment: 1,
  feePerMonth: 0.5,
  signingCost: 0,
  usableShare: 1,
  quantity: { kind: 'upTo', max: 100 },
  countsTowardsPool: true,
  signed: false,
};

export const withDemand = (problem: PlanProblem, ...demand: readonly number[]): PlanProblem => ({
  ...problem,
  classes: demand.map((_, index) => ({ name: `class ${index}` })),
  scenarios: [{ weight: 1, demand: demand.map((units) => [units]), prices: 0 }],
});

export const twoClasses: PlanProblem = {
  ...withDemand(tiny, 10, 5),
  sources: [...tiny.sources, { name: 'A/other', account: 0, class: 1, node: 0, listPrice: [1] }],
};

/** Half of the design demand of 10 must be served by one node of this base, and of what pools add. */
export const withOutage = (problem: PlanProblem, base: number, perPoolMoney = 0): PlanProblem => ({
  ...problem,
  resilience: {
    nodes: [{ name: 'node', account: 0, base: [base], perPoolMoney, reservationBurst: 0 }],
    losses: [{ name: 'loss', kind: 'host', capacityLeft: [1] }],
    servedShares: [0.5],
    designDemand: [[10]],
  },
});
