import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CapacityUse } from '../control/ControllerPorts.ts';
import type { Offer } from '../decide/Offer.ts';
import { capacityPrice } from './capacityPrice.ts';
import { OfferBook, emptyOfferBook } from './OfferBook.ts';
import { rowsList } from './offerList.fixture.ts';
import { offerMarket } from './offerMarket.ts';
import { siteOffers } from './siteOffers.ts';
import { contractsOf, northOf, poolOf, sitesOf, slotOf } from './siteOffers.fixture.ts';

const nowMs = Date.UTC(2026, 6, 1);

const useOf = (accelerators: number, more: Partial<CapacityUse> = {}): CapacityUse => ({
  site: 'north-1',
  accelerator: 'GB200',
  basis: 'onDemand',
  contract: null,
  accelerators,
  ...more,
});

const offersAt = ({
  sites = { 'north-1': northOf() },
  contracts = [],
  book = emptyOfferBook,
  uses = [],
  atMs = nowMs,
}: {
  readonly sites?: Readonly<Record<string, unknown>>;
  readonly contracts?: readonly unknown[];
  readonly book?: OfferBook;
  readonly uses?: readonly CapacityUse[];
  readonly atMs?: number;
}): readonly Offer[] =>
  siteOffers({ sites: sitesOf(sites), contracts: contractsOf(...contracts), book, uses, nowMs: atMs });

/** "slot north-slot 3/8": basis, contract, free of count. */
const shapes = (offers: readonly Offer[]): readonly string[] =>
  offers.map(({ basis, contract, free, count }) => `${basis} ${contract ?? '-'} ${free}/${count}`);

describe('a site', () => {
  test('is offered as the file has it', () => {
    expect(offersAt({})).toEqual([
      {
        site: 'north-1',
        vendor: 'north',
        region: 'north',
        hosts: { north: 1 },
        jurisdiction: 'EU',
        accelerator: 'GB200',
        basis: 'onDemand',
        contract: null,
        hourUsd: 2.5,
        count: 16,
        free: 16,
        domain: 8,
        untilMs: null,
        interruptionsPerHour: 0,
        egressUsdPerGigabyte: 0,
        gigabytesPerHour: 3_600,
        source: 'file',
      },
      expect.objectContaining({ basis: 'spot', hourUsd: 1, free: 16, interruptionsPerHour: 1 / 730, source: 'file' }),
    ]);
  });

  test('says what leaving it costs, how fast data comes, and how often spot capacity goes', () => {
    const told = northOf({ egressUsdPerGB: '0.05', gigabytesPerHour: 100, interruptionsPerHour: '0.01' });
    expect(offersAt({ sites: { 'north-1': told } })[1]).toMatchObject({
      egressUsdPerGigabyte: 0.05,
      gigabytesPerHour: 100,
      interruptionsPerHour: 0.01,
    });
  });

  test('of machines that are not our own never lets data out for nothing because nobody told the price', () => {
    expect(offersAt({ sites: { 'north-1': northOf({ executor: 'slurm' }) } })[0]?.egressUsdPerGigabyte).toBe(0.12);
  });

  test('with hosts that nobody knows counts them at their worst', () => {
    const host = [{ name: 'a', share: 0.25 }, { name: 'b' }];
    expect(offersAt({ sites: { 'north-1': northOf({ host }) } })[0]?.hosts).toEqual({ a: 0.25, b: 1 });
    expect(offersAt({ sites: { 'north-1': northOf({ host: [] }) } })[0]?.hosts).toEqual({ unknown: 1 });
  });

  test('whose price nobody knows is unpriced and not free, and has no spot offer', () => {
    const offers = offersAt({ sites: { 'north-1': northOf({ price: {} }) } });
    expect(offers.map(({ basis, hourUsd }) => [basis, hourUsd])).toEqual([['onDemand', null]]);
  });
});

