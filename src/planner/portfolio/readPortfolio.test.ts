import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatFault } from '../../config/index.ts';
import { outlookFaults } from '../scenarios/Outlook.ts';
import { floatOf } from './floatOf.ts';
import { outlookOf } from './outlookOf.ts';
import type { Portfolio } from './Portfolio.ts';
import { fullPortfolio, portfolioWith } from './portfolioText.fixture.ts';
import { readPortfolio, type ReadText } from './readPortfolio.ts';

const read = (text: string, readText?: ReadText): Portfolio => {
  const result = readPortfolio(text, 'p.yaml', readText);
  if (!result.ok) throw new Error(result.fault.map(formatFault).join('\n'));
  return result.value.portfolio;
};

const faultsOf = (text: string, readText?: ReadText): readonly string[] => {
  const result = readPortfolio(text, 'p.yaml', readText);
  return result.ok ? [] : result.fault.map(formatFault);
};

const warningsOf = (text: string): readonly string[] => {
  const result = readPortfolio(text, 'p.yaml');
  return result.ok ? result.value.warnings.map(formatFault) : ['refused'];
};

const example = readFileSync(new URL('../../../examples/pme/portfolio.yaml', import.meta.url), 'utf8');

describe('a portfolio', () => {
  test('may be as small as a horizon, vendors, a class and who serves it', () => {
    const { currency, horizon, offers, policy, scenarios } = read(portfolioWith());
    expect([currency, horizon.periodMonths, offers, scenarios.count]).toEqual(['USD', 12, [], 50]);
    expect([policy.concentration.basis, policy.resilience]).toEqual(['list', null]);
  });

  test('of a firm of ten is 25 lines without comments, valid and without a warning', () => {
    const lines = example.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(faultsOf(example)).toEqual([]);
    expect(warningsOf(example)).toEqual([]);
  });

  test('keeps every amount exact', () => {
    const portfolio = read(fullPortfolio.replace('"10000000"', '"10000000.000000000000000001"'));
    const [pool] = portfolio.offers;
    expect(pool?.kind === 'pool' && pool.sizes[0]?.amount).toEqual({
      numerator: 10_000_000_000_000_000_000_000_001n,
      denominator: 10n ** 18n,
    });
  });

  test('with one of everything is valid, and its outlook can be drawn from', () => {
    expect(faultsOf(fullPortfolio)).toEqual([]);
    expect(outlookFaults(outlookOf(read(fullPortfolio)))).toEqual([]);
  });
});

describe('demand', () => {
  test('is read from a CSV beside the file, by month and column', () => {
    const classes = '{ chat: { demand: { series: { file: use.csv, column: tokens } } } }';
    const csv = ['month,tokens', ...months('2026-11', 26).map((month, index) => `${month},${index}.5`)].join('\n');
    const portfolio = read(portfolioWith({ classes }), (path) => (path === 'use.csv' ? csv : ''));
    const { series } = portfolio.classes.get('chat')?.demand ?? {};
    expect(series?.from).toBe('2027-01-01');
    expect(series?.monthly.length).toBe(24);
    expect(floatOf(series?.monthly[0] ?? { numerator: 0n, denominator: 1n })).toBe(2.5);
    expect(outlookOf(portfolio).classes[0]?.path?.slice(0, 2)).toEqual([2.5, 3.5]);
  });

  test('is forecast from a history, from the first month of the horizon on', () => {
    const history = `{ from: 2025-01-01, monthly: [${Array.from({ length: 24 }, (_, month) => 100 * 1.05 ** month)
      .map((units) => units.toFixed(3))
      .join(', ')}] }`;
    const [item] = outlookOf(read(portfolioWith({ classes: `{ chat: { demand: { history: ${history} } } }` }))).classes;
    expect(item?.path?.length).toBe(24);
    expect(item?.path?.[0]).toBeGreaterThan(300);
    expect(item?.path?.[0]).toBeLessThan(345);
  });

  test('has its seasons told from January, and an outlook from the first month of the horizon', () => {
    const seasonality = '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]';
    const [item] = outlookOf(
      read(
        portfolioWith({
          horizon: '{ from: 2027-11-01 }',
          classes: `{ chat: { demand: { start: 1, seasonality: ${seasonality} } } }`,
        }),
      ),
    ).classes;
    expect(item?.season).toEqual([11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});

const months = (first: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5)) - 1 + index)).toISOString().slice(0, 7),
  );

