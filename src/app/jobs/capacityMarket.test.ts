import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SharesView } from '../../ledger/index.ts';
import { emptyOfferBook, importOfferList, OfferBook, type CapacityMarket } from '../../placement/index.ts';
import { choose, Health, type Caps } from '../../router/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { capacityMarket } from './capacityMarket.ts';
import { configurationWith, noonMs, twoSites } from './testJobs.fixture.ts';

const noCaps: Caps = { vendor: null, host: null, jurisdiction: null, lab: null };

const nothingSpent: SharesView = { totalUsd: 0, forecastUsd: 100, usdOf: () => 0 };

const usual = configurationWith();

/** A market over grounds that a test may change. */
const marketOver = (
  change: { configuration?: ArchipelConfiguration; book?: OfferBook; caps?: Caps; shares?: SharesView } = {},
) => {
  const grounds = {
    configuration: usual,
    book: emptyOfferBook,
    caps: noCaps,
    shares: nothingSpent,
    ...change,
  };
  const market: CapacityMarket = capacityMarket({
    configuration: () => grounds.configuration,
    offerBook: () => grounds.book,
    spending: () => ({ caps: grounds.caps, shares: grounds.shares }),
  });
  return { grounds, market };
};

const dimensions = ['vendor', 'host', 'jurisdiction'] as const;
type Dimension = (typeof dimensions)[number];

/** What the router's guard says of a request that costs as much and falls on one name; null where it keeps the caps. */
const guardSays = (
  dimension: Dimension,
  share: number,
  expectedUsd: number,
  caps: Caps,
  shares: SharesView,
): string | null => {
  const place = { vendor: 'elsewhere', hosts: { elsewhere: 1 }, jurisdiction: null };
  const on = {
    vendor: { vendor: 'aurora' },
    host: { hosts: { aurora: share } },
    jurisdiction: { jurisdiction: 'aurora' },
  };
  const candidate = {
    target: { provider: 'a', model: 'm' },
    credential: 'a/main',
    quotaDomain: 'a',
    lab: null,
    expectedUsd,
    inputTokens: 100,
    cachedTokens: 0,
    outputTokens: 100,
    refusal: null,
    rest: null,
    paced: -1,
    next: null,
    expectedMs: null,
    weight: null,
    slowness: null,
    ...place,
    ...on[dimension],
  };
  const { decision } = choose({
    candidates: [candidate],
    health: new Health(),
    caps,
    shares,
    tried: new Set(),
    attempt: 1,
    nowMs: 0,
    atMs: 0,
    pacer: null,
    nextTurnShare: 0,
    usdPerSecond: 0,
  });
  return decision.forced ?? null;
};

interface Situation {
  readonly dimension: Dimension;
  readonly cap: number;
  readonly forecastUsd: number;
  readonly spentUsd: number;
  readonly otherwiseUsd: number;
}

const situation: fc.Arbitrary<Situation> = fc.record({
  dimension: fc.constantFrom(...dimensions),
  cap: fc.double({ min: 0, max: 0.99, noNaN: true }),
  forecastUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
  spentUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
  otherwiseUsd: fc.double({ min: 0, max: 1e9, noNaN: true }),
});

const standing = ({ dimension, cap, forecastUsd, spentUsd, otherwiseUsd }: Situation) => {
  const caps: Caps = { ...noCaps, [dimension]: cap };
  const usdOf: SharesView['usdOf'] = (of, name) => (of === dimension && name === 'aurora' ? spentUsd : 0);
  const shares: SharesView = { totalUsd: spentUsd + otherwiseUsd, forecastUsd, usdOf };
  return { caps, shares, headroomUsd: marketOver({ caps, shares }).market.headroomUsd(dimension, 'aurora') };
};

/** Sums of Float64 are off by their last digits; so much of the figures is between what keeps a cap and what breaks it. */
const blur = 1e-9;

