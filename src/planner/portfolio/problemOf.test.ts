import { describe, expect, test } from 'vitest';
import { formatFault } from '../../config/index.ts';
import type { PoolOffer } from '../PlanProblem.ts';
import type { DemandScenario } from '../scenarios/DemandScenario.ts';
import { partsOf } from './choicesOf.ts';
import { decisionRows } from './decisionRows.ts';
import type { PlanTranslation } from './PlanTranslation.ts';
import type { Portfolio } from './Portfolio.ts';
import { fullPortfolio, portfolioWith } from './portfolioText.fixture.ts';
import { problemOf } from './problemOf.ts';
import { readPortfolio } from './readPortfolio.ts';

const read = (text: string): Portfolio => {
  const result = readPortfolio(text, 'p.yaml');
  if (!result.ok) throw new Error(result.fault.map(formatFault).join('\n'));
  return result.value.portfolio;
};

/** So many units of every class in every month, in futures of the same weight. */
const steady = (portfolio: Portfolio, ...units: readonly number[]): readonly DemandScenario[] => {
  const months = portfolio.horizon.periods * portfolio.horizon.periodMonths;
  return units.map((each) => ({
    weight: 1 / units.length,
    demand: [...portfolio.classes].map(() => Array.from({ length: months }, () => each)),
    prices: 0,
  }));
};

const translate = (sections: Record<string, string>, ...units: readonly number[]): PlanTranslation => {
  const portfolio = read(portfolioWith(sections));
  return problemOf(portfolio, steady(portfolio, ...(units.length > 0 ? units : [100])));
};

const full = (): PlanTranslation => {
  const portfolio = read(fullPortfolio);
  return problemOf(portfolio, steady(portfolio, 1000, 2000));
};

describe('scale:', () => {
  test('a unit costs one unit of money where it is cheapest, and a period of usage 10 to 100 of them', () => {
    const { problem, moneyUnit, unitsPerUnit } = translate({});
    // 100 MTok a month at 2 USD are 2,400 a year: hundreds of dollars, of which one unit buys 50 MTok.
    expect(moneyUnit).toEqual({ currency: 'USD', exponent: 2 });
    expect(unitsPerUnit).toEqual([50]);
    expect(problem.sources.map(({ listPrice }) => listPrice)).toEqual([
      [1, 1],
      [1.5, 1.5],
    ]);
    expect(problem.scenarios[0]?.demand[0]?.slice(0, 2)).toEqual([2, 2]);
  });

  test('the cost of a plan comes out in the currency of the file', () => {
    const { problem, moneyUnit } = full();
    const [scenario] = problem.scenarios;
    const cost = problem.classes.reduce(
      (sum, _, index) => sum + (scenario?.demand[index]?.reduce((total, units) => total + units, 0) ?? 0),
      0,
    );
    // 1,000 units a month for four years: large at 4 x 1.1, small at 0.4, training at 2.1.
    expect(cost * 10 ** moneyUnit.exponent).toBeCloseTo(48 * 1000 * (4.375 + 0.4 + 2.1), 6);
  });
});

