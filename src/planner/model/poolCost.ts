import type { PoolOffer } from '../PlanProblem.ts';

/** Terms of a pool in one period. */
export interface PoolTerms {
  /** Money to be spent after discount. */
  readonly floor: number;
  readonly discount: number;
  readonly shortfallRate: number;
}

export const poolTerms = (pool: PoolOffer, period: number): PoolTerms => ({
  floor: pool.floors[period - pool.fromPeriod] ?? 0,
  discount: pool.discount,
  shortfallRate: pool.shortfallRate,
});

/**
 * What an account costs in a period under a pool: what is spent, and the shortfall.
 * @param listSpend Usage at list prices. @param fees Of reservations that count towards the pool.
 */
export const poolCost = ({ floor, discount, shortfallRate }: PoolTerms, listSpend: number, fees: number): number => {
  const spent = (1 - discount) * listSpend + fees;
  return spent + shortfallRate * Math.max(0, floor - spent);
};

/**
 * The least of poolCost - listRate listSpend - feeRate fees over 0 <= listSpend <= listMax, 0 <= fees <= feesMax: how far a cut with these
 * rates may be lifted where this pool is signed. The cost is convex with one kink, so the least is at a corner or where the kink meets an edge.
 * It is concave in the two rates.
 */
export const poolLift = (
  terms: PoolTerms,
  listRate: number,
  feeRate: number,
  listMax: number,
  feesMax: number,
): number => {
  const net = 1 - terms.discount;
  const at = (listSpend: number, fees: number): number =>
    poolCost(terms, listSpend, fees) - listRate * listSpend - feeRate * fees;
  let least = Math.min(at(0, 0), at(listMax, 0), at(0, feesMax), at(listMax, feesMax));
  const kinkWithoutFees = terms.floor / net;
  if (kinkWithoutFees < listMax) least = Math.min(least, at(kinkWithoutFees, 0));
  const kinkWithFees = (terms.floor - feesMax) / net;
  if (kinkWithFees > 0 && kinkWithFees < listMax) least = Math.min(least, at(kinkWithFees, feesMax));
  if (terms.floor < feesMax) least = Math.min(least, at(0, terms.floor));
  const kinkAtMost = terms.floor - net * listMax;
  if (kinkAtMost > 0 && kinkAtMost < feesMax) least = Math.min(least, at(listMax, kinkAtMost));
  return least;
};
