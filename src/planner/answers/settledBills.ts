import { valuesOfDecision } from '../model/FirstStage.ts';
import { shortfallsOwed } from '../model/shortfallsOwed.ts';
import type { PlanDecision, PlanProblem, PoolOffer } from '../PlanProblem.ts';
import type { ScenarioBill } from './billDecision.ts';
import { listSpendOf } from './signedOnly.ts';

/**
 * Money that clauses which carry save in each period of a pool, for usage as it is: below 0 where something of an earlier period is owed.
 * @param feesIn Fees that count towards the pool, by period of the horizon.
 */
const savedBy = (
  problem: PlanProblem,
  pool: PoolOffer,
  bills: ScenarioBill,
  feesIn: (period: number) => number,
): readonly number[] => {
  const spent = pool.floors.map((_, index) => {
    const period = pool.fromPeriod + index;
    return (1 - pool.discount) * listSpendOf(problem, bills, pool.account, period) + feesIn(period);
  });
  return shortfallsOwed(pool, spent).map(
    (owed, index) => pool.shortfallRate * (Math.max(0, (pool.floors[index] ?? 0) - (spent[index] ?? 0)) - owed),
  );
};

/**
 * Bills as vendors settle them: where a pool has clauses that carry, with what they save on the usage that the bills tell. That usage was chosen
 * as if there were none, so that who steers it by them pays no more than this.
 * @param bills Of the decision in the problem, with true-ups that stand by themselves.
 */
export const settledBills = (
  problem: PlanProblem,
  decision: PlanDecision,
  bills: readonly ScenarioBill[],
): readonly ScenarioBill[] => {
  const carrying = problem.pools.filter(({ carry }, index) => carry !== null && decision.pools[index] === true);
  if (carrying.length === 0) return bills;
  const { fees } = valuesOfDecision(problem, decision);
  return bills.map((periods) => {
    const settled = periods.map((bill) => ({ ...bill, accounts: [...bill.accounts] }));
    for (const pool of carrying) {
      const saved = savedBy(problem, pool, periods, (period) => fees[period]?.[pool.account] ?? 0);
      for (const [index, money] of saved.entries()) {
        const bill = settled[pool.fromPeriod + index];
        if (bill === undefined) continue;
        bill.accounts[pool.account] = (bill.accounts[pool.account] ?? 0) - money;
        bill.total -= money;
        bill.carried += money;
      }
    }
    return settled;
  });
};
