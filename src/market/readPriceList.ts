import type { NanoUsdPerMillion, Result } from '../kernel/index.ts';
import { failure, success, utcDay } from '../kernel/index.ts';
import { anyTier, standardTier, type ModelBucket } from '../vocabulary/index.ts';
import type { PriceSheetFault } from './readPriceSheet.ts';
import { toPerMillionUsd, type CurrencyRates } from './currency.ts';
import {
  isPriceListColumn,
  priceColumns,
  priceListLines,
  textIn,
  type PriceListCells,
  type PriceListColumn,
} from './priceListLines.ts';

/** What a price is for: a model, or one tier or long inputs of it. */
export interface PricePlace {
  readonly vendor: string;
  readonly model: string;
  /** Null where it holds in all regions. */
  readonly region: string | null;
  /** As `ServiceTier`; null for the standard one. */
  readonly tier: string | null;
  /** Holds for inputs of more tokens than this; null for all. */
  readonly aboveTokens: number | null;
}

/** One row of a list: a price between two dates. */
export interface PriceRow extends PricePlace {
  /** Where it stands in its list; 1 is the header. */
  readonly line: number;
  /** Unix milliseconds: in force when fromMs <= at < untilMs. */
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly perMillion: Readonly<Partial<Record<ModelBucket, NanoUsdPerMillion>>>;
  /** As it will stand on each line of a bill. */
  readonly source: string;
}

export interface PriceListOrigin {
  /** As it will stand on each line of a bill, where a row names no source of its own: "prices.csv". */
  readonly source: string;
  /** From when on rows hold that do not say; Unix milliseconds. */
  readonly fromMs: number;
  /** Of rows that do not say: "USD", "EUR". */
  readonly currency: string;
  readonly rates: CurrencyRates;
}

/** What no price is: more than so much for a million tokens, or for one request. US dollars. */
const usdMax = 1_000_000n;
const nanoUsdMax = usdMax * 1_000_000_000n;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._:/@+ -]{0,255}$/;

/** Whether a list can name a vendor, a model, a region or a tier so. */
export const isPriceListName = (text: string): boolean => namePattern.test(text);

const nameIn = (cells: PriceListCells, column: PriceListColumn): string => {
  const text = textIn(cells, column);
  if (!isPriceListName(text))
    throw new RangeError(`${column}: expected a name, not ${JSON.stringify(text.slice(0, 60))}`);
  return text;
};

const optionalName = (cells: PriceListCells, column: PriceListColumn): string | null =>
  textIn(cells, column) === '' ? null : nameIn(cells, column);

const tierIn = (cells: PriceListCells): string | null => {
  const tier = optionalName(cells, 'tier');
  if (tier === anyTier)
    throw new RangeError(`tier: ${anyTier} is none that anybody is served in; name the tier or leave it empty`);
  return tier === standardTier ? null : tier;
};

const tokensIn = (cells: PriceListCells): number | null => {
  const text = textIn(cells, 'above_tokens');
  if (text === '') return null;
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new RangeError(`above_tokens: expected a number of tokens, not ${JSON.stringify(text.slice(0, 60))}`);
  return Number(text);
};

/** Midnight UTC of a day, "2026-01-31". @throws RangeError */
const dayMs = (text: string, column: PriceListColumn): number => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || utcDay(ms) !== text)
    throw new RangeError(`${column}: expected a day as 2026-01-31, not ${JSON.stringify(text.slice(0, 60))}`);
  return ms;
};

const periodIn = (cells: PriceListCells, origin: PriceListOrigin): Pick<PriceRow, 'fromMs' | 'untilMs'> => {
  const [from, until] = [textIn(cells, 'from'), textIn(cells, 'until')];
  const fromMs = from === '' ? origin.fromMs : dayMs(from, 'from');
  const untilMs = until === '' ? null : dayMs(until, 'until');
  if (untilMs !== null && untilMs <= fromMs)
    throw new RangeError('until: must be a day after `from`; it is the first day without this price');
  return { fromMs, untilMs };
};

const pricesIn = (
  cells: PriceListCells,
  currency: string,
  fromMs: number,
  rates: CurrencyRates,
): Pick<PriceRow, 'perMillion'> & { readonly mark: string } => {
  const perMillion: Partial<Record<ModelBucket, NanoUsdPerMillion>> = {};
  let mark = '';
  for (const [column, bucket] of Object.entries(priceColumns)) {
    const text = isPriceListColumn(column) ? textIn(cells, column) : '';
    if (text === '') continue;
    const converted = toPerMillionUsd({ text, column, currency, atMs: fromMs, rates });
    if (converted.nanoUsd > nanoUsdMax)
      throw new RangeError(`${column}: ${text} ${currency} is no price: more than ${usdMax} US dollars`);
    // A price per request is kept per million requests, as all prices are per million units.
    perMillion[bucket] = bucket === 'requests' ? converted.nanoUsd * 1_000_000n : converted.nanoUsd;
    mark = converted.mark;
  }
  if (Object.keys(perMillion).length === 0)
    throw new RangeError(
      'a row without a price: fill one of the columns of prices, 0 for what is free, or leave the row out',
    );
  return { perMillion, mark };
};

