import type { NanoUsdPerMillion, Result } from '../kernel/index.ts';
import { failure, success } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import { isNamedFree } from './isNamedFree.ts';
import { perMillionOf } from './perMillionOf.ts';
import type { PriceEntry } from './PriceEntry.ts';

/** Most rows that a sheet may have. */
export const priceSheetRowsMax = 100_000;

/** A sheet that cannot be read, with the line (1 is the header) where it goes wrong. */
export interface PriceSheetFault {
  readonly line: number;
  readonly message: string;
}

export interface PriceSheetOrigin {
  /** As it will stand on each line of a bill: "models.dev 2026-07-02". */
  readonly source: string;
  /** From when on the prices hold; Unix milliseconds. */
  readonly fromMs: number;
}

const columns = [
  'provider',
  'model',
  'base_model',
  'input_usd_per_mtok',
  'output_usd_per_mtok',
  'cache_read_usd_per_mtok',
  'cache_write_usd_per_mtok',
  'context',
  'max_output',
  'reasoning',
  'tool_call',
] as const;

type Column = (typeof columns)[number];
type Row = Readonly<Record<Column, string>>;

const priceColumns: readonly (readonly [Column, ModelBucket])[] = [
  ['input_usd_per_mtok', 'input'],
  ['output_usd_per_mtok', 'output'],
  ['cache_read_usd_per_mtok', 'cacheRead'],
  ['cache_write_usd_per_mtok', 'cacheWrite5m'],
];

const pricesOf = (row: Row): PriceEntry['perMillion'] => {
  const prices: Partial<Record<ModelBucket, NanoUsdPerMillion>> = {};
  for (const [column, bucket] of priceColumns) {
    const text = row[column];
    if (text === '') continue;
    const price = perMillionOf(text);
    if (price > 0n || isNamedFree(row.model)) prices[bucket] = price;
  }
  return prices;
};

/** A number of tokens; 0 stands for "does not apply". */
const tokensOf = (text: string, column: Column): number | null => {
  if (text === '') return null;
  if (!/^\d{1,12}$/.test(text)) throw new RangeError(`${column}: not a number of tokens: ${JSON.stringify(text)}`);
  return Number(text) || null;
};

const flagOf = (text: string, column: Column): boolean => {
  if (text !== '0' && text !== '1') throw new RangeError(`${column}: neither 0 nor 1: ${JSON.stringify(text)}`);
  return text === '1';
};

const entryOf = (row: Row, origin: PriceSheetOrigin): PriceEntry => {
  if (row.provider === '' || row.model === '') throw new RangeError('provider and model must not be empty');
  const perMillion = pricesOf(row);
  const maxOutputTokens = tokensOf(row.max_output, 'max_output');
  return {
    vendor: row.provider,
    model: row.model,
    baseModel: row.base_model === '' ? null : row.base_model,
    region: null,
    fromMs: origin.fromMs,
    untilMs: null,
    perMillion,
    contextTokens: tokensOf(row.context, 'context'),
    // Of embeddings the sheet gives the number of dimensions here, which bounds no output.
    maxOutputTokens: perMillion.output === undefined && perMillion.input !== undefined ? null : maxOutputTokens,
    reasoning: flagOf(row.reasoning, 'reasoning'),
    toolCall: flagOf(row.tool_call, 'tool_call'),
    source: origin.source,
  };
};

/** Where each known column stands, or the name of one that is missing. */
const columnIndexes = (header: string): Result<ReadonlyMap<Column, number>, Column> => {
  const names = header.split(',');
  const indexes = new Map<Column, number>();
  for (const column of columns) {
    const index = names.indexOf(column);
    if (index < 0) return failure(column);
    indexes.set(column, index);
  }
  return success(indexes);
};

const rowOf = (cells: readonly string[], indexes: ReadonlyMap<Column, number>): Row => {
  const cell = (column: Column): string => cells[indexes.get(column) ?? -1] ?? '';
  return {
    provider: cell('provider'),
    model: cell('model'),
    base_model: cell('base_model'),
    input_usd_per_mtok: cell('input_usd_per_mtok'),
    output_usd_per_mtok: cell('output_usd_per_mtok'),
    cache_read_usd_per_mtok: cell('cache_read_usd_per_mtok'),
    cache_write_usd_per_mtok: cell('cache_write_usd_per_mtok'),
    context: cell('context'),
    max_output: cell('max_output'),
    reasoning: cell('reasoning'),
    tool_call: cell('tool_call'),
  };
};

/**
 * Reads a price sheet in the columns of `data/llm-prices.csv` (others are ignored). Prices are US dollars per million tokens, read exactly.
 * Cells are never quoted: a quote, a missing or extra cell, a repeated model or an unreadable number fails the whole sheet.
 */
export const readPriceSheet = (
  csvText: string,
  origin: PriceSheetOrigin,
): Result<readonly PriceEntry[], PriceSheetFault> => {
  const lines = csvText.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const header = lines[0] ?? '';
  const indexes = columnIndexes(header);
  if (!indexes.ok) return failure({ line: 1, message: `the header lacks the column ${indexes.fault}` });
  if (lines.length > priceSheetRowsMax + 1) {
    return failure({ line: priceSheetRowsMax + 2, message: `more than ${priceSheetRowsMax} rows` });
  }
  const width = header.split(',').length;
  const entries: PriceEntry[] = [];
  const seen = new Map<string, number>();
  for (const [index, text] of lines.entries()) {
    if (index === 0) continue;
    const line = index + 1;
    const cells = text.split(',');
    if (text.includes('"')) return failure({ line, message: 'quoted cells are not read' });
    if (cells.length !== width) return failure({ line, message: `${cells.length} cells instead of ${width}` });
    try {
      const entry = entryOf(rowOf(cells, indexes.value), origin);
      const name = `${entry.vendor}\n${entry.model}`;
      const earlier = seen.get(name);
      if (earlier !== undefined) {
        return failure({ line, message: `${entry.vendor} ${entry.model} was already listed on line ${earlier}` });
      }
      seen.set(name, line);
      entries.push(entry);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return failure({ line, message: error.message });
    }
  }
  return success(entries);
};
