import { expect, test } from 'vitest';
import { problemOf } from '../portfolio/problemOf.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { planForecast } from './planForecast.ts';
import type { PlanForecast } from './planForecastSchema.ts';

const portfolioText = `version: 1
horizon: { from: 2027-01-01, periods: 2 }
vendors: { north: {}, south: {} }
classes: { chat: { demand: { start: 100 } } }
sources:
  - { vendor: north, class: chat, price: { perMTok: "2" } }
  - { vendor: south, class: chat, price: { perMTok: "3" } }
offers:
  - { name: pool, vendor: north, kind: pool, sizes: ["3600"], starts: [2027-01-01], discount: 0.25, shortfall: { rate: 0.5 } }
  - { name: lane, vendor: south, kind: floor, sizes: [100], terms: [6], starts: [2028-01-01], fee: { perMonth: "1" }, usableShare: 0.8 }
`;

/** Two futures as probable as each other: 100 units a month, or 200, and twice that in December. */
const forecastOf = async (decided: { readonly pool: boolean; readonly lane: boolean }): Promise<PlanForecast> => {
  const reading = readPortfolio(portfolioText, 'portfolio.yaml');
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const { portfolio } = reading.value;
  const future = (units: number) => ({
    weight: 0.5,
    demand: [Array.from({ length: 24 }, (_, month) => (month % 12 === 11 ? 2 * units : units))],
    prices: 0,
  });
  const translation = problemOf(portfolio, [future(100), future(200)]);
  return planForecast(translation, portfolio, {
    pools: translation.problem.pools.map(() => decided.pool),
    reservations: translation.problem.reservations.map(({ quantity }) =>
      decided.lane && quantity.kind === 'exactly' ? quantity.units : 0,
    ),
  });
};

const spread = (mean: number, low: number, high: number) => ({
  mean: expect.closeTo(mean, 6),
  low: expect.closeTo(low, 6),
  high: expect.closeTo(high, 6),
});

test('demand is what the scenarios have, month by month', async () => {
  const { demand } = await forecastOf({ pool: false, lane: false });
  expect(demand).toMatchObject([{ class: 'chat', unit: 'MTok' }]);
  expect(demand[0]?.months).toHaveLength(24);
  expect(demand[0]?.months[0]).toEqual({ month: '2027-01', ...spread(150, 100, 200) });
  expect(demand[0]?.months[23]).toEqual({ month: '2028-12', ...spread(300, 200, 400) });
});

test('spend is what is paid for usage, in proportion to its months, and what is owed for nothing is apart', async () => {
  const { spend, commitments } = await forecastOf({ pool: true, lane: false });
  // 13 parts of 100 or 200 units at 2 less a quarter.
  expect(spend[0]?.months[0]).toEqual({ month: '2027-01', ...spread(225, 150, 300) });
  expect(spend[0]?.months[11]).toEqual({ month: '2027-12', ...spread(450, 300, 600) });
  // The pool is over in the second year.
  expect(spend[0]?.months[12]).toEqual({ month: '2028-01', ...spread(300, 200, 400) });
  expect(spend[1]?.months.every(({ high }) => Math.abs(high) < 1e-9)).toBe(true);
  expect(commitments).toMatchObject([
    { vendor: 'north', offer: 'pool', kind: 'pool', signed: false, start: '2027-01-01', until: '2028-01-01' },
  ]);
  expect(commitments[0]?.months).toHaveLength(12);
  expect(commitments[0]?.months[0]).toEqual({ month: '2027-01', ...spread(225, 150, 300) });
  // 1,950 or 3,900 of 3,600: half of 1,650 is owed in one of two futures.
  expect(commitments[0]?.shortfalls).toEqual([
    { from: '2027-01-01', until: '2028-01-01', mean: expect.closeTo(412.5, 6) },
  ]);
});

test('fees stand in the months that they are for, and capacity is told by how much of it is used', async () => {
  const { spend, commitments } = await forecastOf({ pool: false, lane: true });
  expect(commitments).toMatchObject([
    { vendor: 'south', offer: 'lane', kind: 'floor', start: '2028-01-01', until: '2028-07-01', shortfalls: [] },
  ]);
  // 80 of 100 units are usable, and there is always more to do.
  expect(commitments[0]?.months.map(({ month }) => month)).toEqual([
    '2028-01',
    '2028-02',
    '2028-03',
    '2028-04',
    '2028-05',
    '2028-06',
  ]);
  expect(commitments[0]?.months[0]).toMatchObject(spread(0.8, 0.8, 0.8));
  expect(spend[1]?.months.slice(11, 13)).toMatchObject([spread(0, 0, 0), spread(100, 100, 100)]);
  expect(spend[1]?.months[18]).toMatchObject(spread(0, 0, 0));
  // What the lane leaves is bought at north: 20 or 120 units of each of its months, and all of the later ones.
  expect(spend[0]?.months[12]).toMatchObject(spread(140, 40, 240));
  expect(spend[0]?.months[18]).toMatchObject(spread(300, 200, 400));
});

test('accelerators are forecast as they are signed: nobody sells a part of a machine', async () => {
  const reading = readPortfolio(
    `version: 1
horizon: { from: 2027-01-01, periods: 1 }
vendors: { north: {} }
classes: { train: { unit: gpuHour, demand: { start: 1000 } } }
sources:
  - { vendor: north, class: train, price: { perGpuHour: "2" } }
offers:
  - { name: block, vendor: north, kind: slot, unit: accelerators, range: { max: 10, step: 1 }, starts: [2027-01-01], terms: [12], fee: { perMonth: "730" } }
`,
    'portfolio.yaml',
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const { portfolio } = reading.value;
  const future = { weight: 1, demand: [Array.from({ length: 12 }, () => 1_000)], prices: 0 };
  const translation = problemOf(portfolio, [future]);
  const machines = (quantity: number) =>
    planForecast(translation, portfolio, {
      pools: [],
      reservations: translation.reservations.map(({ quantityPerUnit }, index) =>
        index === 0 ? quantity / quantityPerUnit : 0,
      ),
    });
  const [part, whole] = [await machines(1.5), await machines(2)];
  expect(part.commitments).toHaveLength(1);
  expect(part.spend).toEqual(whole.spend);
  expect(part.commitments).toEqual(whole.commitments);
});
