import type { CalendarWindow, SharesView } from '../../ledger/index.ts';
import { flatForecast, type Forecast } from '../../router/index.ts';

const hourMs = 3_600_000;
const monthHours = 30 * 24;
/** What was spent says how much an hour brings once so much time has passed. */
const seenHoursMin = 24;

/**
 * What is expected where the ledger is too young to say when load comes: as much in every hour. How much that is the contracts say, or what is being spent
 * where that is more: steps that were measured by too little would be too large.
 * @param spent Of the window that an instant is in.
 */
export const flatMonth = (
  windowUsd: number,
  { fromMs, untilMs }: Pick<CalendarWindow, 'fromMs' | 'untilMs'>,
  spent: (atMs: number) => Pick<SharesView, 'totalUsd'>,
  nowMs: () => number,
): Forecast => {
  const hours = Number.isFinite(untilMs) ? (untilMs - fromMs) / hourMs : monthHours;
  const expected = windowUsd / hours;
  return {
    ...flatForecast(windowUsd, expected),
    get usdPerHour() {
      const atMs = nowMs();
      const seenHours = Math.max(seenHoursMin, (atMs - fromMs) / hourMs);
      return Math.max(expected, spent(atMs).totalUsd / seenHours);
    },
  };
};
