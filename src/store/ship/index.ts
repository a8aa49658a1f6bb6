// The way of records from the spool into the database.
export { startShipper } from './startShipper.ts';
export type { Shipper, ShipperLimits, ShipperOptions } from './startShipper.ts';