describe('headroom under a cap', () => {
  test('is what the guard of requests lets through', () => {
    fc.assert(
      fc.property(situation, fc.double({ min: 0, max: 1, noNaN: true }), (at, part) => {
        const { caps, shares, headroomUsd } = standing(at);
        const usd = headroomUsd * part * (1 - blur);
        fc.pre(headroomUsd > (shares.totalUsd + shares.forecastUsd) * blur);
        expect(guardSays(at.dimension, 1, usd, caps, shares)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  test('is all that it lets through: a little more breaks the cap', () => {
    fc.assert(
      fc.property(situation, (at) => {
        const { caps, shares, headroomUsd } = standing(at);
        const more = headroomUsd * (1 + blur) + ((shares.totalUsd + shares.forecastUsd + 1) * blur) / (1 - at.cap);
        expect(guardSays(at.dimension, 1, more, caps, shares)).toBe(`over ${at.dimension} cap ${at.cap} (aurora)`);
      }),
      { numRuns: 2_000 },
    );
  });

  test('keeps the cap of a host that has a part of the place', () => {
    fc.assert(
      fc.property(situation, fc.double({ min: 0.01, max: 1, noNaN: true }), (at, share) => {
        const { caps, shares, headroomUsd } = standing({ ...at, dimension: 'host' });
        fc.pre(headroomUsd > (shares.totalUsd + shares.forecastUsd) * blur);
        expect(guardSays('host', share, (headroomUsd / share) * (1 - blur), caps, shares)).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(dimensions)('has no end where nothing caps a %s, or where the cap is all', (dimension) => {
    for (const cap of [null, 1]) {
      const caps = { vendor: 0.1, host: 0.1, jurisdiction: 0.1, lab: 0.1, [dimension]: cap };
      expect(marketOver({ caps }).market.headroomUsd(dimension, 'aurora')).toBe(Infinity);
    }
  });

  test('is none, and never less, for a name that has too much already', () => {
    const caps = { ...noCaps, vendor: 0.5 };
    const shares: SharesView = { totalUsd: 100, forecastUsd: 100, usdOf: () => 80 };
    expect(marketOver({ caps, shares }).market.headroomUsd('vendor', 'aurora')).toBe(0);
  });

  test('is told by what was spent until now', () => {
    const { grounds, market } = marketOver({ caps: { ...noCaps, vendor: 0.5 } });
    // Half of the three hundredths of the forecast that count while little was spent.
    expect(market.headroomUsd('vendor', 'aurora')).toBe(1.5);
    grounds.shares = { ...nothingSpent, totalUsd: 10 };
    expect(market.headroomUsd('vendor', 'aurora')).toBe(10);
  });
});

const hoursOf = (market: CapacityMarket): readonly unknown[] =>
  market
    .offers(noonMs, [])
    .flatMap(({ site, accelerator, hourUsd }) => (site === null ? [] : [[site, accelerator, hourUsd]]));

const csv = readFileSync(join(import.meta.dirname, '../../../test/fixtures/offers/gpu-offers.csv'), 'utf8');

const importedBook = (): OfferBook => {
  const read = importOfferList({ name: 'gpu-offers', date: '2026-07-02', csv }, { importedAtMs: noonMs, kept: [] });
  if (!read.ok) throw new Error(JSON.stringify(read.fault));
  return new OfferBook([read.value.list]);
};

describe('a market', () => {
  test('offers what the file has: what a slot pays for, and the rest by the hour', () => {
    const { market } = marketOver();
    expect(hoursOf(market)).toEqual([
      ['north-1', 'GB200', 0],
      ['north-1', 'H100', 4],
      ['south-1', 'GB200', 18],
    ]);
    const [slot, hourly] = market.offers(noonMs, []);
    expect(market.priceOf(slot!, noonMs)).toEqual({
      hourNanoUsd: '0',
      listHourNanoUsd: '16000000000',
      discount: '0',
      source: 'slot north-slot',
    });
    expect(market.priceOf(hourly!, noonMs)).toMatchObject({ hourNanoUsd: '4000000000', source: 'file' });
  });

  test('is read anew after a reload', () => {
    const { grounds, market } = marketOver();
    expect(hoursOf(market)).toHaveLength(3);
    const { 'south-1': south } = twoSites['sites'] as Record<string, object>;
    grounds.configuration = configurationWith({
      sites: { 'south-1': { ...south, price: { GB200: { hourUsd: '1.5' } } } },
      contracts: [],
    });
    expect(hoursOf(market)).toEqual([['south-1', 'GB200', 1.5]]);
    expect(market.placeOf('north-1')).toBeNull();
  });

  test('is read anew after an import', () => {
    const sites = {
      west: { executor: 'local', vendor: 'aws', region: 'us-east-1', accelerators: [{ kind: 'H100', count: 8 }] },
    };
    const { grounds, market } = marketOver({ configuration: configurationWith({ sites, contracts: [] }) });
    expect(hoursOf(market)).toEqual([['west', 'H100', null]]);
    const [before] = market.offers(noonMs, []);
    expect(market.priceOf(before!, noonMs)).toBeNull();
    grounds.book = importedBook();
    const offers = market.offers(noonMs, []);
    const [after] = offers.filter(({ site, basis }) => site === 'west' && basis === 'onDemand');
    expect(after?.hourUsd).toBeGreaterThan(0);
    expect(market.priceOf(after!, noonMs)?.source).toMatch(/^gpu-offers 2026-07-02/);
    // What no site stands for is there to be compared.
    expect(offers.filter(({ site }) => site === null).length).toBeGreaterThan(1_000);
  });

  test('is the same reading as long as nothing changes', () => {
    const { grounds, market } = marketOver();
    const [, , , ...none] = market.offers(noonMs, []);
    expect(none).toEqual([]);
    grounds.book = importedBook();
    const listed = () => market.offers(noonMs, []).filter(({ site }) => site === null);
    const [first, again] = [listed(), listed()];
    expect(first.every((offer, index) => offer === again[index])).toBe(true);
  });

  test('knows whose a site is, with hosts of unknown parts counted whole', () => {
    const { market } = marketOver();
    expect(market.placeOf('north-1')).toEqual({
      vendor: 'aurora',
      region: 'north',
      hosts: { north: 1 },
      jurisdiction: 'EU',
    });
    expect(market.placeOf('south-1')).toEqual({
      vendor: 'borealis',
      region: null,
      hosts: { south: 1, north: 0.25 },
      jurisdiction: null,
    });
    expect(market.placeOf('nowhere')).toBeNull();
  });

  test('has free what no attempt holds', () => {
    const { market } = marketOver();
    const use = {
      site: 'north-1',
      accelerator: 'GB200',
      basis: 'slot',
      contract: 'north-slot',
      accelerators: 6,
    } as const;
    expect(market.offers(noonMs, [use]).map(({ free }) => free)).toEqual([2, 2, 8]);
  });
});
