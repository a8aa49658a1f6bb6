import { basename } from 'node:path';
import type { Findings } from '../config/index.ts';
import { errorMessage, startOfDayMs } from '../kernel/index.ts';
import { gapsIn, overlapIn, readPriceList, type PriceListOrigin, type PriceRow } from '../market/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

/** A list of prices as it stood when it was read. */
export interface OwnList {
  /** As the file names it. */
  readonly file: string;
  readonly text: string;
  readonly rows: readonly PriceRow[];
  readonly origin: PriceListOrigin;
}

/** Prices of the lists that a file names. */
export interface OwnPrices {
  readonly lists: readonly OwnList[];
  /** Those of all lists. */
  readonly rows: readonly PriceRow[];
}

export const noOwnPrices: OwnPrices = { lists: [], rows: [] };

/** Reads the lists of prices that a configuration names; what is wrong with one is told with its line, at its entry. */
export const readPriceLists = (
  { prices, rates }: Pick<ArchipelConfiguration, 'prices' | 'rates'>,
  readFile: (path: string) => string,
  findings: Findings,
): OwnPrices => {
  const lists: OwnList[] = [];
  for (const [index, { file, from, currency }] of prices.entries()) {
    const path = ['prices', index, 'file'];
    const tell = (line: number, message: string): void =>
      findings.fault(path, `${file}:${line}: ${message}`, 'mend the list, or leave it out here');
    let text: string;
    try {
      text = readFile(file);
    } catch (error) {
      findings.fault(path, `the list cannot be read: ${errorMessage(error)}`, 'name a file that is there');
      continue;
    }
    const fromMs = from === null ? 0 : startOfDayMs(from, 'UTC');
    const origin = { source: basename(file), fromMs, currency, rates };
    const read = readPriceList(text, origin);
    if (!read.ok) {
      tell(read.fault.line, read.fault.message);
      continue;
    }
    const twice = overlapIn(
      lists.flatMap(({ rows }) => rows),
      read.value,
    );
    if (twice !== null) tell(twice.line, `${twice.message}, and so does an earlier list`);
    for (const gap of gapsIn(read.value))
      findings.warn(path, `${file}:${gap.line}: ${gap.message}`, 'add a row, or end the gap');
    lists.push({ file, text, rows: read.value, origin });
  }
  return { lists, rows: lists.flatMap(({ rows }) => rows) };
};
