import { addMonths } from '../portfolio/calendarMonths.ts';

/** Days of the calendar from the first to before the second; texts of days compare like days. */
export interface DaySpan {
  readonly from: string;
  readonly until: string;
}

/** One month of the calendar, as far as it is told. */
export interface TrackedMonth extends DaySpan {
  /** "2027-01". */
  readonly month: string;
  /** Whether days of it are still to come. */
  readonly partial: boolean;
  /** Share of its days that is told, from 0 to 1. */
  readonly share: number;
}

const dayMs = 86_400_000;

const ordinal = (day: string): number => Date.parse(`${day}T00:00:00Z`) / dayMs;

/** How many days a span has: none where it ends before it begins. */
export const daysIn = ({ from, until }: DaySpan): number => Math.max(0, ordinal(until) - ordinal(from));

export const overlapOf = (one: DaySpan, other: DaySpan): DaySpan => ({
  from: one.from > other.from ? one.from : other.from,
  until: one.until < other.until ? one.until : other.until,
});

/** The months of the calendar that a span touches, whole, in order. */
export const monthsTouched = ({ from, until }: DaySpan): readonly DaySpan[] => {
  const months: DaySpan[] = [];
  for (let first = `${from.slice(0, 7)}-01`; first < until; first = addMonths(first, 1))
    months.push({ from: first, until: addMonths(first, 1) });
  return months;
};

/** Months that a span is long: each month counts by the share of its days. */
export const monthsLong = (span: DaySpan): number =>
  monthsTouched(span).reduce((sum, month) => sum + daysIn(overlapOf(month, span)) / daysIn(month), 0);

/** The months from the beginning of a horizon until a day that nothing is told of any more. */
export const trackedMonths = (horizon: DaySpan, asOf: string): readonly TrackedMonth[] => {
  const told = overlapOf(horizon, { from: horizon.from, until: asOf });
  return monthsTouched(told).map((month) => ({
    ...month,
    month: month.from.slice(0, 7),
    partial: month.until > told.until,
    share: daysIn(overlapOf(month, told)) / daysIn(month),
  }));
};
