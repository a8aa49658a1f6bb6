import type { SharesView } from '../../ledger/index.ts';
import type { Snapshot } from '../../gateway/index.ts';
import { offerMarket, type CapacityMarket, type OfferBook, type SitePlace } from '../../placement/index.ts';
import { guardForecastShare } from '../../router/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { contractsOf } from '../contractsOf.ts';
import { hostsOf } from '../../vocabulary/index.ts';

/** What a market is read from, as it is now. */
export interface MarketGrounds {
  readonly configuration: () => ArchipelConfiguration;
  readonly offerBook: () => OfferBook;
  /** What was spent, and the caps that it is held against. */
  readonly spending: () => { readonly shares: SharesView } & Pick<Snapshot, 'caps'>;
}

/** Whose a site is; null where the file does not have it. */
const placeIn = ({ sites }: Pick<ArchipelConfiguration, 'sites'>, name: string): SitePlace | null => {
  const site = sites.get(name);
  if (site === undefined) return null;
  const { vendor, region, host, jurisdiction } = site;
  return { vendor, region, hosts: hostsOf(host), jurisdiction };
};

/**
 * How much more a name may get before its share passes the cap, as the guard of requests measures it: against all that is spent then, or against its
 * part of the forecast while little is spent. US dollars.
 */
const headroom = (shares: SharesView, cap: number | null, spentUsd: number): number => {
  if (cap === null || cap >= 1) return Infinity;
  const ofForecast = cap * guardForecastShare * shares.forecastUsd - spentUsd;
  const ofTotal = (cap * shares.totalUsd - spentUsd) / (1 - cap);
  return Math.max(0, ofForecast, ofTotal);
};

/** What capacity costs now, and how much of it the caps allow. */
export const capacityMarket = (grounds: MarketGrounds): CapacityMarket => {
  let read: { readonly configuration: ArchipelConfiguration; readonly book: OfferBook } | null = null;
  let market: ReturnType<typeof offerMarket> | null = null;
  const now = (): ReturnType<typeof offerMarket> => {
    const [configuration, book] = [grounds.configuration(), grounds.offerBook()];
    if (market === null || read?.configuration !== configuration || read.book !== book) {
      read = { configuration, book };
      market = offerMarket({ sites: configuration.sites, contracts: contractsOf(configuration), book });
    }
    return market;
  };
  return {
    offers: (nowMs, inUse) => now().offers(nowMs, inUse),
    priceOf: (offer, nowMs) => now().priceOf(offer, nowMs),
    headroomUsd: (dimension, name) => {
      const { shares, caps } = grounds.spending();
      return headroom(shares, caps[dimension], shares.usdOf(dimension, name));
    },
    placeOf: (site) => placeIn(grounds.configuration(), site),
  };
};
