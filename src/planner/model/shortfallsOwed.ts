import type { CarryClause, PoolOffer } from '../PlanProblem.ts';

/** Money of one period that counts in later ones. */
interface Carried {
  money: number;
  /** The last period of the pool in which it does. */
  readonly lastPeriod: number;
}

/** Takes as much as is there, the oldest first. @returns how much that was. */
const take = (carried: readonly Carried[], wanted: number): number => {
  let left = wanted;
  for (const batch of carried) {
    const taken = Math.min(left, batch.money);
    batch.money -= taken;
    left -= taken;
  }
  return wanted - left;
};

const moneyOf = (carried: readonly Carried[]): number => carried.reduce((sum, { money }) => sum + money, 0);

/** What of an amount a clause moves on from a period: nothing from the last one, after which there is no other. */
const movedOn = (clause: CarryClause | null, amount: number, floor: number, periodsLeft: number): number => {
  if (clause === null || periodsLeft < 1 || clause.periods < 1) return 0;
  const moved = clause.share * amount;
  return clause.shareOfFloorMax === null ? moved : Math.min(moved, clause.shareOfFloorMax * floor);
};

/**
 * What of each period's floor is owed because it was not spent, before the shortfall rate. By itself, a period owes its floor less what was
 * spent. With clauses that carry, what was spent too much before counts first, the oldest of it; a part of what is missing then is not owed at
 * once, but where spend beyond the floors of the next periods does not take it up until its time is over. Nothing is moved beyond the last
 * period, and for all periods together never more is owed than without clauses.
 *
 * These are two clauses of private pricing, a rollover of unspent commitment and a carry-forward of spend beyond it. Milestones of a commitment
 * whose balance counts, and for which what is charged for a missed one can still be consumed, are both of them to the full. Sources: decision 11.
 * @param spent Money after discount, with the fees that count, in each period of the pool.
 */
export const shortfallsOwed = (
  { floors, carry }: Pick<PoolOffer, 'floors' | 'carry'>,
  spent: readonly number[],
): readonly number[] => {
  const unspent: Carried[] = [];
  const overspent: Carried[] = [];
  const last = floors.length - 1;
  return floors.map((floor, period) => {
    const gap = floor - (spent[period] ?? 0);
    const put = (carried: Carried[], clause: CarryClause | null, amount: number): number => {
      const money = movedOn(clause, amount, floor, last - period);
      carried.push({ money, lastPeriod: Math.min(last, period + (clause?.periods ?? 0)) });
      return money;
    };
    let owed = 0;
    if (gap > 0) {
      const missing = gap - take(overspent, gap);
      owed = missing - put(unspent, carry?.unspent ?? null, missing);
    } else {
      const beyond = -gap - take(unspent, -gap);
      put(overspent, carry?.overspent ?? null, beyond);
    }
    const isOver = ({ lastPeriod }: Carried): boolean => lastPeriod === period;
    owed += moneyOf(unspent.filter(isOver));
    for (const batch of [...unspent, ...overspent].filter(isOver)) batch.money = 0;
    return owed;
  });
};
