import { floatSums, settleIntervals, type CarryRule } from '../../contracts/index.ts';
import type { CarryClause, PoolOffer } from '../PlanProblem.ts';

const ruleOf = (clause: CarryClause | null): CarryRule<number> | null =>
  clause && {
    moved: (amount, floor) =>
      clause.shareOfFloorMax === null
        ? clause.share * amount
        : Math.min(clause.share * amount, clause.shareOfFloorMax * floor),
    lastInterval: (period) => period + clause.periods,
  };

/**
 * What of each period's floor is owed because it was not spent, before the shortfall rate, as contracts are settled: see `settleIntervals`.
 *
 * Milestones of a commitment whose balance counts, and for which what is charged for a missed one can still be consumed, are both clauses to the
 * full. Sources: decision 11.
 * @param spent Money after discount, with the fees that count, in each period of the pool.
 */
export const shortfallsOwed = (
  { floors, carry }: Pick<PoolOffer, 'floors' | 'carry'>,
  spent: readonly number[],
): readonly number[] => {
  const rules = { unspent: ruleOf(carry?.unspent ?? null), overspent: ruleOf(carry?.overspent ?? null) };
  const inEach = floors.map((_, period) => spent[period] ?? 0);
  return settleIntervals(floatSums, floors, rules, inEach).map(({ owed }) => owed);
};
