import type { Offer } from '../decide/Offer.ts';
import { defaultGigabytesPerHour, type SiteConfiguration } from '../schema.ts';
import { offerLimits, unknownEgressUsdPerGigabyte, unknownInterruptionsPerHour } from './limits.ts';
import type { OfferBook } from './OfferBook.ts';
import { listSource, spotSource, type HourPrice, type OfferList, type OfferRow } from './OfferList.ts';

const placeKey = (vendor: string, region: string | null, accelerator: string): string =>
  `${vendor}\n${region ?? ''}\n${accelerator}`;

/** How many can be had nobody tells; it is never the reason why such an offer loses. */
const untoldCount = 10_000_000;

const dollarsOf = (price: HourPrice | null): number | null => price && Number(price.hourNanoUsd) / 1e9;

const rowOffers = (row: OfferRow, list: OfferList): readonly Offer[] => {
  const onDemand: Offer = {
    site: null,
    vendor: row.cloud,
    region: row.region,
    hosts: { [row.cloud]: 1 },
    jurisdiction: null,
    accelerator: row.accelerator,
    basis: 'onDemand',
    contract: null,
    hourUsd: dollarsOf(row.onDemand),
    count: untoldCount,
    free: untoldCount,
    domain: null,
    untilMs: null,
    interruptionsPerHour: 0,
    egressUsdPerGigabyte: unknownEgressUsdPerGigabyte,
    gigabytesPerHour: defaultGigabytesPerHour,
    source: listSource(list),
  };
  if (row.spot === null) return [onDemand];
  const spot: Offer = {
    ...onDemand,
    basis: 'spot',
    hourUsd: dollarsOf(row.spot),
    interruptionsPerHour: row.interruptionsPerHour ?? unknownInterruptionsPerHour,
    acceleratorsPerMachine: row.count,
    source: spotSource(list, row),
  };
  return [onDemand, spot];
};

/**
 * Offers of the imported lists that no site of the file stands for, the newest list first: they are shown and compared, never chosen. At most
 * `offerLimits.listedOffers`. They change only with the lists and the file, so they are made once for many decisions.
 */
export const listedOffers = (sites: ReadonlyMap<string, SiteConfiguration>, book: OfferBook): readonly Offer[] => {
  const stoodFor = new Set(
    [...sites.values()].flatMap(({ vendor, region, accelerators }) =>
      accelerators.map(({ kind }) => placeKey(vendor, region, kind)),
    ),
  );
  const offers: Offer[] = [];
  for (const list of book.lists) {
    for (const row of list.rows) {
      if (row.count === 0 || stoodFor.has(placeKey(row.cloud, row.region, row.accelerator))) continue;
      offers.push(...rowOffers(row, list));
      if (offers.length >= offerLimits.listedOffers) return offers.slice(0, offerLimits.listedOffers);
    }
  }
  return offers;
};
