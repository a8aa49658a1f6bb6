import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assumedMonthSpread, forecast, historyMonthsMax, type ClassForecast } from './forecast.ts';
import { madeHistory } from './history.fixture.ts';

const forecastOf = (units: readonly (number | null)[], months = 12): ClassForecast =>
  forecast({ classes: [{ name: 'chat', units }] }, months)[0]!;

/** Share of many made histories whose month so far ahead lies within the band. */
const coverageOf = (
  known: number,
  ahead: number,
  made: { readonly logGrowth?: number; readonly season?: number },
): number => {
  const hits = Array.from({ length: 150 }, (_, seed) => {
    const whole = madeHistory(known + ahead, { seed, monthSpread: 0.08, ...made });
    const { low, high } = forecastOf(whole.slice(0, known), ahead);
    return Number(whole.at(-1)! >= low[ahead - 1]! && whole.at(-1)! <= high[ahead - 1]!);
  });
  return hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
};

describe('forecast', () => {
  test('carries on what never changed, without a doubt', () => {
    const told = forecastOf(Array.from({ length: 12 }, () => 50));
    for (const month of [0, 11]) {
      expect(told.units[month]).toBeCloseTo(50, 6);
      expect(told.low[month]).toBeCloseTo(50, 6);
      expect(told.high[month]).toBeCloseTo(50, 6);
    }
  });

  test('carries on steady growth, somewhat damped', () => {
    const told = forecastOf(madeHistory(36, { seed: 1, logGrowth: 0.4 }), 24);
    const last = 100 * Math.exp((0.4 * 35) / 12);
    expect(told.units[11]! / last).toBeGreaterThan(Math.exp(0.4 * 0.7));
    expect(told.units[11]! / last).toBeLessThan(Math.exp(0.4 * 1.05));
  });

  test('finds a season of two years and more, and goes on with it', () => {
    const told = forecastOf(madeHistory(30, { seed: 1, season: 0.3, monthSpread: 0.02 }));
    expect(told.method).toMatch(/, season$/);
    // The month after thirty is the seventh of its year.
    for (const [ahead, factor] of told.season.entries())
      expect(Math.abs(Math.log(factor) - 0.3 * Math.sin((2 * Math.PI * (30 + ahead)) / 12))).toBeLessThan(0.08);
    expect(told.units[8]! / told.units[2]!).toBeGreaterThan(1.4);
  });

  test('takes no season from chance alone', () => {
    const found = Array.from(
      { length: 100 },
      (_, seed) => forecastOf(madeHistory(36, { seed, monthSpread: 0.1 })).method,
    );
    expect(found.filter((method) => method.endsWith('season')).length).toBeLessThan(12);
  });

  test.each([
    [[], 'nothing', 'no month is known: nothing is expected'],
    [[null, null], 'nothing', 'no month is known: nothing is expected'],
    [[7], 'last value', '1 known month: the last one is carried on, its spread is assumed; a level needs 4'],
    [[7, 9], 'last value', '2 known months: the last one is carried on'],
    [[7, null, 8, 9], 'last value', '3 known months: the last one is carried on'],
    [[7, 8, 9, 9], 'level', '4 known months: level; a trend needs 8, a season 24'],
    [[1, 2, 3, 4, 5, 6, 7, 8], 'level and drift', '8 known months: level and drift; a season needs 24'],
  ] as const)('says what it falls back to: %j', (units, method, why) => {
    const told = forecastOf([...units]);
    expect(told.method.startsWith(method)).toBe(true);
    expect(told.why).toContain(why);
    expect(told.units).toHaveLength(12);
    expect(told.season).toEqual(Array.from({ length: 12 }, () => 1));
  });

  test('carries one month on, ever less surely', () => {
    const told = forecastOf([7]);
    expect(told.units.every((units) => Math.abs(units - 7) < 1e-9)).toBe(true);
    expect(told.spread[0]).toBe(assumedMonthSpread);
    expect(told.high[11]! / told.low[11]!).toBeGreaterThan(told.high[0]! / told.low[0]!);
  });

  test('expects nothing of what was never used, and something of what is used now and then', () => {
    expect(forecastOf([0]).high).toEqual(Array.from({ length: 12 }, () => 0));
    expect(forecastOf(Array.from({ length: 12 }, () => 0)).units).toEqual(Array.from({ length: 12 }, () => 0));
    const seldom = forecastOf([0, 0, 10, 0, 0, 12, 0, 0, 9, 0, 0, 11]);
    expect(seldom.units[0]).toBeGreaterThan(0);
    expect(seldom.units[0]).toBeLessThan(12);
    expect(seldom.low.every((units) => units === 0)).toBe(true);
    expect(seldom.high[0]).toBeGreaterThan(9);
  });

  test('steps over gaps: a missing month is neither 0 nor a surprise', () => {
    const whole = madeHistory(30, { seed: 3, logGrowth: 0.3, monthSpread: 0.02 });
    const gaps = whole.map((units, month) => (month % 7 === 3 ? null : units));
    expect(forecastOf(gaps).units[0]! / forecastOf(whole).units[0]!).toBeCloseTo(1, 1);
  });

  test('is less sure of a month the longer nobody has known one', () => {
    const known = madeHistory(24, { seed: 3, monthSpread: 0.05 });
    const late = forecastOf([...known, null, null, null]);
    const whole = forecastOf([...known], 15);
    expect(late.units).toEqual(whole.units.slice(3));
    expect(late.spread).toEqual(whole.spread.slice(3));
  });

  test('has bands that hold about what they promise once there is a year and more', () => {
    for (const [known, ahead, made] of [
      [24, 1, {}],
      [24, 12, {}],
      [36, 6, { logGrowth: 0.3 }],
      [60, 12, { logGrowth: 0.3 }],
      [60, 1, { season: 0.3 }],
      [48, 12, { season: 0.3 }],
    ] as const) {
      expect(coverageOf(known, ahead, made)).toBeGreaterThan(0.68);
      expect(coverageOf(known, ahead, made)).toBeLessThan(0.96);
    }
  });

  test('tells amounts with a band about them, whatever it is shown', () => {
    const units = fc.array(fc.option(fc.double({ min: 0, max: 1e12, noNaN: true }), { nil: null }), { maxLength: 60 });
    fc.assert(
      fc.property(units, (series) => {
        const told = forecastOf(series, 6);
        for (const [month, median] of told.units.entries()) {
          expect(median >= 0 && !Number.isNaN(told.high[month])).toBe(true);
          expect(told.low[month]!).toBeLessThanOrEqual(median);
          expect(told.high[month]!).toBeGreaterThanOrEqual(median);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('refuses what is no history', () => {
    expect(() => forecastOf([-1])).toThrow(/0 or more/);
    expect(() => forecastOf([Number.NaN])).toThrow(/0 or more/);
    expect(() => forecastOf([1], 0)).toThrow(/horizon/);
    expect(() => forecastOf(Array.from({ length: historyMonthsMax + 1 }, () => 1))).toThrow(/at most/);
  });
});
