import { describe, expect, test } from 'vitest';
import { portfolioWith } from '../portfolio/portfolioText.fixture.ts';
import { problemOf } from '../portfolio/problemOf.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { committedBy, decisionsJson, keptJson, signingJson } from './decisionsJson.ts';

/** A portfolio, and the decision that signs every pool, and so many units of each reservation. */
const signed = (sections: Record<string, string>, unitsOf: (index: number) => number = () => 0) => {
  const reading = readPortfolio(portfolioWith(sections), 'portfolio.yaml');
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const { portfolio } = reading.value;
  const classes = [...portfolio.classes.keys()];
  const months = Array.from({ length: 24 }, () => 100);
  const translation = problemOf(portfolio, [{ weight: 1, demand: classes.map(() => months), prices: 0 }]);
  const { pools, reservations } = translation.problem;
  const decision = { pools: pools.map(() => true), reservations: reservations.map((_, index) => unitsOf(index)) };
  return { portfolio, translation, decision, decisions: decisionsJson(translation, portfolio, decision) };
};

test('a ramp is told as exactly as the file has it, whatever unit of money the search counts in', () => {
  const { decisions } = signed({
    offers:
      '[{ name: deal, vendor: north, kind: pool, sizes: ["1234567.89"], terms: [{ months: 24, ramp: [0.333333, 1.1] }], discount: 0.1 }]',
  });
  expect(decisions).toHaveLength(1);
  expect(decisions[0]).toMatchObject({
    usd: '1769546.89747737',
    committed: '1769546.89747737',
    steps: [
      { from: '2027-01-01', until: '2028-01-01', usd: '411522.21847737' },
      { from: '2028-01-01', until: '2029-01-01', usd: '1358024.679' },
    ],
  });
});

describe('accelerators', () => {
  const sections = {
    classes: '{ training: { unit: gpuHour, demand: { start: 100000 } } }',
    sources: '[{ vendor: north, class: training, price: { perGpuHour: "6" } }]',
    offers:
      '[{ name: machines, vendor: north, kind: floor, unit: accelerators, range: { max: 1000 }, terms: [12], starts: [2027-01-01], discount: 0.15 }]',
  };
  const quantityPerUnit = signed(sections).translation.reservations[0]?.quantityPerUnit ?? 0;

  test.each([
    [12.3, '13'],
    [13, '13'],
    [0.01, '1'],
  ])('%s of them are signed as %s, at the fee for whole ones', (wanted, quantity) => {
    const { decisions } = signed(sections, () => wanted / quantityPerUnit);
    const feePerMonth = Number(quantity) * 730 * 6 * 0.85;
    expect(decisions[0]).toMatchObject({ quantity, feePerMonth, committed: String(feePerMonth * 12) });
  });
});

describe('what is to be signed', () => {
  const offers = `[
    { name: first, vendor: north, kind: pool, sizes: ["100.10"], terms: [12], starts: [2027-01-01] },
    { name: slow, vendor: south, kind: pool, sizes: ["200"], terms: [12], starts: [2028-01-01], leadTimeDays: 365 },
    { name: late, vendor: north, kind: pool, sizes: ["1000"], terms: [12], starts: [2028-01-01], leadTimeDays: 31 },
  ]`;

  test('by the first day of the plan, lead times counted, is told apart from what can wait', () => {
    const { decisions, portfolio } = signed({ offers });
    expect(decisions.map(({ offer, signBy }) => [offer, signBy])).toEqual([
      ['first', '2027-01-01'],
      ['late', '2027-12-01'],
      ['slow', '2027-01-01'],
    ]);
    expect(signingJson(decisions, portfolio.horizon.from)).toEqual({
      by: '2027-01-01',
      now: { contracts: 2, committed: '300.1' },
      later: { contracts: 1, committed: '1000', nextBy: '2027-12-01' },
    });
    expect(committedBy(decisions)).toBe('1300.1');
  });

  test('may be nothing', () => {
    expect(signingJson([], '2027-01-01')).toEqual({
      by: '2027-01-01',
      now: { contracts: 0, committed: '0' },
      later: { contracts: 0, committed: '0', nextBy: null },
    });
  });
});

test('what is kept ends on the day of its contract', () => {
  const { portfolio, translation } = signed({
    contracts: '[{ id: old, vendor: north, kind: pool, amount: "700", period: [2026-11-03, 2028-11-03] }]',
  });
  expect(keptJson(translation, portfolio)).toMatchObject([{ offer: 'old', start: '2026-11-03', until: '2028-11-03' }]);
});
