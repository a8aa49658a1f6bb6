import { utcDay } from '../../kernel/index.ts';

const isoDay = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/;
const compactDay = /^(\d{4})(\d{2})(\d{2})$/;
/** Month first, as cost details write it. */
const slashedDay = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const unixSeconds = /^\d{10}$/;

/** An instant with an offset from UTC, as ISO 8601 and databases write it. */
const offsetInstant = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?([+-]\d{2})(?::?(\d{2}))?$/;

const checked = (year: string, month: string, day: string): string | null => {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : null;
};

/** The day of the calendar that a cell tells, "2026-01-31"; null where it tells none. Instants keep the day of their own zone. */
export const calendarDay = (text: string): string | null => {
  if (unixSeconds.test(text)) return utcDay(Number(text) * 1000);
  const [, month, day, year] = slashedDay.exec(text) ?? [];
  if (month !== undefined && day !== undefined && year !== undefined) return checked(year, month, day);
  const [, ofYear, ofMonth, ofDay] = isoDay.exec(text) ?? compactDay.exec(text) ?? [];
  return ofYear === undefined || ofMonth === undefined || ofDay === undefined ? null : checked(ofYear, ofMonth, ofDay);
};

/** The day of UTC that a cell tells: an instant with an offset is converted, everything else is `calendarDay`. Null where it tells none. */
export const calendarDayInUtc = (text: string): string | null => {
  const day = calendarDay(text);
  const [, date, time, hours, minutes = '00'] = offsetInstant.exec(text) ?? [];
  if (day === null || date === undefined) return day;
  const ms = Date.parse(`${date}T${time}${hours}:${minutes}`);
  return Number.isNaN(ms) ? null : utcDay(ms);
};

/** Last day of the month that a day is of. */
export const lastOfMonth = (day: string): string =>
  utcDay(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0));

/** How many days lie between two, the last one counted. */
export const daysOf = (first: string, last: string): number =>
  Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000) + 1;

/** The day after. */
export const nextDay = (day: string): string => utcDay(Date.parse(`${day}T00:00:00Z`) + 86_400_000);