const rowOf = (cells: PriceListCells, line: number, origin: PriceListOrigin): PriceRow => {
  const period = periodIn(cells, origin);
  const currency = textIn(cells, 'currency') || origin.currency;
  const { perMillion, mark } = pricesIn(cells, currency, period.fromMs, origin.rates);
  const said = textIn(cells, 'source')
    .replaceAll(/[^ -~]/g, '_')
    .slice(0, 200);
  return {
    line,
    vendor: nameIn(cells, 'vendor'),
    model: nameIn(cells, 'model'),
    region: optionalName(cells, 'region'),
    tier: tierIn(cells),
    aboveTokens: tokensIn(cells),
    ...period,
    perMillion,
    source: `${said || origin.source}${mark}`,
  };
};

/** The same for two rows that price the same thing, whenever they do. */
export const priceRowKey = ({ vendor, model, region, tier, aboveTokens }: PricePlace): string =>
  [vendor, model, region ?? '', tier ?? '', aboveTokens ?? ''].join('\n');

/** What a row prices, in words for people. */
export const rowName = ({ vendor, model, region, tier, aboveTokens }: PricePlace): string =>
  `${vendor} ${model}${region === null ? '' : ` in ${region}`}${tier === null ? '' : `, ${tier}`}${aboveTokens === null ? '' : `, above ${aboveTokens} tokens`}`;

/** The rows in order of time, each ending where the next one of the same thing begins, unless it says when it ends. Two at one time are a fault. */
const inTime = (rows: readonly PriceRow[]): Result<readonly PriceRow[], PriceSheetFault> => {
  const ended: PriceRow[] = [];
  for (const same of Map.groupBy(rows, priceRowKey).values()) {
    const sorted = same.toSorted((one, other) => one.fromMs - other.fromMs || one.line - other.line);
    for (const [index, row] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next !== undefined && (next.fromMs === row.fromMs || (row.untilMs ?? 0) > next.fromMs)) {
        const message = `${rowName(next)} has a price from ${utcDay(next.fromMs)} on that line ${row.line} has a price for as well: end that one (\`until\`) or leave one out`;
        return failure({ line: next.line, message });
      }
      ended.push(row.untilMs === null && next !== undefined ? { ...row, untilMs: next.fromMs } : row);
    }
  }
  return success(ended);
};

/** The first row of a list that prices what a row of an earlier one prices at the same time; null where none does. */
export const overlapIn = (earlier: readonly PriceRow[], rows: readonly PriceRow[]): PriceSheetFault | null => {
  const known = Map.groupBy(earlier, priceRowKey);
  for (const row of rows) {
    const same = known.get(priceRowKey(row)) ?? [];
    const meets = (other: PriceRow): boolean =>
      row.fromMs < (other.untilMs ?? Infinity) && other.fromMs < (row.untilMs ?? Infinity);
    if (same.some(meets)) return { line: row.line, message: `${rowName(row)} has a price from ${utcDay(row.fromMs)}` };
  }
  return null;
};

/** Warnings of a list: days on which a model that has prices before and after has none, and counts as unpriced. */
export const gapsIn = (rows: readonly PriceRow[]): readonly PriceSheetFault[] =>
  [...Map.groupBy(rows, priceRowKey).values()].flatMap((same) => {
    const sorted = same.toSorted((one, other) => one.fromMs - other.fromMs);
    return sorted.flatMap((row, index) => {
      const before = sorted[index - 1];
      if (before === undefined || before.untilMs === null || before.untilMs >= row.fromMs) return [];
      const message = `${rowName(row)} has no price from ${utcDay(before.untilMs)} until ${utcDay(row.fromMs)}: policy.unpriced says what becomes of requests then`;
      return [{ line: row.line, message }];
    });
  });

/**
 * Reads a list of prices of one's own: a header with columns of `columns`, in any order, then one row a price. Prices are decimals in the row's or the list's
 * currency, read exactly; days are UTC. Cells are never quoted. Never throws: the first fault is told with its line and how to mend it.
 */
export const readPriceList = (
  csvText: string,
  origin: PriceListOrigin,
): Result<readonly PriceRow[], PriceSheetFault> => {
  const lines = priceListLines(csvText);
  if (!lines.ok) return lines;
  const rows: PriceRow[] = [];
  for (const { line, cells } of lines.value.lines) {
    try {
      rows.push(rowOf(cells, line, origin));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return failure({ line, message: error.message });
    }
  }
  return inTime(rows);
};
