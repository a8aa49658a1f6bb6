// What can be bought: models, what they can do, and their prices with dates of validity.
export * from './bucketPrice.ts';
export * from './capabilitiesOf.ts';
export { capabilityTable } from './data/capabilityTable.ts';
export type * from './CapabilityRow.ts';
export * from './currency.ts';
export * from './declaredPrice.ts';
export * from './mayBillRefusal.ts';
export * from './near.ts';
export * from './perMillionOf.ts';
export * from './PriceBook.ts';
export * from './PriceEntry.ts';
export * from './priceOrCeiling.ts';
export * from './priceVariants.ts';
export * from './readPriceList.ts';
export * from './readPriceSheet.ts';
export * from './schema.ts';
export * from './sellersOf.ts';
export * from './servedPrice.ts';
