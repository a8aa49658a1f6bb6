import { monthsInPeriod } from '../model/periodsOf.ts';
import type { ConcentrationCap, PlanDecision, PlanProblem } from '../PlanProblem.ts';
import type { PeriodBill } from './billDecision.ts';

/** How far over a cap, as a share, is still what a solver leaves. */
export const capSlack = 1e-6;

/** What is within a cap in a period, as a share of all, both measured as the cap says. 0 where there is nothing at all. */
export const capShare = (
  problem: PlanProblem,
  decision: PlanDecision,
  { basis }: ConcentrationCap,
  period: number,
  bill: PeriodBill,
): number => {
  const shareOf = (within: number, all: number): number => (all > 0 ? within / all : 0);
  if (basis.kind === 'cost') {
    const within = bill.accounts.reduce((sum, cost, account) => sum + cost * (basis.accountShares[account] ?? 0), 0);
    return shareOf(
      within,
      bill.accounts.reduce((sum, cost) => sum + cost, 0),
    );
  }
  let within = 0;
  let all = 0;
  for (const [source, money] of bill.listSpend.entries()) {
    within += money * (basis.sourceShares[source] ?? 0);
    all += money;
  }
  for (const [index, offer] of problem.reservations.entries()) {
    const fee = offer.feePerMonth * monthsInPeriod(problem, offer, period) * (decision.reservations[index] ?? 0);
    within += fee * (basis.reservationShares[index] ?? 0);
    all += fee;
  }
  return shareOf(within, all);
};
