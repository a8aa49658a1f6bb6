import { describe, expect, test } from 'vitest';
import { importOfferList } from './importOfferList.ts';
import { offerLimits } from './limits.ts';
import { listedOffers } from './listedOffers.ts';
import { importedOffersAnswer, offersAnswer } from './offerAnswers.ts';
import { OfferBook } from './OfferBook.ts';
import { header, listOf, realOffersCsv, rowsList } from './offerList.fixture.ts';
import { formatOfferListFinding } from './readOfferList.ts';

const importedAtMs = Date.UTC(2026, 10, 25, 12);

const faultsOf = (sent: { readonly name?: string; readonly date?: string | null; readonly csv?: string }, kept = 0) => {
  const lists = Array.from({ length: kept }, (_, index) => rowsList(['a,r,,i,T4,1,,,1,,,,'], `list-${index}`));
  const imported = importOfferList(
    { name: 'prices', date: null, csv: `${header}\na,r,,i,T4,1,,,1,,,,`, ...sent },
    { importedAtMs, kept: lists },
  );
  return imported.ok ? [] : imported.fault.map(formatOfferListFinding);
};

describe('an import', () => {
  test('says what it has taken over, and what it doubts', () => {
    const csv = `${header}\naws,r,,a,T4,1,,,1.5,,,,\naws,r,,b,T4,1,,,0,,,,\n`;
    const imported = importOfferList({ name: 'prices', date: '2026-07-02', csv }, { importedAtMs, kept: [] });
    expect(imported.ok && importedOffersAnswer(imported.value)).toEqual({
      name: 'prices',
      date: '2026-07-02',
      rows: 2,
      priced: 1,
      warnings: [
        'line 3, on_demand_usd_h: 0 is no price: the offer counts as unpriced; leave the cell empty where the price is not known',
      ],
    });
  });

  test('is refused with a name or a day that is none, and with what is wrong in the list', () => {
    expect(faultsOf({ name: '../prices' })).toEqual([expect.stringMatching(/^a list needs a name; use 1 to 64/)]);
    expect(faultsOf({ date: '2026-02-30' })).toEqual([expect.stringMatching(/^expected the day of the prices/)]);
    expect(faultsOf({ csv: 'cloud' })).toHaveLength(12);
    expect(faultsOf({})).toEqual([]);
  });

  test('of one list more than are kept is refused, but replaces one of its name', () => {
    expect(faultsOf({}, offerLimits.lists)).toEqual([expect.stringMatching(/^there are 16 lists already/)]);
    expect(faultsOf({ name: 'list-3' }, offerLimits.lists)).toEqual([]);
    expect(faultsOf({}, offerLimits.lists - 1)).toEqual([]);
  });
});

describe('the lists as they are shown', () => {
  test('have the cheapest accelerator-hour first and what has no price last', () => {
    const list = rowsList([
      'a,r,z,none,T4,1,,,,,savings%=50,<5%,there',
      'a,r,,dear,T4,1,,,3,,,,there',
      'a,r,,spot,T4,4,,,16,4,estimate,<5%,there',
      'a,r,,other,L4,1,,,0.1,,,,',
    ]);
    const answer = offersAnswer(new OfferBook([list]), 'T4');
    expect(answer.lists).toEqual([
      { name: 'prices', date: '2026-07-02', importedAt: '2026-11-25T00:00:00.000Z', rows: 4, priced: 3 },
    ]);
    expect(answer.matched).toBe(3);
    expect(answer.offers.map(({ instance }) => instance)).toEqual(['spot', 'dear', 'none']);
    expect(answer.offers[0]).toEqual({
      cloud: 'a',
      region: 'r',
      zone: null,
      instance: 'spot',
      accelerator: 'T4',
      count: 4,
      hourNanoUsd: '4000000000',
      spotHourNanoUsd: '1000000000',
      spotEstimated: true,
      instanceHourNanoUsd: '16000000000',
      spotInstanceHourNanoUsd: '4000000000',
      interruptionsPerHour: expect.closeTo(0.0512933 / 730, 9),
      source: 'prices 2026-07-02: there',
    });
    expect(answer.offers[2]).toMatchObject({ hourNanoUsd: null, spotHourNanoUsd: null, zone: 'z' });
    expect(offersAnswer(new OfferBook([list]), null).offers[0]).toMatchObject({
      instance: 'other',
      source: 'prices 2026-07-02',
    });
    expect(offersAnswer(new OfferBook([list]), 'GB200')).toMatchObject({ matched: 0, offers: [] });
  });

  test('are shown up to a bound, which the number that matched gives away', () => {
    const book = new OfferBook(['one', 'two'].map((name) => listOf(realOffersCsv, name)));
    const { matched, offers } = offersAnswer(book, null);
    expect([matched, offers.length]).toEqual([3_712, offerLimits.shownOffers]);
    expect(offers.every(({ hourNanoUsd, spotHourNanoUsd }) => hourNanoUsd !== '0' && spotHourNanoUsd !== '0')).toBe(
      true,
    );
  });

  test('become offers up to a bound, without those that have no whole accelerator', () => {
    const offers = listedOffers(new Map(), new OfferBook([listOf(realOffersCsv)]));
    // 1,856 rows without the 5 of a part, and those of them that have a spot price besides.
    expect(offers).toHaveLength(1_851 + offers.filter(({ basis }) => basis === 'spot').length);
    expect(offers.every(({ site, hourUsd }) => site === null && hourUsd !== 0)).toBe(true);
    const many = Array.from({ length: offerLimits.listedOffers }, (_, index) => `a,r,,i${index},T4,1,,,1,1,list,,`);
    expect(listedOffers(new Map(), new OfferBook([rowsList(many)]))).toHaveLength(offerLimits.listedOffers);
  });
});
