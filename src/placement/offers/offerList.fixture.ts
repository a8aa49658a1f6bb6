import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importOfferList } from './importOfferList.ts';
import type { OfferList } from './OfferList.ts';
import { offerColumns } from './readOfferList.ts';

/** Real prices of 2026; where they come from stands in test/fixtures/README.md. */
export const realOffersCsv = readFileSync(
  join(import.meta.dirname, '../../../test/fixtures/offers/gpu-offers.csv'),
  'utf8',
);

export const header = offerColumns.join(',');

/** A list of its own rows, imported on 2026-11-25. @throws Error where it is refused. */
export const listOf = (csv: string, name = 'prices', date: string | null = '2026-07-02'): OfferList => {
  const imported = importOfferList({ name, date, csv }, { importedAtMs: Date.UTC(2026, 10, 25), kept: [] });
  if (!imported.ok) throw new Error(JSON.stringify(imported.fault));
  return imported.value.list;
};

/** The same of rows without their header. */
export const rowsList = (rows: readonly string[], name?: string, date?: string | null): OfferList =>
  listOf([header, ...rows, ''].join('\n'), name, date);
