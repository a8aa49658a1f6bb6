import { poolTerms } from '../model/poolCost.ts';
import type { PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';

const monthsPerYear = 12;

export const monthsPerPeriod = ({ segmentsPerPeriod, stepsPerSegment, monthsPerStep }: PlanProblem): number =>
  segmentsPerPeriod * stepsPerSegment * monthsPerStep;

/** Money of a period as money of a year. */
export const perYear = (problem: PlanProblem, amount: number): number =>
  (amount * monthsPerYear) / monthsPerPeriod(problem);

/**
 * Usage a year at list price from which a pool costs no more than list price, in each of its periods: below it the shortfall eats the discount.
 * Where (1 - d) u + r (F - (1 - d) u) = u.
 */
export const poolBreakEven = (problem: PlanProblem, pool: PoolOffer): readonly number[] =>
  pool.floors.map((_, at) => {
    const { floor, discount, shortfallRate } = poolTerms(pool, pool.fromPeriod + at);
    const lostPerUsage = discount + shortfallRate * (1 - discount);
    return lostPerUsage > 0 ? perYear(problem, (shortfallRate * floor) / lostPerUsage) : 0;
  });

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

/** Share of reserved capacity that has to be used so that it costs no more than list price. */
export const reservationBreakEven = (problem: PlanProblem, offer: ReservationOffer): number | null => {
  const price = listPriceBeside(problem, offer);
  return price === null || price <= 0 ? null : offer.feePerMonth / price;
};
