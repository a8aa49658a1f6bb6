import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capacityPrice } from './capacityPrice.ts';
import { OfferBook, emptyOfferBook } from './OfferBook.ts';
import { realOffersCsv, listOf } from './offerList.fixture.ts';
import { contractsOf, northOf, poolOf, sitesOf, slotOf } from './siteOffers.fixture.ts';

const siteOf = (more: Readonly<Record<string, unknown>> = {}) => sitesOf({ site: northOf(more) }).get('site')!;

const taken = { site: siteOf(), accelerator: 'GB200', basis: 'onDemand', contract: null } as const;

describe('by the hour', () => {
  test('the list price is booked, exactly, and named', () => {
    expect(capacityPrice(taken, [], emptyOfferBook)).toEqual({
      hourNanoUsd: '2500000000',
      listHourNanoUsd: '2500000000',
      discount: '0',
      source: 'file',
    });
  });

  test('a pool takes its discount off the price of its basis, rounded half to even once', () => {
    const contracts = contractsOf(poolOf('pool'));
    expect(capacityPrice({ ...taken, contract: 'pool' }, contracts, emptyOfferBook)).toEqual({
      hourNanoUsd: '1950000000',
      listHourNanoUsd: '2500000000',
      discount: '0.22',
      source: 'file',
    });
    const odd = siteOf({ price: { GB200: { hourUsd: '5', spotHourUsd: '0.000000025' } } });
    // 25 nano-dollars less 22 % are 19.5, and 20 is even.
    expect(
      capacityPrice({ ...taken, site: odd, basis: 'spot', contract: 'pool' }, contracts, emptyOfferBook),
    ).toMatchObject({ hourNanoUsd: '20', listHourNanoUsd: '25' });
  });

  test('a price of a real list is booked as it stands there', () => {
    const book = new OfferBook([listOf(realOffersCsv, 'gpu-offers')]);
    const site = siteOf({ vendor: 'azure', region: 'brazilsouth', price: {} });
    expect(capacityPrice({ ...taken, site }, [], book)).toEqual({
      hourNanoUsd: '54080000000',
      listHourNanoUsd: '54080000000',
      discount: '0',
      source: 'gpu-offers 2026-07-02',
    });
    const aws = siteOf({ vendor: 'aws', region: 'us-east-1', price: {} });
    const h100 = { ...taken, site: aws, accelerator: 'H100' };
    expect(capacityPrice(h100, contractsOf(), book)).toMatchObject({ hourNanoUsd: '6880000000' });
    expect(capacityPrice({ ...h100, basis: 'spot' }, [], book)).toMatchObject({
      hourNanoUsd: '3302400000',
      source: 'gpu-offers 2026-07-02, estimated',
    });
  });

  test('what nobody priced is unpriced, never 0', () => {
    expect(capacityPrice({ ...taken, site: siteOf({ price: {} }) }, [], emptyOfferBook)).toBeNull();
    const noSpot = siteOf({ price: { GB200: { hourUsd: '5' } } });
    expect(capacityPrice({ ...taken, site: noSpot, basis: 'spot' }, [], emptyOfferBook)).toBeNull();
  });

  test('what the file says is free is free', () => {
    const own = siteOf({ price: { GB200: { hourUsd: '0' } } });
    expect(capacityPrice({ ...taken, site: own }, [], emptyOfferBook)).toMatchObject({
      hourNanoUsd: '0',
      source: 'file',
    });
  });
});

describe('a slot', () => {
  const inSlot = { ...taken, basis: 'slot', contract: 'slot' } as const;
  const priceOf = (fee: unknown, period: readonly string[], count = 8, site = taken.site) =>
    capacityPrice({ ...inSlot, site }, contractsOf(slotOf('slot', count, { period, fee })), emptyOfferBook);

  test('spreads its fee over its accelerator-hours', () => {
    // 30 days of 24 hours with 8 accelerators are 5,760 accelerator-hours.
    const april = ['2026-04-01', '2026-05-01'];
    expect(priceOf({ usd: '11520', per: 'month' }, april)).toEqual({
      hourNanoUsd: '2000000000',
      listHourNanoUsd: '2500000000',
      discount: '0',
      source: 'slot slot',
    });
    expect(priceOf({ usd: '16', per: 'hour' }, april)?.hourNanoUsd).toBe('2000000000');
    expect(priceOf({ usd: '384', per: 'day' }, april)?.hourNanoUsd).toBe('2000000000');
    expect(priceOf({ usd: '11520', per: 'period' }, april)?.hourNanoUsd).toBe('2000000000');
    // 1 $ over 5,760: 173,611.1 nano-dollars.
    expect(priceOf({ usd: '1', per: 'period' }, april)?.hourNanoUsd).toBe('173611');
  });

  test('whose months differ in length costs the same in each of its hours', () => {
    // January and February: two fees over 59 days.
    const price = priceOf({ usd: '100', per: 'month' }, ['2026-01-01', '2026-03-01'], 1);
    expect(price?.hourNanoUsd).toBe(String(Math.round(200e9 / (59 * 24))));
  });

  test('without a fee books 0, because it is counted elsewhere, and still tells the list price', () => {
    expect(priceOf(undefined, ['2026-04-01', '2026-05-01'])).toMatchObject({
      hourNanoUsd: '0',
      listHourNanoUsd: '2500000000',
    });
  });

  test('tells the booked price as the list price where none is known', () => {
    const price = priceOf({ usd: '16', per: 'hour' }, ['2026-04-01', '2026-05-01'], 8, siteOf({ price: {} }));
    expect(price).toMatchObject({ hourNanoUsd: '2000000000', listHourNanoUsd: '2000000000' });
  });

  test('that is used in full books its fee, but for the rounding of one price', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 1, max: 100_000 }), (fee, count) => {
        const usd = `${fee / 1_000_000_000n}.${(fee % 1_000_000_000n).toString().padStart(9, '0')}`;
        const hour = BigInt(priceOf({ usd, per: 'period' }, ['2026-04-01', '2026-05-01'], count)!.hourNanoUsd);
        const hours = BigInt(count) * 720n;
        const off = hour * hours - fee;
        expect((off < 0n ? -off : off) * 2n <= hours).toBe(true);
      }),
    );
  });
});

test('a contract that nobody has, and a slot that is none, are mistakes of the caller', () => {
  expect(() => capacityPrice({ ...taken, contract: 'gone' }, [], emptyOfferBook)).toThrow(/gone/);
  const pool = contractsOf(poolOf('pool'));
  expect(() => capacityPrice({ ...taken, basis: 'slot', contract: 'pool' }, pool, emptyOfferBook)).toThrow(/slot/);
});