test('a site that lists a kind twice, or says something that is no price or rate, is refused', () => {
  const twice = {
    accelerators: [
      { kind: 'GB200', count: 8 },
      { kind: 'GB200', count: 4 },
    ],
  };
  expect(() => sitesOf({ 'north-1': northOf(twice) })).toThrow(/listed twice/);
  for (const wrong of [{ egressUsdPerGB: '-1' }, { gigabytesPerHour: 0 }, { interruptionsPerHour: 'often' }])
    expect(() => sitesOf({ 'north-1': northOf(wrong) })).toThrow(/expected/);
});

describe('a slot', () => {
  test('is free of further cost until it ends, and is not on demand besides', () => {
    const offers = offersAt({ contracts: [slotOf('north-slot', 8, { fee: { usd: '1000', per: 'month' } })] });
    expect(shapes(offers)).toEqual(['slot north-slot 8/8', 'onDemand - 8/8', 'spot - 8/8']);
    expect(offers[0]).toMatchObject({ hourUsd: 0, untilMs: Date.UTC(2027, 0, 1), interruptionsPerHour: 0 });
  });

  test('holds nothing before its first instant, nor from its last one on', () => {
    const contracts = [slotOf('north-slot', 8, { period: ['2026-07-01', '2026-07-02'] })];
    const at = (atMs: number) => shapes(offersAt({ contracts, atMs }))[0];
    expect(at(nowMs - 1)).toBe('onDemand - 16/16');
    expect(at(nowMs)).toBe('slot north-slot 8/8');
    expect(at(nowMs + 86_400_000 - 1)).toBe('slot north-slot 8/8');
    expect(at(nowMs + 86_400_000)).toBe('onDemand - 16/16');
  });

  test('holds no more than the site has, and leaves nothing on demand where it holds all', () => {
    expect(shapes(offersAt({ contracts: [slotOf('north-slot', 72)] }))).toEqual(['slot north-slot 16/16']);
    expect(shapes(offersAt({ contracts: [slotOf('a', 10), slotOf('b', 10)] }))).toEqual(['slot a 10/10', 'slot b 6/6']);
  });

  test('of another accelerator, or another site, holds nothing here', () => {
    const contracts = [
      slotOf('h100', 8, { accelerator: 'H100' }),
      slotOf('south', 8, { covers: [{ site: 'south-1' }] }),
    ];
    expect(shapes(offersAt({ contracts }))).toEqual(['onDemand - 16/16', 'spot - 16/16']);
  });

  test('over two sites is not there twice', () => {
    const contracts = [slotOf('both', 8, { covers: [{ site: 'north-1' }, { site: 'south-1' }] })];
    const sites = { 'north-1': northOf(), 'south-1': northOf() };
    const uses = [useOf(6, { basis: 'slot', contract: 'both', site: 'south-1' })];
    expect(shapes(offersAt({ sites, contracts, uses })).filter((shape) => shape.startsWith('slot'))).toEqual([
      'slot both 2/8',
      'slot both 2/8',
    ]);
  });
});

