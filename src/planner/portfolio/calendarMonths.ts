// Days of the calendar as "2027-01-31" and months counted from the first day of the horizon.

/** Year and month of a day, months from 1. */
const partsOf = (date: string): readonly [year: number, month: number, day: number] => [
  Number(date.slice(0, 4)),
  Number(date.slice(5, 7)),
  Number(date.slice(8, 10)),
];

/** Days of a month of the calendar. */
const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** How many months lie between a first of a month and a day: whole for firsts of months, else with the share of its month. */
export const monthsUntil = (first: string, date: string): number => {
  const [fromYear, fromMonth] = partsOf(first);
  const [year, month, day] = partsOf(date);
  return (year - fromYear) * 12 + (month - fromMonth) + (day - 1) / daysInMonth(year, month);
};

/** First of the month that is so many months later. */
export const addMonths = (first: string, months: number): string => {
  const [year, month] = partsOf(first);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
};

/** The day that is so many days later. */
export const addDays = (date: string, days: number): string => {
  const [year, month, day] = partsOf(date);
  return new Date(Date.UTC(year, month - 1, day + days)).toISOString().slice(0, 10);
};

export const isFirstOfMonth = (date: string): boolean => date.endsWith('-01');

/** Month of the year from 0, so many months after a first of a month. */
export const monthOfYear = (first: string, months: number): number => (partsOf(first)[1] - 1 + months) % 12;

export const greatestDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestDivisor(other, one % other);
