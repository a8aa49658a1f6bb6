import { basename } from 'node:path';
import type { Findings } from '../config/index.ts';
import { errorMessage, startOfDayMs } from '../kernel/index.ts';
import { gapsIn, overlapIn, readPriceList, type PriceRow } from '../market/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

/** Prices of the lists that a file names, as they stood when they were read. */
export interface OwnPrices {
  readonly rows: readonly PriceRow[];
  /** What was read, to see whether it is the same. */
  readonly texts: readonly string[];
}

export const noOwnPrices: OwnPrices = { rows: [], texts: [] };

/** Reads the lists of prices that a configuration names; what is wrong with one is told with its line, at its entry. */
export const readPriceLists = (
  { prices, rates }: Pick<ArchipelConfiguration, 'prices' | 'rates'>,
  readFile: (path: string) => string,
  findings: Findings,
): OwnPrices => {
  const rows: PriceRow[] = [];
  const texts: string[] = [];
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
    texts.push(text);
    const read = readPriceList(text, {
      source: basename(file),
      fromMs: from === null ? 0 : startOfDayMs(from, 'UTC'),
      currency,
      rates,
    });
    if (!read.ok) {
      tell(read.fault.line, read.fault.message);
      continue;
    }
    const twice = overlapIn(rows, read.value);
    if (twice !== null) tell(twice.line, `${twice.message}, and so does an earlier list`);
    for (const gap of gapsIn(read.value))
      findings.warn(path, `${file}:${gap.line}: ${gap.message}`, 'add a row, or end the gap');
    rows.push(...read.value);
  }
  return { rows, texts };
};
