// A problem whose every figure can be worked out by hand: two vendors, two classes, two years told in one step each, two futures.
import type { PlanDecision, PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';

/** 150 a year at A for a fifth less. Account A is 0, B is 1; "chat" is class 0, "code" is class 1. */
export const tinyPool = (changes: Partial<PoolOffer> = {}): PoolOffer => ({
  name: 'A 150',
  account: 0,
  fromPeriod: 0,
  untilPeriod: 1,
  floors: [150],
  discount: 0.2,
  shortfallRate: 1,
  signingCost: 0,
  carry: null,
  signed: false,
  ...changes,
});

/** Chat at A for one year, two thirds of the list price, used to the last unit. */
export const tinyReservation = (changes: Partial<ReservationOffer> = {}): ReservationOffer => ({
  name: 'A chat reserved',
  account: 0,
  class: 0,
  node: 0,
  fromSegment: 0,
  untilSegment: 1,
  feePerMonth: 0.5,
  signingCost: 0,
  usableShare: 1,
  quantity: { kind: 'upTo', max: 100 },
  countsTowardsPool: false,
  signed: false,
  ...changes,
});

/** Chat costs 1 at A and 1.2 at B, code 2 at A and is nowhere else. Demand of a year: chat 100 or 200, code 50. */
export const tinyProblem = (changes: Partial<PlanProblem> = {}): PlanProblem => ({
  accounts: [
    { name: 'A', vendor: 'A' },
    { name: 'B', vendor: 'B' },
  ],
  classes: [{ name: 'chat' }, { name: 'code' }],
  sources: [
    { name: 'A/chat', account: 0, class: 0, node: 0, listPrice: [1, 1] },
    { name: 'B/chat', account: 1, class: 0, node: 1, listPrice: [1.2, 1.2] },
    { name: 'A/code', account: 0, class: 1, node: 0, listPrice: [2, 2] },
  ],
  pools: [tinyPool()],
  reservations: [],
  periods: 2,
  segmentsPerPeriod: 1,
  stepsPerSegment: 1,
  monthsPerStep: 12,
  scenarios: [
    {
      weight: 0.5,
      demand: [
        [100, 100],
        [50, 50],
      ],
      prices: 0,
    },
    {
      weight: 0.5,
      demand: [
        [200, 200],
        [50, 50],
      ],
      prices: 0,
    },
  ],
  priceIndices: [
    {
      name: 'as today',
      factors: [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
    },
  ],
  caps: [],
  capPenalty: 10,
  resilience: null,
  guards: { usageShare: Infinity, reservationFees: [1000, 1000] },
  risk: { cvarWeight: 0.5, beta: 0.5 },
  ...changes,
});

/** Units a year without contract: 40 at A, 30 at B, and 0.2 for each unit of money of a pool. */
export const tinyResilience: NonNullable<PlanProblem['resilience']> = {
  nodes: [
    { name: 'A', account: 0, base: [40, 40], perPoolMoney: 0.2, reservationBurst: 0.5 },
    { name: 'B', account: 1, base: [30, 30], perPoolMoney: 0, reservationBurst: 0 },
  ],
  losses: [
    { name: 'A', kind: 'vendor', capacityLeft: [0, 1] },
    { name: 'B', kind: 'vendor', capacityLeft: [1, 0] },
  ],
  servedShares: [0.9, 0.3],
  designDemand: [
    [100, 50],
    [100, 50],
  ],
};

export const nothingSigned = ({ pools, reservations }: PlanProblem): PlanDecision => ({
  pools: pools.map(() => false),
  reservations: reservations.map(() => 0),
});
