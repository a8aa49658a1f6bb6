import { isRollingWindow, rollingLengthMs, type RollingWindowName } from '../vocabulary/index.ts';
import { calendarWindow, type CalendarWindow, type CalendarWindowName } from './calendarWindow.ts';

/** What a budget counts over: a window of the calendar, or the time of a length that has just passed. */
export type BudgetWindow = CalendarWindowName | RollingWindowName;

/** Pieces that a rolling window is counted in: what leaves it leaves by the piece, at the latest this part of its length after its time. */
export const rollingPieces = 60;

/** The piece that what happens at an instant counts to: all of a window of the calendar, a sixtieth of a rolling one. */
export const pieceAt = (window: BudgetWindow, atMs: number, timeZone: string): CalendarWindow => {
  if (!isRollingWindow(window)) return calendarWindow(window, atMs, timeZone);
  const lengthMs = (rollingLengthMs(window) ?? 0) / rollingPieces;
  const fromMs = Math.floor(atMs / lengthMs) * lengthMs;
  return { fromMs, untilMs: fromMs + lengthMs };
};

/** The window that a balance is of: a rolling one never begins anew. */
export const balanceWindow = (window: BudgetWindow, atMs: number, timeZone: string): CalendarWindow =>
  isRollingWindow(window) ? { fromMs: 0, untilMs: Number.POSITIVE_INFINITY } : calendarWindow(window, atMs, timeZone);

/**
 * All that counts at an instant, from its first piece to the end of the running one. A rolling window keeps the piece in which an amount becomes too old until
 * all of that piece is: over no span of its length is more spent than its cap.
 */
export const windowAt = (window: BudgetWindow, nowMs: number, timeZone: string): CalendarWindow => {
  const { fromMs, untilMs } = pieceAt(window, nowMs, timeZone);
  return { fromMs: fromMs - (rollingLengthMs(window) ?? 0), untilMs };
};
