import { z } from 'zod';
import { contractOf, contractsSchema, type Contract } from '../../contracts/index.ts';
import { sitesSchema, type SiteConfiguration } from '../schema.ts';

/** Sites as the file has them. */
export const sitesOf = (written: Readonly<Record<string, unknown>>): ReadonlyMap<string, SiteConfiguration> =>
  sitesSchema.parse(written);

/** Contracts as the file has them. */
export const contractsOf = (...written: readonly unknown[]): readonly Contract[] =>
  z.parse(contractsSchema, written).map(contractOf);

export const slotOf = (id: string, count: number, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  vendor: 'north',
  covers: [{ site: 'north-1' }],
  kind: 'slot',
  accelerator: 'GB200',
  count,
  period: ['2026-01-01', '2027-01-01'],
  ...more,
});

export const poolOf = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  id,
  vendor: 'north',
  covers: [{ site: 'north-1' }],
  kind: 'pool',
  usd: '1000000',
  period: ['2026-01-01', '2027-01-01'],
  discount: '0.22',
  ...more,
});

/** A site with 16 x GB200, 2.50 $ on demand and 1.00 $ spot. */
export const northOf = (more: Readonly<Record<string, unknown>> = {}) => ({
  executor: 'local',
  vendor: 'north',
  region: 'north',
  host: 'north',
  jurisdiction: 'EU',
  accelerators: [{ kind: 'GB200', count: 16, domain: 8 }],
  price: { GB200: { hourUsd: '2.50', spotHourUsd: '1.00' } },
  ...more,
});