describe('offers:', () => {
  test('a pool is one choice a size, term and beginning that fits and can be signed in time', () => {
    const offers =
      '[{ vendor: north, kind: pool, sizes: ["1000", { amount: "2000", discount: 0.2 }], terms: [12, { months: 24, ramp: [0.5, 1.5], extraDiscount: 0.05 }], discount: 0.1, leadTimeDays: 1 }]';
    const early = translate({ offers, horizon: '{ from: 2027-01-01, periods: 2, signFrom: 2026-06-01 }' }).problem
      .pools;
    expect(early.map(({ fromPeriod, untilPeriod, discount }) => [fromPeriod, untilPeriod, discount])).toEqual([
      [0, 1, 0.1],
      [0, 1, 0.2],
      [1, 2, 0.1],
      [1, 2, 0.2],
      [0, 2, 0.15],
      [0, 2, 0.25],
    ]);
    expect(early.map(({ floors }) => floors).slice(3)).toEqual([[20], [5, 15], [10, 30]]);
    const late = translate({ offers }).problem.pools;
    expect(late.map(({ fromPeriod, untilPeriod }) => [fromPeriod, untilPeriod])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('what a pool cannot be signed beside of is left out', () => {
    const contracts = '[{ id: a, vendor: north, kind: pool, amount: "100", period: [2027-01-01, 2028-01-01] }]';
    const offers = '[{ vendor: north, kind: pool, sizes: ["1000"] }, { vendor: south, kind: pool, sizes: ["1000"] }]';
    const { problem } = translate({ contracts, offers });
    expect(problem.pools.map(({ account, fromPeriod, signed }) => [account, fromPeriod, signed])).toEqual([
      [0, 0, true],
      [0, 1, false],
      [1, 0, false],
      [1, 1, false],
    ]);
  });

  test('tokens a minute, money a minute and units of a vendor come to the same fee and capacity', () => {
    const minutesPerMonth = 43_800;
    const offer = (unit: string, size: string, more = ''): string =>
      `[{ vendor: north, kind: floor, unit: ${unit}, sizes: ["${size}"], discount: 0.25, terms: [24]${more} }]`;
    const tokens = translate({ offers: offer('tokensPerMinute', '1000000') }).problem.reservations[0];
    const money = translate({ offers: offer('moneyPerMinute', '2') }).problem.reservations[0];
    const own = translate({
      offers: offer(
        `{ name: PTU, capacityPerMonth: "${minutesPerMonth / 10}" }`,
        '10',
        `, fee: { perMonth: "${(minutesPerMonth / 10) * 2}" }`,
      ),
    }).problem.reservations[0];
    for (const reservation of [tokens, money, own]) {
      expect(reservation?.quantity.kind).toBe('exactly');
      expect(reservation?.quantity.kind === 'exactly' && reservation.quantity.units).toBeCloseTo(
        minutesPerMonth / 50,
        9,
      );
      expect(reservation?.feePerMonth).toBeCloseTo(0.75, 12);
      expect(reservation?.usableShare).toBe(0.7);
    }
  });

  test('a range is any amount up to its most, or parts that every number of steps can be put together from', () => {
    const offer = (range: string): string => `[{ vendor: north, kind: floor, range: ${range}, terms: [24] }]`;
    const any = translate({ offers: offer('{ max: 350 }') }).problem.reservations;
    expect(any.map(({ quantity }) => quantity)).toEqual([{ kind: 'upTo', max: 7 }]);
    const steps = translate({ offers: offer('{ max: 350, step: 50 }') }).problem.reservations;
    expect(steps.map(({ quantity }) => quantity)).toEqual([
      { kind: 'exactly', units: 1 },
      { kind: 'exactly', units: 2 },
      { kind: 'exactly', units: 4 },
    ]);
    for (let most = 1; most <= 40; most += 1) {
      const parts = partsOf(BigInt(most)).map(Number);
      const sums = new Set<number>();
      for (let set = 0; set < 2 ** parts.length; set += 1)
        sums.add(parts.reduce((sum, part, index) => sum + ((set >> index) & 1 ? part : 0), 0));
      expect([...sums].toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: most + 1 }, (_, step) => step),
      );
    }
  });

  test('what is paid in advance costs its capital, and only that', () => {
    const offer = (payment: string): string =>
      `[{ vendor: north, kind: floor, sizes: [50], terms: [24], payment: ${payment} }]`;
    const monthly = translate({ offers: offer('{ costOfCapital: 0.12 }') }).problem.reservations[0];
    const upfront = translate({ offers: offer('{ upfrontShare: 0.5, costOfCapital: 0.12 }') }).problem.reservations[0];
    expect([monthly?.feePerMonth, monthly?.signingCost]).toEqual([1, 0]);
    // Of 24 months at 1 half is paid 11.5 months early on average, at 1 % a month.
    expect(upfront?.feePerMonth).toBe(1);
    expect(upfront?.signingCost).toBeCloseTo(24 * 0.5 * 0.115, 12);
  });

  test('segments are as short as terms ask for', () => {
    const offers = '[{ vendor: north, kind: floor, sizes: [50], terms: [3, 12] }]';
    const { problem } = translate({ offers });
    expect([problem.segmentsPerPeriod, problem.stepsPerSegment, problem.monthsPerStep]).toEqual([4, 3, 1]);
    expect(problem.reservations.map(({ fromSegment, untilSegment }) => [fromSegment, untilSegment]).slice(6)).toEqual([
      [6, 7],
      [7, 8],
      [0, 4],
      [4, 8],
    ]);
  });
});

describe('true-ups', () => {
  const clauses = (written: string): PoolOffer['carry'] | undefined =>
    translate({
      offers: `[{ vendor: north, kind: pool, sizes: [1000], terms: [24]${written} }]`,
    }).problem.pools[0]?.carry;

  test('stand by themselves without a clause, and with one that ends before the next period', () => {
    expect(clauses('')).toBeNull();
    expect(clauses(', rollover: { share: 0 }, carryForward: { share: 1, months: 6 }')).toBeNull();
  });

  test('carry a share, up to a share of the floor, for whole periods', () => {
    expect(clauses(', rollover: { share: 0.5, upTo: 0.1, months: 30 }, carryForward: { share: 1 }')).toEqual({
      unspent: { share: 0.5, shareOfFloorMax: 0.1, periods: 2 },
      overspent: { share: 1, shareOfFloorMax: null, periods: 1 },
    });
    expect(clauses(', carryForward: { share: 0.25 }')).toEqual({
      unspent: null,
      overspent: { share: 0.25, shareOfFloorMax: null, periods: 1 },
    });
  });

  test('of a signed contract do so too, and what was paid for it in advance is paid', () => {
    const contracts =
      '[{ id: a, vendor: north, kind: pool, amount: "3600", period: [2027-01-01, 2029-01-01], fulfil: annual, rollover: { share: 1, months: 24 } }]';
    const { problem, assumptions } = translate({ contracts });
    expect(problem.pools[0]).toMatchObject({
      signingCost: 0,
      carry: { unspent: { share: 1, shareOfFloorMax: null, periods: 2 }, overspent: null },
    });
    expect(assumptions.join(' ')).toContain('as if nothing of a moved from one true-up to the next');
  });
});

describe('money that is paid in advance', () => {
  const assumptionsWith = (payment: string, policy = '{}'): string =>
    translate({
      policy,
      offers: `[{ name: deal, vendor: north, kind: pool, sizes: [1000], terms: [24], payment: ${payment} }]`,
    }).assumptions.join(' ');

  test('costs what the policy says, or the offer, and is said to cost nothing where neither does', () => {
    expect(assumptionsWith('{}')).toBe('');
    expect(assumptionsWith('{ upfrontShare: 0.5 }')).toContain(
      'deal is paid 50 % in advance, and money is taken to cost nothing',
    );
    expect(assumptionsWith('{ upfrontShare: 0.5 }', '{ costOfCapital: 0.07 }')).toContain(
      'until then it costs 7 % a year',
    );
    expect(assumptionsWith('{ upfrontShare: 0.5, costOfCapital: 0 }', '{ costOfCapital: 0.07 }')).toContain(
      'cost nothing',
    );
  });
});

describe('contracts:', () => {
  test('a signed pool counts in whole periods, with the money of the days that are left', () => {
    const contracts =
      '[{ id: a, vendor: north, kind: pool, amount: "3600", period: [2026-07-01, 2029-07-01], fulfil: annual, ramp: [0.2, 0.3, 0.5] }]';
    const horizon = '{ from: 2027-01-01, periods: 3 }';
    const { problem, assumptions } = translate({ contracts, horizon });
    const [pool] = problem.pools;
    // Half of the first year's 720 is left; half of the last one's 1,800 falls into 2028, the rest into 2029, whose end is the nearest.
    expect([pool?.fromPeriod, pool?.untilPeriod, pool?.signed]).toEqual([0, 3, true]);
    expect(pool?.floors.map((floor) => Math.round(floor * 100))).toEqual([900, 1440, 900]);
    expect(assumptions.join(' ')).toContain('a began before the horizon');
  });

  test('signed capacity is kept at its quantity', () => {
    const contracts =
      '[{ id: a, vendor: south, kind: floor, quantity: 75, period: [2027-01-01, 2028-01-01], discount: 0.5 }]';
    const { problem } = translate({ contracts });
    expect(problem.reservations).toEqual([
      expect.objectContaining({
        account: 1,
        fromSegment: 0,
        untilSegment: 1,
        feePerMonth: 0.75,
        quantity: { kind: 'exactly', units: 1.5 },
        signed: true,
      }),
    ]);
  });
});

describe('outages and caps:', () => {
  test('a host takes with it what it is said to carry, what nobody says it does not, and what depends on it', () => {
    const { problem } = full();
    const left = (kind: string, name: string): readonly (number | undefined)[] => {
      const loss = problem.resilience?.losses.find((one) => one.kind === kind && one.name === name);
      return problem.sources.map(({ node }) => loss?.capacityLeft[node]);
    };
    const names = problem.sources.map(({ name }) => name);
    expect(names).toEqual([
      'north/large',
      'north/large for small',
      'south/large',
      'south/large for small',
      'north/small',
      'east/small',
      'east/training',
      'north-gpu',
    ]);
    expect(left('vendor', 'south')).toEqual([1, 1, 0, 0, 1, 1, 1, 1]);
    expect(left('host', 'north')).toEqual([0, 0, 0.75, 0.75, 0, 0, 0, 0]);
    expect(left('host', 'south')).toEqual([1, 1, 0.25, 0.25, 1, 1, 1, 1]);
    expect(problem.resilience?.servedShares).toEqual([0.8, 0.5, 0]);
  });

  test('design demand is that of the quantile, and what is had without a contract a share of it', () => {
    const policy = '{ resilience: { demandQuantile: 0.75 } }';
    const vendors = '{ north: { burst: { base: 0.5, pool: 0.24, reservation: 0.2 } }, south: {} }';
    const { problem } = translate({ policy, vendors }, 10, 20, 30, 40);
    const design = problem.resilience?.designDemand[0]?.[0] ?? 0;
    expect(design * 50).toBeCloseTo(30 * 10 ** 1, 6);
    expect(problem.resilience?.nodes[0]).toEqual({
      name: 'north 1',
      account: 0,
      base: [design / 2, design / 2],
      perPoolMoney: 0.02,
      reservationBurst: 0.2,
    });
  });

  test('one cap stands for each vendor, host, jurisdiction and lab, and unknown hosts count in each', () => {
    const { problem } = full();
    expect(problem.caps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'vendor north',
      'vendor south',
      'vendor east',
      'host north',
      'host south',
      'host east',
      'jurisdiction US',
      'jurisdiction EU',
      'jurisdiction UK',
      'lab a',
      'lab b',
      'lab c',
    ]);
    const host = problem.caps.find(({ name, kind }) => kind === 'host' && name === 'north');
    expect(host?.basis.kind === 'list' && host.basis.sourceShares).toEqual([1, 1, 0.25, 0.25, 1, 1, 1, 1]);
  });

  test('a cap on what is paid counts accounts', () => {
    const { problem } = translate({ policy: '{ concentration: { vendor: 0.6, basis: cost } }' });
    expect(problem.caps.map(({ basis }) => basis)).toEqual([
      { kind: 'cost', accountShares: [1, 0] },
      { kind: 'cost', accountShares: [0, 1] },
    ]);
  });
});

