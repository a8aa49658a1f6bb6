import { expect, test } from 'vitest';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { fullPortfolio, portfolioWith } from '../portfolio/portfolioText.fixture.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { planDiff } from './planDiff.ts';
import { portfolioChanges } from './portfolioChanges.ts';
import { savedFloor, savedPlan, savedPool } from './savedPlan.fixture.ts';
import { readSavedPlan } from './SavedPlan.ts';

const portfolioOf = (text: string): Portfolio => {
  const reading = readPortfolio(text, 'portfolio.yaml');
  if (!reading.ok) throw new Error(reading.fault.map(({ what }) => what).join('\n'));
  return reading.value.portfolio;
};

test('a plan does not differ from itself', () => {
  const diff = planDiff(savedPlan, savedPlan);
  expect(diff).toMatchObject({
    isComparable: true,
    inputs: { known: 'same' },
    circumstances: [],
    objective: { change: 0, isProven: false },
  });
  expect(diff.decisions).toEqual({ kept: [savedPool, savedFloor], signed: [], changed: [], added: [], gone: [] });
  expect(diff.costs.every(({ change }) => change === 0)).toBe(true);
});

test('decisions are kept, signed, changed, new or gone, each once', () => {
  const other = { ...savedFloor, offer: 'other-floor' };
  const larger = { ...savedFloor, quantity: '4', start: '2027-07-01' };
  const contract = {
    vendor: 'north',
    offer: 'north-pool-2027',
    kind: 'pool' as const,
    start: '2027-01-01',
    months: 24,
  };
  const { decisions } = planDiff(
    { ...savedPlan, decisions: [savedPool, savedFloor, { ...savedFloor, source: 'south/code' }] },
    { ...savedPlan, decisions: [larger, other], kept: [contract] },
  );
  expect(decisions).toEqual({
    kept: [],
    signed: [{ decision: savedPool, contract: 'north-pool-2027' }],
    changed: [{ before: savedFloor, after: larger, fields: ['start', 'quantity'] }],
    added: [other],
    gone: [{ ...savedFloor, source: 'south/code' }],
  });
});

test('a change of cost is proven only where the bounds are apart', () => {
  const after = (upperBound: number, lowerBound: number) =>
    planDiff(savedPlan, { ...savedPlan, upperBound, lowerBound }).objective;
  expect(after(99.5, 98)).toMatchObject({ change: -0.5, isProven: false });
  expect(after(98.5, 98)).toMatchObject({ change: -1.5, isProven: true });
  expect(after(110, 100.5)).toMatchObject({ change: 10, isProven: true });
});

test('amounts of two currencies are not subtracted', () => {
  const diff = planDiff(savedPlan, { ...savedPlan, currency: 'EUR', outOfSample: null });
  expect(diff.isComparable).toBe(false);
  expect([diff.objective, ...diff.costs].map(({ change }) => change)).toEqual(
    expect.not.arrayContaining([expect.any(Number)]),
  );
});

test('costs are told by period and vendor, also those that only one plan has', () => {
  const diff = planDiff(savedPlan, {
    ...savedPlan,
    outOfSample: { ...savedPlan.outOfSample!, mean: 95, byVendor: [{ vendor: 'south', mean: 50 }] },
  });
  expect(diff.costs.map(({ name, change }) => [name, change])).toEqual([
    ['mean', 5],
    ['worst futures', 0],
    ['period 2027', 0],
    ['vendor north', null],
    ['vendor south', null],
    ['shortfalls', 0],
    ['over caps', 0],
  ]);
});

test('what differs beside the file is told', () => {
  const { circumstances, inputs } = planDiff(savedPlan, {
    ...savedPlan,
    inputs: { ...savedPlan.inputs, sha256: 'b', seed: 2 },
  });
  expect(inputs.known).toBe('unknown');
  expect(circumstances).toEqual([
    { name: 'portfolio', before: 'a', after: 'b' },
    { name: 'seed', before: '1', after: '2' },
  ]);
});

test('a portfolio does not differ from itself', () => {
  expect(portfolioChanges(portfolioOf(fullPortfolio), portfolioOf(`# again\n${fullPortfolio}`))).toEqual([]);
});

test.each([
  [{ classes: '{ chat: { demand: { start: 120 } } }' }, 'demand', 'classes.chat.demand.start', '100', '120'],
  [{ policy: '{ concentration: { vendor: 0.7 } }' }, 'policy', 'policy.concentration.vendor', 'none', '0.7'],
  [{ horizon: '{ from: 2027-01-01, periods: 3 }' }, 'horizon', 'horizon.periods', '2', '3'],
  [{ scenarios: '{ seed: 9 }' }, 'scenarios', 'scenarios.seed', '1', '9'],
  [
    { vendors: '{ north: { host: one, jurisdiction: EU }, south: { host: two, jurisdiction: EU } }' },
    'supply',
    'vendors.north.jurisdiction',
    'US',
    'EU',
  ],
])('one change of the file is one change told: %j', (sections, part, path, before, after) => {
  expect(portfolioChanges(portfolioOf(portfolioWith()), portfolioOf(portfolioWith(sections)))).toEqual([
    { part, path, before, after },
  ]);
});

test('what came and went is told by its name; what stayed, field by field', () => {
  const before = portfolioOf(fullPortfolio);
  const after = portfolioOf(
    fullPortfolio
      .replace('name: south-pool', 'name: south-new')
      .replace('discount: 0.08', 'discount: 0.09')
      .replace('perMTok: "0.4"', 'perMTok: "0.5"'),
  );
  expect(
    portfolioChanges(before, after).map(({ part, path, before: was, after: is }) => [
      part,
      path,
      was === null,
      is === null,
    ]),
  ).toEqual([
    ['prices', 'sources.east/small.price.perMTok', false, false],
    ['offers', 'offers.north-edp.discount', false, false],
    ['offers', 'offers.south-pool', false, true],
    ['offers', 'offers.south-new', true, false],
  ]);
  expect(planDiff(savedPlan, savedPlan, { before, after }).inputs).toMatchObject({
    known: 'told',
    changes: { length: 4 },
  });
});

test('a saved plan is read back; what is none is refused', () => {
  expect(readSavedPlan(JSON.stringify({ ...savedPlan, somethingElse: 1 }))).toEqual({ ok: true, value: savedPlan });
  expect(readSavedPlan('{')).toMatchObject({ ok: false, fault: expect.stringContaining('no JSON') });
  expect(readSavedPlan(JSON.stringify({ ...savedPlan, decisions: [{}] }))).toMatchObject({
    ok: false,
    fault: expect.stringContaining('decisions.0'),
  });
});
