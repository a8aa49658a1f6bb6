import { formatUsd, utcDay } from '../kernel/index.ts';
import { bookedCurrency } from './currency.ts';
import { priceColumns, type PriceListCells, type PriceListColumn } from './priceListLines.ts';
import type { PriceRow } from './readPriceList.ts';

/** Nano-USD as dollars, to the last digit that counts. */
const decimal = (nanoUsd: bigint): string =>
  formatUsd(nanoUsd, 9)
    .replaceAll(',', '')
    .replace(/\.?0+$/, '');

/** What may stand in a cell, which has no quotes. */
const plain = (text: string): string => text.replaceAll(/[^ -~]|[",]/g, '_');

/** A price as the row of a list, in US dollars. */
export const listCells = (row: PriceRow): PriceListCells => {
  const cells = new Map<PriceListColumn, string>([
    ['vendor', row.vendor],
    ['model', row.model],
    ['region', row.region ?? ''],
    ['tier', row.tier ?? ''],
    ['above_tokens', row.aboveTokens === null ? '' : String(row.aboveTokens)],
    ['from', utcDay(row.fromMs)],
    ['until', row.untilMs === null ? '' : utcDay(row.untilMs)],
    ['currency', bookedCurrency],
    ['source', plain(row.source)],
  ]);
  for (const [column, bucket] of Object.entries(priceColumns)) {
    const price = row.perMillion[bucket];
    // Prices per request are kept per million requests.
    if (price !== undefined)
      cells.set(column as PriceListColumn, decimal(bucket === 'requests' ? price / 1_000_000n : price));
  }
  return cells;
};
