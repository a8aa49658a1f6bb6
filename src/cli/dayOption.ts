import { startOfDayMs } from '../kernel/index.ts';
import { textOption, UsageError, type OptionValues } from './Command.ts';

/** An option that takes a day of the calendar; null where it was not given. @throws UsageError for what is none. */
export const dayOption = (options: OptionValues, name: string): string | null => {
  const written = textOption(options, name);
  if (written === undefined) return null;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(written) ? Date.parse(`${written}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(written))
    throw new UsageError(`--${name} takes a day of the calendar, such as 2027-04-01, not ${written}`);
  return written;
};

/** Its midnight, UTC, in Unix milliseconds. @throws UsageError for what is none. */
export const dayOptionMs = (options: OptionValues, name: string): number | null => {
  const day = dayOption(options, name);
  return day === null ? null : startOfDayMs(day, 'UTC');
};
