import { instantOf, wallTimeOf } from '../kernel/index.ts';

/** Windows that amounts are counted in. Days, weeks (from Monday), months and years are those of a time zone; `total` never starts anew. */
export type CalendarWindowName = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year' | 'total';

/** A window: fromMs <= now < untilMs. Unix milliseconds; untilMs is Infinity where there is no end. */
export interface CalendarWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Whole minutes and hours of UTC: they have the same length always, which local hours have not. */
const fixedWindow = (nowMs: number, lengthMs: number): CalendarWindow => {
  const fromMs = Math.floor(nowMs / lengthMs) * lengthMs;
  return { fromMs, untilMs: fromMs + lengthMs };
};

/** Days since the Monday before or on this date. */
const daysSinceMonday = (year: number, month: number, day: number): number =>
  (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;

/** The window of a name that an instant falls into, in a time zone. A day of a time change has 23 or 25 hours. */
export const calendarWindow = (name: CalendarWindowName, nowMs: number, timeZone: string): CalendarWindow => {
  const { year, month, day } = wallTimeOf(nowMs, timeZone);
  const midnight = (ofYear: number, ofMonth: number, ofDay: number): number =>
    instantOf({ year: ofYear, month: ofMonth, day: ofDay, hour: 0, minute: 0, second: 0 }, timeZone);
  switch (name) {
    case 'minute':
      return fixedWindow(nowMs, minuteMs);
    case 'hour':
      return fixedWindow(nowMs, hourMs);
    case 'day':
      return { fromMs: midnight(year, month, day), untilMs: midnight(year, month, day + 1) };
    case 'week': {
      const monday = day - daysSinceMonday(year, month, day);
      return { fromMs: midnight(year, month, monday), untilMs: midnight(year, month, monday + 7) };
    }
    case 'month':
      return { fromMs: midnight(year, month, 1), untilMs: midnight(year, month + 1, 1) };
    case 'year':
      return { fromMs: midnight(year, 1, 1), untilMs: midnight(year + 1, 1, 1) };
    case 'total':
      return { fromMs: 0, untilMs: Number.POSITIVE_INFINITY };
  }
};
