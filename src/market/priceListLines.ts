import { failure, success, type Result } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import { priceSheetRowsMax, type PriceSheetFault } from './readPriceSheet.ts';

/** Columns of prices, in the list's currency per million tokens; `request`: for one request. */
export const priceColumns = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write_5m: 'cacheWrite5m',
  cache_write_1h: 'cacheWrite1h',
  reasoning: 'reasoning',
  input_audio: 'inputAudio',
  input_image: 'inputImage',
  output_audio: 'outputAudio',
  output_image: 'outputImage',
  request: 'requests',
} as const satisfies Record<string, ModelBucket>;

export const priceListColumns = [
  'vendor',
  'model',
  'region',
  'tier',
  'above_tokens',
  ...(Object.keys(priceColumns) as (keyof typeof priceColumns)[]),
  'from',
  'until',
  'currency',
  'source',
] as const;

export type PriceListColumn = (typeof priceListColumns)[number];
const required: readonly PriceListColumn[] = ['vendor', 'model'];
export const isPriceListColumn = (name: string): name is PriceListColumn =>
  (priceListColumns as readonly string[]).includes(name);

/** The cells of a row by their columns, as they are written. */
export type PriceListCells = ReadonlyMap<PriceListColumn, string>;

/** What stands in a column; nothing where the row has none. */
export const textIn = (cells: PriceListCells, column: PriceListColumn): string => cells.get(column) ?? '';

/** A list of prices taken apart, with nothing in it understood yet. */
export interface PriceListLines {
  /** In the order of the header. */
  readonly columns: readonly PriceListColumn[];
  readonly lines: readonly { readonly line: number; readonly cells: PriceListCells }[];
}

const headerOf = (header: string): Result<readonly PriceListColumn[], PriceSheetFault> => {
  const names = header.split(',').map((name) => name.trim());
  const known: PriceListColumn[] = [];
  for (const name of names) {
    if (!isPriceListColumn(name))
      return failure({
        line: 1,
        message: `no such column: ${JSON.stringify(name.slice(0, 60))}; columns are ${priceListColumns.join(', ')}`,
      });
    if (known.includes(name)) return failure({ line: 1, message: `the column ${name} stands there twice` });
    known.push(name);
  }
  const missing = required.find((name) => !known.includes(name));
  return missing === undefined
    ? success(known)
    : failure({ line: 1, message: `the header lacks the column ${missing}` });
};

/** Takes a list apart: its header, then the cells of each row that is not blank. Fails with the first line that has not the form of the header. */
export const priceListLines = (csvText: string): Result<PriceListLines, PriceSheetFault> => {
  const texts = csvText.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = headerOf(texts[0] ?? '');
  if (!header.ok) return header;
  if (texts.length > priceSheetRowsMax + 2)
    return failure({ line: priceSheetRowsMax + 2, message: `more than ${priceSheetRowsMax} rows` });
  const lines: { line: number; cells: PriceListCells }[] = [];
  for (const [index, text] of texts.entries()) {
    if (index === 0 || text.trim() === '') continue;
    const line = index + 1;
    const cells = text.split(',').map((cell) => cell.trim());
    if (text.includes('"')) return failure({ line, message: 'quoted cells are not read: leave the quotes out' });
    if (cells.length !== header.value.length)
      return failure({ line, message: `${cells.length} cells instead of ${header.value.length}` });
    lines.push({ line, cells: new Map(header.value.map((column, at) => [column, cells[at] ?? ''])) });
  }
  return success({ columns: header.value, lines });
};