describe('prices', () => {
  test('of a scenario are factors on the list of each source, by vendor and period', () => {
    const { problem } = full();
    const falling = problem.priceIndices.find(({ name }) => name === 'falling');
    expect(falling?.factors[0]?.map((factor) => Number(factor.toFixed(6)))).toEqual([1, 0.8, 0.64, 0.512]);
    expect(falling?.factors[2]).toEqual([1, 0.9, 0.8, 0.8]);
  });
});

test('what is left out of the model is said, with the side on which it errs', () => {
  const { assumptions } = full();
  for (const said of [
    'as if nothing of north-edp moved from one true-up to the next: it costs at most this. What its rollover saves',
    'north-edp renews itself without notice 60 days before its end: the plan takes it that notice is given.',
    'What north-edp has paid in advance is taken to be spent evenly over each period: until then it costs 8 % a year',
    'east-2026 began before the horizon',
    "Fees that follow from list prices are those of today's list",
  ])
    expect(assumptions.join('\n')).toContain(said);
  expect(translate({}).assumptions).toEqual([]);
});

describe('a decision', () => {
  test('is told in the words of the file: parts of one offer as one row, signed contracts not at all', () => {
    const contracts = '[{ id: a, vendor: south, kind: pool, amount: "100", period: [2027-01-01, 2028-01-01] }]';
    const offers =
      '[{ name: deal, vendor: north, kind: pool, sizes: ["1000.50"], terms: [{ months: 24, ramp: [0.5, 1.5] }] }, { name: tier, vendor: south, kind: floor, unit: moneyPerMinute, range: { max: "0.07", step: "0.01" }, terms: [12], starts: [2028-01-01] }]';
    const translation = translate({ contracts, offers });
    const { problem } = translation;
    const reservations = problem.reservations.map(({ quantity }, index) =>
      quantity.kind === 'exactly' && index !== 1 ? quantity.units : 0,
    );
    expect(decisionRows(translation, { pools: problem.pools.map(() => true), reservations })).toEqual([
      { vendor: 'north', offer: 'deal', kind: 'pool', start: '2027-01-01', months: 24, usd: '2001', currency: 'USD' },
      {
        vendor: 'south',
        offer: 'tier',
        kind: 'floor',
        start: '2028-01-01',
        months: 12,
        quantity: '0.05',
        unit: 'moneyPerMinute',
        source: 'south/chat',
      },
    ]);
  });

  test('of any amount is told to seven figures', () => {
    const offers =
      '[{ name: tier, vendor: north, kind: floor, unit: tokensPerMinute, range: { max: 1000000 }, terms: [24] }]';
    const translation = translate({ offers });
    const [reservation] = translation.problem.reservations;
    const max = reservation?.quantity.kind === 'upTo' ? reservation.quantity.max : 0;
    const rows = decisionRows(translation, { pools: [], reservations: [max / 3] });
    expect(rows.map(({ quantity, unit }) => [quantity, unit])).toEqual([['333333.3', 'tokensPerMinute']]);
    expect(decisionRows(translation, { pools: [], reservations: [1e-9] })).toEqual([]);
  });
});

test('pools of parts of a catalogue make accounts of their own', () => {
  const classes = '{ chat: { demand: { start: 1 } }, code: { demand: { start: 1 } } }';
  const sources =
    '[{ vendor: north, class: chat, price: { perMTok: "2" } }, { vendor: north, class: code, price: { perMTok: "3" } }]';
  const offers = '[{ vendor: north, kind: pool, covers: [code], sizes: [9] }]';
  const portfolio = read(portfolioWith({ classes, sources, offers }));
  const { problem } = problemOf(portfolio, steady(portfolio, 10));
  expect(problem.accounts).toEqual([
    { name: 'north (code)', vendor: 'north' },
    { name: 'north (chat)', vendor: 'north' },
  ]);
  expect(problem.sources.map(({ account }) => account)).toEqual([1, 0]);
});
