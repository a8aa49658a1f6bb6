import { poolTerms, type PoolTerms } from '../model/poolCost.ts';
import type { PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';

const monthsPerYear = 12;

export const monthsPerPeriod = ({ segmentsPerPeriod, stepsPerSegment, monthsPerStep }: PlanProblem): number =>
  segmentsPerPeriod * stepsPerSegment * monthsPerStep;

/** Money of a period as money of a year. */
export const perYear = (problem: PlanProblem, amount: number): number =>
  (amount * monthsPerYear) / monthsPerPeriod(problem);

/** What signing costs, shared out over the periods as the floors are. */
const signingCostOf = ({ floors, signingCost }: PoolOffer, at: number): number => {
  const all = floors.reduce((sum, floor) => sum + floor, 0);
  return all > 0 ? (signingCost * (floors[at] ?? 0)) / all : signingCost / floors.length;
};

/** Where (1 - d) u + r max(0, F - (1 - d) u) + s = u; Infinity where the discount never earns what signing costs. */
const breakEvenUsage = ({ floor, discount, shortfallRate }: PoolTerms, signingCost: number): number => {
  const lostPerUsage = discount + shortfallRate * (1 - discount);
  const belowFloor = lostPerUsage > 0 ? (shortfallRate * floor + signingCost) / lostPerUsage : 0;
  if (signingCost === 0 || (lostPerUsage > 0 && (1 - discount) * belowFloor <= floor)) return belowFloor;
  return discount > 0 ? signingCost / discount : Infinity;
};

/**
 * Usage a year at list price from which a pool costs no more than list price, in each of its periods: below it the shortfall, and what signing
 * costs, eat the discount.
 */
export const poolBreakEven = (problem: PlanProblem, pool: PoolOffer): readonly number[] =>
  pool.floors.map((_, at) =>
    perYear(problem, breakEvenUsage(poolTerms(pool, pool.fromPeriod + at), signingCostOf(pool, at))),
  );

/** Mean list price at the reservation's own account and place over the time that it is in force; null where there is none to compare. */
export const listPriceBeside = (problem: PlanProblem, offer: ReservationOffer): number | null => {
  const beside = problem.sources.filter(
    (source) => source.class === offer.class && source.account === offer.account && source.node === offer.node,
  );
  const [own] =
    beside.length > 0
      ? beside
      : problem.sources.filter((source) => source.class === offer.class && source.account === offer.account);
  if (own === undefined) return null;
  let sum = 0;
  let segments = 0;
  for (let segment = offer.fromSegment; segment < offer.untilSegment; segment += 1) {
    const price = own.listPrice[Math.floor(segment / problem.segmentsPerPeriod)];
    if (price === undefined) continue;
    sum += price;
    segments += 1;
  }
  return segments > 0 ? sum / segments : null;
};

/** Money for one unit a month, what signing costs shared out over its time. */
export const costPerMonth = (problem: PlanProblem, offer: ReservationOffer): number => {
  const { stepsPerSegment, monthsPerStep } = problem;
  const months = (offer.untilSegment - offer.fromSegment) * stepsPerSegment * monthsPerStep;
  return offer.feePerMonth + offer.signingCost / months;
};

/** Share of reserved capacity that has to be used so that it costs no more than list price. */
export const reservationBreakEven = (problem: PlanProblem, offer: ReservationOffer): number | null => {
  const price = listPriceBeside(problem, offer);
  return price === null || price <= 0 ? null : costPerMonth(problem, offer) / price;
};