describe('what is busy', () => {
  const contracts = [slotOf('north-slot', 8)];

  test('takes from its own slot, or from on demand and spot together', () => {
    const uses = [
      useOf(3, { basis: 'slot', contract: 'north-slot' }),
      useOf(2),
      useOf(1, { basis: 'spot' }),
      useOf(5, { accelerator: 'H100' }),
      useOf(5, { site: 'south-1' }),
    ];
    expect(shapes(offersAt({ contracts, uses }))).toEqual(['slot north-slot 5/8', 'onDemand - 5/8', 'spot - 5/8']);
  });

  test('under a slot that is over, or is no longer in the file, takes from the rest', () => {
    const uses = [useOf(4, { basis: 'slot', contract: 'gone' })];
    expect(shapes(offersAt({ uses }))).toEqual(['onDemand - 12/16', 'spot - 12/16']);
    const ended = [slotOf('gone', 8, { period: ['2026-01-01', '2026-07-01'] })];
    expect(shapes(offersAt({ uses, contracts: ended }))).toEqual(['onDemand - 12/16', 'spot - 12/16']);
  });

  test('on demand when a slot begins keeps the slot from its accelerators until it ends', () => {
    expect(shapes(offersAt({ contracts, uses: [useOf(12)] }))).toEqual([
      'slot north-slot 4/8',
      'onDemand - 0/8',
      'spot - 0/8',
    ]);
  });

  test('is never free at the same time, and what is free is never more than the site has left', () => {
    const use = fc.record({
      basis: fc.constantFrom('slot', 'onDemand', 'spot'),
      contract: fc.constantFrom('a', 'b', 'gone', null),
      site: fc.constantFrom('north-1', 'south-1'),
      accelerators: fc.integer({ min: 1, max: 12 }),
    });
    const slot = fc.record({
      count: fc.integer({ min: 1, max: 24 }),
      covers: fc.constantFrom([{ site: 'north-1' }], [{ site: 'south-1' }], [{ site: 'north-1' }, { site: 'south-1' }]),
      period: fc.constantFrom(['2026-01-01', '2027-01-01'], ['2026-01-01', '2026-02-01']),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 6 }), slot, slot, (drawn, a, b) => {
        const uses = drawn.map((one) => useOf(one.accelerators, one));
        const offers = offersAt({
          sites: { 'north-1': northOf(), 'south-1': northOf() },
          contracts: [slotOf('a', a.count, a), slotOf('b', b.count, b)],
          uses,
        });
        for (const site of ['north-1', 'south-1']) {
          const here = offers.filter((offer) => offer.site === site);
          const busy = uses.reduce((sum, one) => (one.site === site ? sum + one.accelerators : sum), 0);
          const apart = here.filter(({ basis }) => basis !== 'spot');
          expect(apart.reduce((sum, { count }) => sum + count, 0)).toBe(16);
          expect(apart.reduce((sum, { free }) => sum + free, 0)).toBeLessThanOrEqual(Math.max(0, 16 - busy));
          for (const { count, free } of here) {
            expect(free).toBeGreaterThanOrEqual(0);
            expect(free).toBeLessThanOrEqual(Math.min(count, Math.max(0, 16 - busy)));
          }
          const [onDemand, spot] = ['onDemand', 'spot'].map((basis) => here.find((offer) => offer.basis === basis));
          expect(spot?.free).toBe(onDemand?.free);
        }
      }),
    );
  });
});

describe('a discount', () => {
  test('of the pool that covers the site is taken off both prices, which it then draws down', () => {
    const offers = offersAt({ contracts: [slotOf('north-slot', 8), poolOf('north-pool')] });
    expect(offers.map(({ basis, contract, hourUsd }) => [basis, contract, hourUsd])).toEqual([
      ['slot', 'north-slot', 0],
      ['onDemand', 'north-pool', 1.95],
      ['spot', 'north-pool', 0.78],
    ]);
  });

  test('is not given by a pool that is over', () => {
    const tokens = {
      id: 'tokens',
      vendor: 'north',
      covers: [{ site: 'north-1' }],
      kind: 'floor',
      unit: 'tokensPerMinute',
      quantity: '1000',
      fee: { usd: '1', per: 'hour' },
      period: ['2026-01-01', '2027-01-01'],
    };
    // A floor of tokens counts nothing of a site's time.
    expect(offersAt({ contracts: [tokens, poolOf('north-pool')] })[0]).toMatchObject({ contract: 'north-pool' });
    const offers = offersAt({ contracts: [poolOf('north-pool', { period: ['2026-01-01', '2026-07-01'] })] });
    expect(offers[0]).toMatchObject({ contract: null, hourUsd: 2.5 });
  });

  test('of a slot says nothing of what is not the slot', () => {
    const offers = offersAt({ contracts: [slotOf('north-slot', 8, { discount: '0.5' })] });
    expect(offers[1]).toMatchObject({ basis: 'onDemand', contract: null, hourUsd: 2.5 });
  });
});

