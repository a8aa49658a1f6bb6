// A plan whose every expectation is written by hand: chat at north under a pool, and a lane at south.
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { lastOfMonth } from '../usage/calendarDay.ts';
import type { UsageLine } from '../usage/UsageLine.ts';
import type { ForecastMonth, PlanForecast } from './planForecastSchema.ts';
import type { TrackInput } from './planTrack.ts';
import { savedPlan } from './savedPlan.fixture.ts';

/** One of a currency, or a million tokens, in the units that lines are told in. */
export const one = 1_000_000_000_000n;

export const trackedPortfolio = (contracts = signedContracts, moreSources = ''): Portfolio => {
  const reading = readPortfolio(
    `version: 1
horizon: { from: 2027-01-01, periods: 2 }
vendors: { north: { host: one }, south: { host: two } }
classes: { chat: { demand: { start: 1000 } }${moreSources === '' ? '' : ', code: { demand: { start: 1 } }'} }
sources:
  - { vendor: north, class: chat, price: { perMTok: "2" } }
  - { vendor: south, class: chat, price: { perMTok: "3" }, unitFactor: 2 }
${moreSources}offers:
  - { name: later, vendor: north, kind: pool, sizes: ["12000"], terms: [12], starts: [2028-01-01] }
contracts: ${contracts}
`,
    'portfolio.yaml',
  );
  if (!reading.ok) throw new Error(reading.fault.map(({ line, what }) => `${line}: ${what}`).join('\n'));
  return reading.value.portfolio;
};

const signedContracts = `
  - { id: pool-27, vendor: north, kind: pool, amount: "12000", period: [2027-01-01, 2028-01-01], discount: 0.1, shortfall: { rate: 0.5 } }
  - { id: lane, vendor: south, kind: floor, quantity: 20, period: [2027-01-01, 2028-01-01], fee: { perMonth: "1.2" } }`;

const months = Array.from({ length: 24 }, (_, index) => {
  const year = 2027 + Math.floor(index / 12);
  return `${year}-${String((index % 12) + 1).padStart(2, '0')}`;
});

const every = (mean: number, spread: number, count = 24): ForecastMonth[] =>
  months.slice(0, count).map((month) => ({ month, mean, low: mean - spread, high: mean + spread }));

export const forecast: PlanForecast = {
  demand: [{ class: 'chat', unit: 'MTok', months: every(1_000, 100) }],
  spend: [
    { vendor: 'north', months: every(1_000, 100) },
    { vendor: 'south', months: every(24, 0) },
  ],
  commitments: [
    {
      vendor: 'north',
      offer: 'pool-27',
      kind: 'pool',
      signed: true,
      start: '2027-01-01',
      until: '2028-01-01',
      months: every(1_000, 100, 12),
      shortfalls: [{ from: '2027-01-01', until: '2028-01-01', mean: 100 }],
    },
    {
      vendor: 'south',
      offer: 'lane',
      kind: 'floor',
      signed: true,
      start: '2027-01-01',
      until: '2028-01-01',
      source: 'south/chat',
      months: every(0.5, 0.1, 12),
      shortfalls: [],
    },
  ],
};

type LineOf = (changes: Partial<UsageLine> & Pick<UsageLine, 'vendor' | 'day'>) => UsageLine;

/** A line of a vendor's bill on a day, of a bill that tells of all of its month. */
export const billLine: LineOf = (changes) => ({
  class: 'chat',
  lastDay: lastOfMonth(changes.day),
  measure: 'tokens',
  quantity: null,
  cost: null,
  listCost: null,
  currency: 'USD',
  ...changes,
});

/** The same of our own ledger. */
export const bookedLine: LineOf = (changes) => billLine({ booked: { contract: null }, ...changes });

/**
 * What a quarter as planned looks like: each month 995 units at north for 1,000, and ten tokens at south for the work of five, which the lane serves.
 */
export const quarter = (units = 995n, cost = 1_000n, lineOf: LineOf = bookedLine): readonly UsageLine[] =>
  ['2027-01-05', '2027-02-05', '2027-03-05'].flatMap((day) => [
    lineOf({ vendor: 'north', day, quantity: units * one, cost: cost * one }),
    lineOf({ vendor: 'south', day, quantity: 10n * one, cost: 30n * one }),
  ]);

export const trackInput = (changes: Partial<TrackInput> = {}): TrackInput => ({
  plan: { ...savedPlan, decisions: [], forecast },
  portfolio: trackedPortfolio(),
  lines: quarter(),
  asOf: '2027-04-01',
  classOf: new Map(),
  rate: null,
  monthsOutside: 3,
  ...changes,
});
