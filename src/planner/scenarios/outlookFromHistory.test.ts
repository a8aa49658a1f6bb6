import { describe, expect, test } from 'vitest';
import { drawScenarios } from './drawScenarios.ts';
import { madeHistory } from './history.fixture.ts';
import { outlookFaults } from './Outlook.ts';
import { outlookFromHistory } from './outlookFromHistory.ts';

const historyOf = (...series: (readonly (number | null)[])[]): Parameters<typeof outlookFromHistory>[0] => ({
  classes: series.map((units, index) => ({ name: `class ${index + 1}`, units })),
});

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;

describe('outlookFromHistory', () => {
  test('makes futures whose median is the forecast, and whose spread is at least the band', () => {
    const history = historyOf(madeHistory(36, { seed: 1, logGrowth: 0.3, season: 0.25, monthSpread: 0.03 }));
    const { outlook, forecasts } = outlookFromHistory(history, { months: 24 });
    expect(outlookFaults(outlook)).toEqual([]);
    const scenarios = drawScenarios(outlook, { count: 2_000, seed: 1 });
    for (const month of [0, 6, 12, 23]) {
      const values = scenarios.map(({ demand }) => demand[0]![month]!);
      expect(medianOf(values) / forecasts[0]!.units[month]!).toBeGreaterThan(0.93);
      expect(medianOf(values) / forecasts[0]!.units[month]!).toBeLessThan(1.07);
    }
    const last = scenarios.map(({ demand }) => demand[0]![23]!);
    const outside = last.filter((units) => units < forecasts[0]!.low[23]! || units > forecasts[0]!.high[23]!).length;
    expect(outside / last.length).toBeGreaterThan(0.15);
  });

  test('begins the season with the first month of the horizon, months skipped or not', () => {
    const history = historyOf(madeHistory(36, { seed: 1, season: 0.3, monthSpread: 0.01 }));
    const seasonFrom = (skippedMonths: number): readonly number[] =>
      outlookFromHistory(history, { months: 12, skippedMonths }).outlook.classes[0]!.season;
    expect(seasonFrom(0).indexOf(Math.max(...seasonFrom(0)))).toBe(3);
    expect(seasonFrom(2).indexOf(Math.max(...seasonFrom(2)))).toBe(1);
  });

  test('shares growth between classes as their months did', () => {
    const one = madeHistory(36, { seed: 1, monthSpread: 0.1 });
    const other = madeHistory(36, { seed: 2, monthSpread: 0.1 });
    const spreadOf = (...series: (readonly number[])[]): number =>
      outlookFromHistory(historyOf(...series), { months: 12 }).outlook.regimes[2]!.logGrowth;
    expect(spreadOf(one, one)).toBeGreaterThan(2 * spreadOf(one, other));
    expect(outlookFromHistory(historyOf(one, one), { months: 12 }).outlook.classes[0]!.growthSpread).toBeCloseTo(0, 9);
    expect(outlookFromHistory(historyOf(one, one), { months: 12 }).assumptions).toContain(
      'classes share 100 % of it, as their months did',
    );
  });

  test('finds the noise of a history', () => {
    const found = [1, 2, 3, 4, 5].map(
      (seed) =>
        outlookFromHistory(historyOf(madeHistory(120, { seed, monthSpread: 0.06 })), { months: 12 }).outlook.classes[0]!
          .noise,
    );
    expect(medianOf(found.map(({ monthSpread }) => monthSpread))).toBeCloseTo(0.06, 2);
    expect(medianOf(found.map(({ persistence }) => persistence))).toBeCloseTo(0.75, 1);
  });

  test.each([1, 2, 3])('makes an outlook of %i months, and says what it assumed', (months) => {
    const { outlook, assumptions } = outlookFromHistory(
      historyOf(madeHistory(months, { seed: 1 }), [null, 5, 6].slice(0, months)),
      { months: 36, vendors: ['A', 'B'] },
    );
    expect(outlookFaults(outlook)).toEqual([]);
    expect(outlook.classes[0]!.level).toBeCloseTo(100, 6);
    expect(outlook.classes[0]!.logGrowth).toBe(0);
    expect(assumptions.join('\n')).toMatch(/class 1: \d known months?: the last one is carried on/);
    expect(assumptions.join('\n')).toMatch(/too short to tell/);
    expect(assumptions).toContain('list prices are expected to stay');
  });

  test('leaves more open the shorter the history is', () => {
    const spreadOf = (months: number): number =>
      outlookFromHistory(historyOf(madeHistory(months, { seed: 1 })), { months: 12 }).outlook.regimes[2]!.logGrowth;
    expect(spreadOf(2)).toBeGreaterThan(spreadOf(24));
    expect(spreadOf(24)).toBeGreaterThan(spreadOf(96));
  });

  test('makes something that can be drawn of zeros and of nothing', () => {
    const { outlook } = outlookFromHistory(
      historyOf(
        Array.from({ length: 30 }, () => 0),
        [],
        [0, 0, 3, 0, 0, 4, 0, 0, 5],
      ),
      { months: 12 },
    );
    expect(outlookFaults(outlook)).toEqual([]);
    const [scenario] = drawScenarios(outlook, { count: 1, seed: 1 });
    expect(scenario!.demand[0]).toEqual(Array.from({ length: 12 }, () => 0));
    expect(scenario!.demand[2]!.every((units) => Number.isFinite(units))).toBe(true);
  });

  test('takes over groups, unit costs and price paths', () => {
    const pricePaths = [{ name: 'falling', probability: 1, factors: [[1, 0.5]] }];
    const { outlook, assumptions } = outlookFromHistory(historyOf([1, 2], [3, 4]), {
      months: 24,
      groups: ['g', 'g'],
      unitCosts: [2, 3],
      vendors: ['A'],
      pricePaths,
    });
    expect(outlook.classes.map(({ group, unitCost }) => [group, unitCost])).toEqual([
      ['g', 2],
      ['g', 3],
    ]);
    expect(outlook.pricePaths).toBe(pricePaths);
    expect(assumptions).not.toContain('list prices are expected to stay');
  });
});
