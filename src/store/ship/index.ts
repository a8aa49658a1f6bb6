// The way of records from the spool into the database.
export { adoptSpool } from './adoptSpool.ts';
export type { AdoptedSpool, AdoptOptions } from './adoptSpool.ts';
export { startShipper } from './startShipper.ts';
export type { Shipper, ShipperLimits, ShipperOptions } from './startShipper.ts';
