import { addMonths } from '../portfolio/calendarMonths.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { commitmentsOf } from './commitmentsOf.ts';
import { daysIn, monthsTouched, overlapOf, type DaySpan } from './daySpan.ts';
import type { SavedPlan } from './SavedPlan.ts';

/** Months before the last one that a ledger is asked of at most. */
const monthsAskedMax = 120;

/**
 * What a ledger is to be asked of, so that a plan can be tracked: the months since the plan began, and since true-ups began that go on into it; cut where a
 * true-up begins or ends, so that no part tells of two.
 */
export const trackSpans = (plan: SavedPlan, portfolio: Portfolio, asOf: string): readonly DaySpan[] => {
  const told = overlapOf(plan.horizon, { from: plan.horizon.from, until: asOf });
  if (plan.forecast === null || daysIn(told) === 0) return [];
  const windows = commitmentsOf(plan, plan.forecast, portfolio)
    .flatMap((commitment): readonly DaySpan[] => [commitment, ...(commitment.pool?.windows ?? [])])
    .filter((window) => daysIn(overlapOf(window, told)) > 0);
  const trueUps = windows.filter((window) => 'due' in window);
  const earliest = addMonths(`${told.until.slice(0, 7)}-01`, -monthsAskedMax);
  const from = trueUps.reduce((first, window) => (window.from < first ? window.from : first), told.from);
  const whole = { from: from > earliest ? from : earliest, until: told.until };
  const cuts = new Set([
    whole.from,
    ...monthsTouched(whole).map((month) => month.from),
    ...windows.flatMap((window) => [window.from, window.until]),
  ]);
  const starts = [...cuts]
    .filter((day) => day >= whole.from && day < whole.until)
    .toSorted((one, other) => one.localeCompare(other));
  return starts.map((start, index) => ({ from: start, until: starts[index + 1] ?? whole.until }));
};
