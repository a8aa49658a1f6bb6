import { describe, expect, test } from 'vitest';
import { backtest, type ClassBacktest } from './backtest.ts';
import { madeHistory } from './history.fixture.ts';

const backtestOf = (units: readonly (number | null)[], ahead?: number): ClassBacktest =>
  backtest({ classes: [{ name: 'chat', units }] }, ahead)[0]!;

describe('backtest', () => {
  test('finds no error where nothing ever changes', () => {
    const told = backtestOf(Array.from({ length: 20 }, () => 5));
    expect(told.cases).toBe(8 + 7 + 6);
    for (const errors of [told.forecast, told.naive, told.seasonalNaive!]) {
      expect(errors.wape).toBeCloseTo(0, 9);
      expect(errors.mape).toBeCloseTo(0, 9);
    }
  });

  test('measures the naive ways on worked numbers', () => {
    const told = backtestOf([10, 10, 10, 10, 20, 0], 1);
    // After four months 10 is said and 20 comes, then 20 is said and 0 comes.
    expect(told.cases).toBe(2);
    expect(told.naive).toEqual({ wape: 30 / 20, mape: 0.5 });
    expect(told.seasonalNaive).toBeNull();
  });

  test('holds both naive ways against the same months, a year apart', () => {
    const units = Array.from({ length: 24 }, (_, month) => (month < 12 ? 10 : 15));
    expect(backtestOf(units, 1).seasonalNaive!.wape).toBeCloseTo(5 / 15, 9);
    expect(backtestOf(units, 1).naive.wape).toBeCloseTo(5 / 180, 9);
  });

  test('shows a forecast that is better than both where there is growth and season to learn', () => {
    const errors = [1, 2, 3].map((seed) =>
      backtestOf(madeHistory(60, { seed, logGrowth: 0.3, season: 0.3, monthSpread: 0.04 })),
    );
    for (const { forecast, naive, seasonalNaive, coverage } of errors) {
      expect(forecast.wape!).toBeLessThan(0.8 * naive.wape!);
      expect(forecast.wape!).toBeLessThan(0.8 * seasonalNaive!.wape!);
      expect(coverage!).toBeGreaterThan(0.6);
    }
  });

  test('shows a forecast that is no better than the last month where there is nothing to learn', () => {
    const { forecast, naive } = backtestOf(madeHistory(48, { seed: 4, monthSpread: 0.1 }));
    expect(forecast.wape! / naive.wape!).toBeGreaterThan(0.8);
    expect(forecast.wape! / naive.wape!).toBeLessThan(1.2);
  });

  test('says that a short history cannot be judged', () => {
    for (const units of [[], [1], [1, 2, 3], [1, 2, 3, 4]]) {
      const told = backtestOf(units);
      expect(told).toMatchObject({
        cases: 0,
        coverage: null,
        seasonalNaive: null,
        forecast: { wape: null, mape: null },
      });
    }
    expect(backtestOf([1, 2, 3, 4, 5]).cases).toBe(1);
  });

  test('leaves gaps out, and shares of nothing', () => {
    expect(backtestOf([1, 1, 1, 1, null, 1], 1).cases).toBe(1);
    expect(backtestOf([0, 0, 0, 0, 0, 0])).toMatchObject({ forecast: { wape: null, mape: null }, coverage: 1 });
    expect(backtestOf([null, null, null, null, null, null]).cases).toBe(0);
  });

  test('never looks ahead: what comes later changes no earlier prediction', () => {
    const known = madeHistory(20, { seed: 5, monthSpread: 0.1 });
    const before = backtestOf(known, 1);
    const wild = [...known, 1e6];
    const after = backtestOf(wild, 1);
    const missed = (told: ClassBacktest, units: readonly number[]): number =>
      told.forecast.wape! * units.slice(12).reduce((sum, value) => sum + value, 0);
    // All that is added is the one miss of the wild month.
    expect(missed(after, wild) - missed(before, known)).toBeGreaterThan(0.99e6);
    expect(missed(after, wild) - missed(before, known)).toBeLessThan(1e6);
  });
});
