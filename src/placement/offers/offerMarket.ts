import type { Contract } from '../../contracts/index.ts';
import type { CapacityMarket } from '../control/ControllerPorts.ts';
import type { SiteConfiguration } from '../schema.ts';
import { capacityPrice } from './capacityPrice.ts';
import { listedOffers } from './listedOffers.ts';
import type { OfferBook } from './OfferBook.ts';
import { siteOffers } from './siteOffers.ts';

/** What capacity costs by one reading of the file and the lists of one moment; made anew where either changes. */
export const offerMarket = (grounds: {
  readonly sites: ReadonlyMap<string, SiteConfiguration>;
  readonly contracts: readonly Contract[];
  readonly book: OfferBook;
}): Pick<CapacityMarket, 'offers' | 'priceOf'> => {
  const { sites, contracts, book } = grounds;
  const listed = listedOffers(sites, book);
  return {
    offers: (nowMs, uses) => [...siteOffers({ ...grounds, uses, nowMs }), ...listed],
    priceOf: ({ site: name, accelerator, basis, contract }) => {
      const site = name === null ? undefined : sites.get(name);
      return site ? capacityPrice({ site, accelerator, basis, contract }, contracts, book) : null;
    },
  };
};
