/** How amounts of one kind are added: integers for what is booked, floating point for what is planned. */
export interface Sums<Amount> {
  readonly zero: Amount;
  readonly plus: (one: Amount, other: Amount) => Amount;
  readonly minus: (one: Amount, other: Amount) => Amount;
}

/** Floating point, for plans. */
export const floatSums: Sums<number> = {
  zero: 0,
  plus: (one, other) => one + other,
  minus: (one, other) => one - other,
};

/** Integers, for money. */
export const integerSums: Sums<bigint> = {
  zero: 0n,
  plus: (one, other) => one + other,
  minus: (one, other) => one - other,
};

/** What of an amount counts in later intervals, and until when. */
export interface CarryRule<Amount> {
  /** What of it moves on, from 0 to all of it. */
  moved(amount: Amount, due: Amount): Amount;
  /** The last interval in which it counts; it moves nowhere where that is not a later one. */
  lastInterval(interval: number): number;
}

/** What moves from one true-up interval to the next ones. */
export interface CarryRules<Amount> {
  /** What was not spent, and may be spent later beyond what is due then instead of being owed. */
  readonly unspent: CarryRule<Amount> | null;
  /** What was spent beyond what was due, and counts where a later interval has too little. */
  readonly overspent: CarryRule<Amount> | null;
}

/** How a true-up interval ends. */
export interface IntervalEnd<Amount> {
  /** What counts in it of what earlier ones spent too much. */
  readonly credited: Amount;
  /** Owed at its end because it was not spent, before the rate of the shortfall. */
  readonly owed: Amount;
  /** Not spent by its end, its own and of earlier intervals, and not owed yet. */
  readonly open: Amount;
}

/** Money of one interval that counts in later ones. */
interface Carried<Amount> {
  money: Amount;
  readonly lastInterval: number;
}

/**
 * What of each true-up interval is owed because it was not spent, before the rate of the shortfall. By itself, an interval owes what was due less
 * what was spent. With rules that carry, what was spent too much before counts first, the oldest of it; a part of what is missing then is not owed
 * at once, but where spend beyond what is due in the next intervals does not take it up until its time is over. Nothing is moved beyond the last
 * interval that is due, and for all intervals together never more is owed than without rules.
 *
 * These are two clauses of private pricing, a rollover of unspent commitment and a carry-forward of spend beyond it.
 * @param due In each interval.
 * @param spent In each of the first intervals; as many are settled.
 */
export const settleIntervals = <Amount extends number | bigint>(
  { zero, plus, minus }: Sums<Amount>,
  due: readonly Amount[],
  carry: CarryRules<Amount>,
  spent: readonly Amount[],
): readonly IntervalEnd<Amount>[] => {
  const unspent: Carried<Amount>[] = [];
  const overspent: Carried<Amount>[] = [];
  const last = due.length - 1;

  /** Takes as much as is there, the oldest first. @returns how much that was. */
  const take = (carried: readonly Carried<Amount>[], wanted: Amount): Amount => {
    let left = wanted;
    for (const batch of carried) {
      const taken = left < batch.money ? left : batch.money;
      batch.money = minus(batch.money, taken);
      left = minus(left, taken);
    }
    return minus(wanted, left);
  };

  const put = (
    carried: Carried<Amount>[],
    rule: CarryRule<Amount> | null,
    interval: number,
    amount: Amount,
    ofDue: Amount,
  ): Amount => {
    const lastInterval = Math.min(last, rule?.lastInterval(interval) ?? interval);
    if (rule === null || lastInterval <= interval) return zero;
    const money = rule.moved(amount, ofDue);
    carried.push({ money, lastInterval });
    return money;
  };

  const moneyOf = (carried: readonly Carried<Amount>[]): Amount =>
    carried.reduce((sum, { money }) => plus(sum, money), zero);

  return spent.map((spentHere, interval) => {
    const dueHere = due[interval] ?? zero;
    let owed = zero;
    let credited = zero;
    if (spentHere < dueHere) {
      const gap = minus(dueHere, spentHere);
      credited = take(overspent, gap);
      const missing = minus(gap, credited);
      owed = minus(missing, put(unspent, carry.unspent, interval, missing, dueHere));
    } else {
      const over = minus(spentHere, dueHere);
      put(overspent, carry.overspent, interval, minus(over, take(unspent, over)), dueHere);
    }
    const isOver = ({ lastInterval }: Carried<Amount>): boolean => lastInterval === interval;
    owed = plus(owed, moneyOf(unspent.filter(isOver)));
    for (const batch of [...unspent, ...overspent].filter(isOver)) batch.money = zero;
    return { credited, owed, open: moneyOf(unspent) };
  });
};
