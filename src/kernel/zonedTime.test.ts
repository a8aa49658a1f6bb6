import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instantOf, isTimeZone, wallTimeOf } from './zonedTime.ts';

const at = (iso: string): number => Date.parse(iso);
const wall = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second,
});

describe('zoned time', () => {
  test('knows what the wall clock shows in summer and in winter', () => {
    expect(wallTimeOf(at('2026-07-01T22:00:00Z'), 'Europe/Paris')).toEqual(wall(2026, 7, 2));
    expect(wallTimeOf(at('2026-01-01T23:00:00Z'), 'Europe/Paris')).toEqual(wall(2026, 1, 2));
    expect(wallTimeOf(at('2026-01-01T23:59:59.999Z'), 'UTC')).toEqual(wall(2026, 1, 1, 23, 59, 59));
  });

  test('finds the instant of a wall time on both sides of a change', () => {
    expect(instantOf(wall(2026, 3, 29), 'Europe/Paris')).toBe(at('2026-03-28T23:00:00Z'));
    expect(instantOf(wall(2026, 3, 30), 'Europe/Paris')).toBe(at('2026-03-29T22:00:00Z'));
    expect(instantOf(wall(2026, 10, 25), 'Europe/Paris')).toBe(at('2026-10-24T22:00:00Z'));
    expect(instantOf(wall(2026, 10, 26), 'Europe/Paris')).toBe(at('2026-10-25T23:00:00Z'));
  });

  test('takes the first of two equal wall times, and moves a skipped one on', () => {
    expect(instantOf(wall(2026, 10, 25, 2, 30), 'Europe/Paris')).toBe(at('2026-10-25T00:30:00Z'));
    expect(instantOf(wall(2026, 3, 29, 2, 30), 'Europe/Paris')).toBe(at('2026-03-29T01:30:00Z'));
  });

  test('starts a day whose midnight is skipped at its first moment', () => {
    // Santiago puts its clocks forward at midnight: 23:59:59 is followed by 01:00:00.
    const start = instantOf(wall(2025, 9, 7), 'America/Santiago');
    expect(wallTimeOf(start, 'America/Santiago')).toEqual(wall(2025, 9, 7, 1));
    expect(wallTimeOf(start - 1000, 'America/Santiago')).toEqual(wall(2025, 9, 6, 23, 59, 59));
  });

  test('goes there and back for any moment', () => {
    const zones = ['UTC', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];
    fc.assert(
      fc.property(
        fc.integer({ min: at('2015-01-01T00:00:00Z') / 1000, max: at('2035-01-01T00:00:00Z') / 1000 }),
        fc.constantFrom(...zones),
        (second, zone) => {
          const shown = wallTimeOf(second * 1000, zone);
          const found = instantOf(shown, zone);
          expect(wallTimeOf(found, zone)).toEqual(shown);
          expect(found <= second * 1000).toBe(true);
        },
      ),
    );
  });

  test('tells a zone from a word', () => {
    expect(isTimeZone('Europe/Paris')).toBe(true);
    expect(isTimeZone('Europe/Atlantis')).toBe(false);
    expect(() => wallTimeOf(0, 'Europe/Atlantis')).toThrow(RangeError);
  });
});
