import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarWindow, type CalendarWindowName } from './index.ts';

const iso = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }) =>
  [fromMs, untilMs].map((ms) => new Date(ms).toISOString());
const paris = (name: CalendarWindowName, now: string) => iso(calendarWindow(name, Date.parse(now), 'Europe/Paris'));
const hours = ([from = '', until = '']: readonly string[]) => (Date.parse(until) - Date.parse(from)) / 3_600_000;

describe('calendar windows', () => {
  test('are days of the wall clock: 23 hours when clocks go forward, 25 when they go back', () => {
    expect(paris('day', '2026-03-29T12:00:00Z')).toEqual(['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z']);
    expect(hours(paris('day', '2026-03-29T12:00:00Z'))).toBe(23);
    expect(hours(paris('day', '2026-10-25T12:00:00Z'))).toBe(25);
    expect(hours(paris('day', '2026-07-01T12:00:00Z'))).toBe(24);
  });

  test('begin weeks on Monday, also at the turn of the year', () => {
    expect(paris('week', '2026-11-26T12:00:00Z')).toEqual(['2026-11-22T23:00:00.000Z', '2026-11-29T23:00:00.000Z']);
    expect(paris('week', '2027-01-01T12:00:00Z')).toEqual(['2026-12-27T23:00:00.000Z', '2027-01-03T23:00:00.000Z']);
    expect(hours(paris('week', '2026-03-25T12:00:00Z'))).toBe(7 * 24 - 1);
  });

  test('are months and years of the zone', () => {
    expect(paris('month', '2026-10-31T23:30:00Z')).toEqual(['2026-10-31T23:00:00.000Z', '2026-11-30T23:00:00.000Z']);
    expect(paris('month', '2026-12-15T00:00:00Z')).toEqual(['2026-11-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z']);
    expect(paris('year', '2026-06-01T00:00:00Z')).toEqual(['2025-12-31T23:00:00.000Z', '2026-12-31T23:00:00.000Z']);
  });

  test('never start anew in total', () => {
    expect(calendarWindow('total', 5, 'UTC')).toEqual({ fromMs: 0, untilMs: Number.POSITIVE_INFINITY });
  });

  test('hold their instant and lie side by side, in any zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<CalendarWindowName>('minute', 'hour', 'day', 'week', 'month', 'year'),
        fc.integer({ min: Date.parse('2015-01-01T00:00:00Z'), max: Date.parse('2035-01-01T00:00:00Z') }),
        fc.constantFrom(
          'UTC',
          'Europe/Paris',
          'America/Santiago',
          'America/Havana',
          'Asia/Kathmandu',
          'Australia/Lord_Howe',
        ),
        (name, nowMs, zone) => {
          const window = calendarWindow(name, nowMs, zone);
          expect(window.fromMs <= nowMs && nowMs < window.untilMs).toBe(true);
          expect(calendarWindow(name, window.fromMs, zone)).toEqual(window);
          expect(calendarWindow(name, window.untilMs - 1, zone)).toEqual(window);
          expect(calendarWindow(name, window.untilMs, zone).fromMs).toBe(window.untilMs);
        },
      ),
    );
  });
});