const pool = (rest: string): string => `[{ vendor: north, kind: pool, sizes: ["1000"], ${rest} }]`;
const floor = (rest: string): string => `[{ vendor: north, kind: floor, sizes: [10], ${rest} }]`;
const contract = (rest: string): string => `{ vendor: north, kind: pool, amount: "500", ${rest} }`;

const contracts = (rest: string): string => `[${contract(rest)}]`;

describe('a fault names line, column, what is wrong and how to mend it:', () => {
  test.each([
    ['an unknown key, with the nearest', { '‸horizont': '3' }, 'unknown key, did you mean "horizon"?'],
    ['an unknown key of an offer', { offers: pool('‸discont: 0.1') }, 'unknown key, did you mean "discount"?'],
    [
      'a vendor that nobody knows',
      { offers: '[{ vendor: ‸nort, kind: pool, sizes: [1] }]' },
      'no vendor has this name, did you mean "north"?',
    ],
    [
      'a class that nobody knows',
      { sources: '[{ vendor: north, class: ‸chatt, price: { perMTok: "2" } }]' },
      'no class has this name, did you mean "chat"?',
    ],
    [
      'a substitute that nobody knows',
      { classes: '{ chat: { demand: { start: 1 }, substitutes: [‸chap] } }' },
      'no class has this name, did you mean "chat"?',
    ],
    [
      'something covered that nobody sells',
      { offers: pool('covers: [‸chad]') },
      'no class or source of north has this name, did you mean "chat"?',
    ],
    [
      'negative demand',
      { classes: '{ chat: { demand: { start: ‸-5 } } }' },
      'expected units of 0 or more (demand is never negative), write a plain decimal, such as 120 or "0.5"',
    ],
    [
      'a share above 1',
      { policy: '{ concentration: { vendor: ‸1.5 } }' },
      'expected a share from 0 to 1, write a plain decimal, such as 0.25 for a quarter',
    ],
    [
      'a share below 0',
      { policy: '{ risk: { beta: ‸-0.1 } }' },
      'a share from 0 to 1, write a plain decimal, such as 0.25',
    ],
    [
      'sizes that do not rise',
      { offers: '[{ vendor: north, kind: pool, sizes: ["10", ‸"5"] }]' },
      'sizes that do not rise, write the smallest first, each once',
    ],
    [
      'a period that ends before it begins',
      { contracts: contracts('id: a, period: ‸[2028-01-01, 2027-01-01]') },
      'the period ends before it begins, write the earlier day first; the second day is no longer part of it',
    ],
    [
      'a day that no calendar has',
      { horizon: '{ from: ‸2027-02-30 }' },
      'expected a date of the calendar, write it as year-month-day, such as 2027-01-31',
    ],
    [
      'a horizon within a month',
      { horizon: '{ from: ‸2027-01-15 }' },
      'a plan begins on the first of a month, write 2027-01-01',
    ],
    [
      'a beginning outside the horizon',
      { offers: pool('starts: [‸2030-01-01]') },
      'a beginning outside the horizon (2027-01-01 to before 2029-01-01), write a day within it',
    ],
    [
      'a beginning between true-ups',
      { offers: pool('starts: [‸2027-05-01]') },
      'nothing of this kind begins between 12 months, write 2027-01-01 or 2028-01-01',
    ],
    [
      'a beginning that lead time forbids',
      { offers: pool('leadTimeDays: 30, starts: [‸2027-01-01]') },
      'it cannot be signed in time, begin on 2027-01-31 or later: 30 days after 2027-01-01',
    ],
    [
      'a lead time beyond the horizon',
      { offers: pool('leadTimeDays: ‸700') },
      'it cannot be signed in time to fit into the horizon, plan more periods, shorten its terms, or leave it out',
    ],
    [
      'a term beyond the horizon',
      { offers: pool('terms: [‸36]') },
      'a term longer than the horizon of 24 months, plan more periods, or leave it out',
    ],
    [
      'a term that splits a true-up',
      { offers: pool('terms: [‸6]') },
      'a term that is no multiple of 12 months, write whole periods, or a shorter periodMonths',
    ],
    [
      'a ramp that does not fit',
      { offers: pool('terms: [‸{ months: 24, ramp: [1] }]') },
      'a ramp of 1 factors for 2 periods, write one for each period',
    ],
    [
      'a class that nobody can serve',
      { classes: '{ chat: { demand: { start: 1 } }, code: ‸{ demand: { start: 1 } } }' },
      'a class that nobody can serve, add a source for it that is good enough, or a substitute that has one',
    ],
    [
      'two currencies',
      { offers: pool('currency: ‸EUR') },
      'two currencies in one portfolio, write every amount in USD, or change "currency" at the top and every amount with it',
    ],
    [
      'a price in the wrong unit',
      { sources: '[{ vendor: north, class: chat, price: ‸{ perGpuHour: "2" } }]' },
      'a class of tokens has a price per million tokens, write price: { inputPerMTok: "...", outputPerMTok: "..." } or { perMTok: "..." }',
    ],
    [
      'a unit of another kind of class',
      { offers: floor('unit: ‸accelerators') },
      'accelerators measure classes of accelerator hours only, name them in "covers", or write another unit',
    ],
    [
      'probabilities that are not 1',
      { prices: '‸[{ name: a, probability: 0.5 }]' },
      'the probabilities do not add up to 1, make them add up to 1',
    ],
    [
      'caps that no vendors can share',
      { policy: '{ concentration: { vendor: ‸0.45 } }' },
      '2 vendors cannot all stay below this share: together they are 1, write at least 0.5, or add a source of another vendor',
    ],
    [
      'demand that nobody tells',
      { classes: '{ chat: { demand: ‸{} } }' },
      'nothing says how much is asked for, write start: units a month, a series, or a history',
    ],
    [
      'demand that is told twice',
      { classes: '{ chat: { demand: { start: 1, series: ‸[1] } } }' },
      '"start" says already how much is asked for, leave one of start and series out',
    ],
    [
      'discounts that leave nothing',
      { offers: pool('discount: 0.6, terms: [‸{ months: 12, extraDiscount: 0.4 }]') },
      'discounts that add up to 1 or more, write an extraDiscount that leaves something to pay',
    ],
    [
      'two sources of one name',
      {
        sources:
          '[{ vendor: north, class: chat, price: { perMTok: "2" } }, ‸{ vendor: north, class: chat, price: { perMTok: "3" } }]',
      },
      'two sources have one name, give each source a name of its own',
    ],
    [
      'a floor without a quantity',
      { offers: '[‸{ vendor: north, kind: floor }]' },
      'an offer of capacity has either sizes or a range, write sizes: [...], or range: { max, step }',
    ],
    [
      'a step beyond the most',
      { offers: '[{ vendor: north, kind: floor, range: { max: 1, step: ‸2 } }]' },
      'a step larger than the most that can be signed, write a smaller step',
    ],
    [
      'a ramp of a contract that is not whole',
      { contracts: contracts('id: a, ramp: ‸[0.5, 0.4], period: [2027-01-01, 2028-01-01]') },
      'the shares of the ramp do not add up to 1, make them add up to 1',
    ],
  ])('%s', (_, sections, expected) => {
    const marked = portfolioWith(sections);
    const before = marked.slice(0, marked.indexOf('‸')).split('\n');
    const place = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    const faults = faultsOf(marked.replace('‸', ''));
    expect(faults.filter((fault) => fault.startsWith(`p.yaml:${place}: `)).join('\n')).toContain(expected);
  });

  test('pools of one vendor that are signed for the same time', () => {
    const contracts = `[${contract('id: a, period: [2026-06-01, 2027-06-01]')}, ${contract('id: b, period: [2027-05-01, 2028-05-01]')}]`;
    expect(faultsOf(portfolioWith({ contracts }))).toEqual([
      expect.stringContaining(
        'it is in force while the pool of contract 1 is, for the same things, let one end before',
      ),
    ]);
  });

  test('and not pools of which one ends where the other begins', () => {
    const contracts = `[${contract('id: a, period: [2026-06-01, 2027-06-01]')}, ${contract('id: b, period: [2027-06-01, 2028-06-01]')}]`;
    expect(faultsOf(portfolioWith({ contracts }))).toEqual([]);
  });

  test('a pool that covers a part of what another covers', () => {
    const classes = '{ chat: { demand: { start: 1 } }, code: { demand: { start: 1 } } }';
    const sources =
      '[{ vendor: north, class: chat, price: { perMTok: "2" } }, { vendor: north, class: code, price: { perMTok: "3" } }]';
    const offers =
      '[{ name: all, vendor: north, kind: pool, sizes: [9] }, { name: part, vendor: north, kind: pool, covers: [chat], sizes: [5] }]';
    expect(faultsOf(portfolioWith({ classes, sources, offers })).length).toBe(2);
    expect(
      faultsOf(
        portfolioWith({
          classes,
          sources,
          offers: offers.replace('{ name: all, vendor: north,', '{ name: all, vendor: north, covers: [code],'),
        }),
      ),
    ).toEqual([]);
  });

  test('a class that one loss takes all of, while the policy asks for some', () => {
    const policy = '{ resilience: { losses: [vendor, host] } }';
    expect(faultsOf(portfolioWith({ policy }))).toEqual([]);
    const vendors = '{ north: { host: one }, south: { host: two, dependsOn: [one] } }';
    expect(faultsOf(portfolioWith({ policy, vendors }))).toEqual([
      expect.stringContaining('nothing of it is left if the host one is lost, and the policy asks for some'),
    ]);
  });

  test('a jurisdiction or lab that is capped and that nobody tells', () => {
    const policy = '{ concentration: { jurisdiction: 0.9, lab: 0.9 } }';
    const faults = faultsOf(portfolioWith({ policy, vendors: '{ north: {}, south: { jurisdiction: EU } }' }));
    expect(faults).toEqual([
      expect.stringContaining('p.yaml:5:11: nobody says its jurisdiction, and the policy caps it'),
    ]);
  });

  test.each([
    ['month,other\n2027-01,1', 'the CSV has no column of this name'],
    ['month,chat\n2027-01,1\n2027-03,1', 'line 3, column 1 of the CSV: not the month after the one before'],
    ['month,chat\n2027-01,-1', 'line 2, column 9 of the CSV: no number of 0 or more'],
    ['month,chat\nJanuary,1', 'line 2, column 1 of the CSV: no month'],
    ['month,chat', 'the CSV has no month'],
    ['', 'the CSV is empty'],
    ['month,chat\n"2027-01,1', 'line 2, column 1 of the CSV: a quote is never closed'],
    ['month,chat\n2027-01,1', 'it does not tell all 24 months of the horizon'],
  ])('a CSV that is no series: %j: %s', (csv, what) => {
    const classes = '{ chat: { demand: { series: { file: use.csv } } } }';
    expect(faultsOf(portfolioWith({ classes }), () => csv)).toEqual([expect.stringContaining(`p.yaml:4:38: ${what}`)]);
  });

  test('a CSV that is not there', () => {
    const classes = '{ chat: { demand: { series: { file: use.csv } } } }';
    expect(faultsOf(portfolioWith({ classes }))).toEqual([expect.stringContaining('this CSV cannot be read')]);
  });
});

test('what was probably not meant is a warning and no fault', () => {
  const vendors = '{ north: {}, south: {}, west: {} }';
  const contracts = `[${contract('id: old, period: [2020-01-01, 2021-01-01]')}]`;
  expect(warningsOf(portfolioWith({ vendors, contracts }))).toEqual([
    expect.stringContaining('a vendor without a source'),
    expect.stringContaining('a contract outside the horizon: the plan leaves it out'),
  ]);
});
