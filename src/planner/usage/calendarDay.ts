const isoDay = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/;
const compactDay = /^(\d{4})(\d{2})(\d{2})$/;
/** Month first, as cost details write it. */
const slashedDay = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const unixSeconds = /^\d{10}$/;

const checked = (year: string, month: string, day: string): string | null => {
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : null;
};

/** The day of the calendar that a cell tells, "2026-01-31"; null where it tells none. Instants keep the day of their own zone. */
export const calendarDay = (text: string): string | null => {
  if (unixSeconds.test(text)) return new Date(Number(text) * 1000).toISOString().slice(0, 10);
  const [, month, day, year] = slashedDay.exec(text) ?? [];
  if (month !== undefined && day !== undefined && year !== undefined) return checked(year, month, day);
  const [, ofYear, ofMonth, ofDay] = isoDay.exec(text) ?? compactDay.exec(text) ?? [];
  return ofYear === undefined || ofMonth === undefined || ofDay === undefined ? null : checked(ofYear, ofMonth, ofDay);
};

/** Last day of the month that a day is of. */
export const lastOfMonth = (day: string): string =>
  new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).toISOString().slice(0, 10);

/** How many days lie between two, the last one counted. */
export const daysOf = (first: string, last: string): number =>
  Math.round((Date.parse(`${last}T00:00:00Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000) + 1;

/** The day after. */
export const nextDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
