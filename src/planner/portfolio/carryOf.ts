import type { CarryClause, PoolCarry } from '../PlanProblem.ts';
import { floatOf, isPositive } from './floatOf.ts';
import type { PoolOfferTerms } from './schema.ts';
import type { Timeline } from './timelineOf.ts';

type Written = Pick<PoolOfferTerms, 'rollover' | 'carryForward'>;

/** Time is counted in whole periods: what is left of a clause's months within one is not used. */
const clauseOf = ({ periodMonths }: Timeline, written: Written['rollover']): CarryClause | null => {
  if (written === null || !isPositive(written.share) || written.months < periodMonths) return null;
  return {
    share: floatOf(written.share),
    shareOfFloorMax: written.upTo === null ? null : floatOf(written.upTo),
    periods: Math.floor(written.months / periodMonths),
  };
};

/** What moves from one true-up of a pool to the next; null where nothing does. */
export const carryOf = (timeline: Timeline, { rollover, carryForward }: Written): PoolCarry | null => {
  const carry = { unspent: clauseOf(timeline, rollover), overspent: clauseOf(timeline, carryForward) };
  return carry.unspent === null && carry.overspent === null ? null : carry;
};
