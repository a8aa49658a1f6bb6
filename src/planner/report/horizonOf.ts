import { addMonths, monthsUntil } from '../portfolio/calendarMonths.ts';
import type { PlanTranslation } from '../portfolio/PlanTranslation.ts';
import type { HorizonJson } from './PlanDocument.ts';

const yearMonths = 12;

/** From one month to another, in any language: "2027-04", "2027-04/06", "2027-11/2028-01". */
const monthsName = (from: string, months: number): string => {
  const [first, last] = [from.slice(0, 7), addMonths(from, months - 1).slice(0, 7)];
  if (first === last) return first;
  return `${first}/${last.slice(0, 4) === first.slice(0, 4) ? last.slice(5) : last}`;
};

/** How a period is called: "2027" for a year of the calendar, "2027/28" for another, else by its months. */
const nameOf = (from: string, months: number): string => {
  const year = Number(from.slice(0, 4));
  if (months !== yearMonths) return monthsName(from, months);
  return from.slice(5, 7) === '01' ? String(year) : `${year}/${String(year + 1).slice(2)}`;
};

/** Months of each period of a problem. */
const periodMonthsOf = ({ problem }: PlanTranslation): number =>
  problem.segmentsPerPeriod * problem.stepsPerSegment * problem.monthsPerStep;

/** The time that is planned, period by period. */
export const horizonOf = (translation: PlanTranslation): HorizonJson => {
  const months = periodMonthsOf(translation);
  const periods = translation.periodStarts.map((from) => ({
    name: nameOf(from, months),
    from,
    until: addMonths(from, months),
  }));
  return { from: periods[0]?.from ?? '', until: periods.at(-1)?.until ?? '', periods };
};

/** Months from the horizon's first day to another first of a month, shares of months among them. */
export const monthOf = (horizon: HorizonJson, day: string): number => monthsUntil(horizon.from, day);
