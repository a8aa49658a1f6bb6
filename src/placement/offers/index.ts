// What capacity costs: from the file's sites, its contracts, and lists that were imported.
export * from './capacityPrice.ts';
export * from './importOfferList.ts';
export * from './limits.ts';
export * from './listedOffers.ts';
export * from './offerAnswers.ts';
export * from './offerMarket.ts';
export * from './OfferBook.ts';
export * from './OfferList.ts';
export * from './readOfferList.ts';
export * from './siteOffers.ts';
export * from './sitePrices.ts';
