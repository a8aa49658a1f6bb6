import { describe, expect, test } from 'vitest';
import { annualTotalNames, annualTotals, costEstimate, expectedAnnualTotals } from './annualTotals.ts';
import { drawScenarios } from './drawScenarios.ts';
import { familyOutlook } from './familyOutlook.fixture.ts';
import { certainClass, certainOutlook } from './testOutlook.fixture.ts';

const outlook = certainOutlook({
  months: 18,
  classes: [
    certainClass('chat', { group: 'models', unitCost: 2 }),
    certainClass('train', { group: 'machines', level: 1 }),
    certainClass('code', { group: 'models' }),
  ],
  pricePaths: [{ name: 'falling', probability: 1, factors: [[1, 0.5]] }],
});

describe('annualTotals', () => {
  test('adds what each group costs in each year, the last year as long as it is', () => {
    expect(annualTotalNames(outlook)).toEqual([
      'models, year 1',
      'models, year 2',
      'machines, year 1',
      'machines, year 2',
    ]);
    expect(annualTotals(outlook, drawScenarios(outlook, { count: 1, seed: 1 })[0]!)).toEqual([3_600, 1_800, 12, 6]);
  });
});

describe('costEstimate', () => {
  test('moves list prices by the price path of the future', () => {
    expect(costEstimate(outlook)(drawScenarios(outlook, { count: 1, seed: 1 })[0]!)).toBe(3_612 + 1_806 / 2);
  });
});

describe('expectedAnnualTotals', () => {
  test('tells the means of many plain draws', () => {
    const expected = expectedAnnualTotals(familyOutlook, { count: 4_000, seed: 1 });
    const plain = drawScenarios(familyOutlook, { count: 4_000, seed: 99 }).map((scenario) =>
      annualTotals(familyOutlook, scenario),
    );
    for (const [index, total] of expected.entries()) {
      const values = plain.map((totals) => totals[index]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      expect(Math.abs(total - mean)).toBeLessThan((3.5 * spread) / Math.sqrt(values.length));
    }
  });
});