describe('a price of the imported lists', () => {
  const rows = [
    'north,north,,big,GB200,4,,,12,6,estimate,5-10%,somewhere',
    'north,north,,small,GB200,1,,,4,1.40,list,,somewhere',
    'north,north,,part,GB200,0,,,0.10,,,,somewhere',
    'north,south,,big,GB200,4,,,1,1,list,,somewhere',
    'north,north,,h100,H100,8,,,8,8,list,,somewhere',
  ];
  const book = new OfferBook([rowsList(rows)]);
  const sites = { 'north-1': northOf({ price: {} }) };

  test('is the cheapest accelerator-hour of its vendor, region and kind, on demand and spot each for itself', () => {
    expect(offersAt({ sites, book })).toMatchObject([
      { basis: 'onDemand', hourUsd: 3, source: 'prices 2026-07-02' },
      {
        basis: 'spot',
        hourUsd: 1.4,
        interruptionsPerHour: 1 / 730,
        acceleratorsPerMachine: 1,
        source: 'prices 2026-07-02',
      },
    ]);
  });

  test('that is estimated says so, and brings its interruptions for each machine', () => {
    const spot = offersAt({ sites, book: new OfferBook([rowsList(rows.slice(0, 1))]) })[1];
    expect(spot).toMatchObject({ hourUsd: 1.5, acceleratorsPerMachine: 4, source: 'prices 2026-07-02, estimated' });
    expect(spot?.interruptionsPerHour).toBeCloseTo(0.1053605 / 730, 9);
  });

  test('gives way to what the file says of the kind, also where the file has no spot price', () => {
    const own = { 'north-1': northOf({ price: { GB200: { hourUsd: '9' } } }) };
    expect(offersAt({ sites: own, book })).toMatchObject([{ basis: 'onDemand', hourUsd: 9, source: 'file' }]);
  });

  test('needs a region, of the very same name', () => {
    for (const region of [undefined, 'north-2'])
      expect(offersAt({ sites: { 'north-1': northOf({ price: {}, region }) }, book })[0]?.hourUsd).toBeNull();
  });

  test('comes from the newest list that has one', () => {
    const old = rowsList(['north,north,,old,GB200,1,,,0.5,0.25,list,,'], 'old', '2025-01-01');
    const undated = rowsList(['north,north,,undated,GB200,1,,,7,,,,'], 'undated', null);
    const both = new OfferBook([old, rowsList(rows)]);
    expect(offersAt({ sites, book: both })[0]).toMatchObject({ hourUsd: 3, source: 'prices 2026-07-02' });
    const all = offersAt({ sites, book: new OfferBook([old, undated, rowsList(rows)]) });
    expect(all).toMatchObject([
      { hourUsd: 7, source: 'undated, imported 2026-11-25' },
      { hourUsd: 1.4, source: 'prices 2026-07-02' },
    ]);
  });
});

describe('the market', () => {
  const book = new OfferBook([
    rowsList([
      'north,north,,a,GB200,4,,,12,6,list,,',
      'north,south,,b,GB200,4,,,8,2,list,,',
      'west,x,,c,H100,8,,,,,,,',
    ]),
  ]);
  const sites = sitesOf({ 'north-1': northOf({ price: {} }) });
  const contracts = contractsOf(slotOf('north-slot', 8, { fee: { usd: '8760', per: 'period' } }), poolOf('north-pool'));
  const market = offerMarket({ sites, contracts, book });

  test('shows offers that no site stands for beside those of the sites, without a site', () => {
    const offers = market.offers(nowMs, []);
    expect(offers.map(({ site, region, basis, hourUsd }) => [site, region, basis, hourUsd])).toEqual([
      ['north-1', 'north', 'slot', 0],
      ['north-1', 'north', 'onDemand', 2.34],
      ['north-1', 'north', 'spot', 1.17],
      [null, 'south', 'onDemand', 2],
      [null, 'south', 'spot', 0.5],
      [null, 'x', 'onDemand', null],
    ]);
  });

  test('books each offer at the price that it was compared by, and a slot at its share of the fee', () => {
    const booked = market.offers(nowMs, []).map((offer) => market.priceOf(offer, nowMs)?.hourNanoUsd ?? null);
    // 8,760 $ over 8 accelerators and the 8,760 hours of the year 2026.
    expect(booked).toEqual(['125000000', '2340000000', '1170000000', null, null, null]);
    expect(
      capacityPrice({ site: sites.get('north-1')!, accelerator: 'GB200', basis: 'spot', contract: null }, [], book),
    ).toMatchObject({ hourNanoUsd: '1500000000', discount: '0' });
  });
});
