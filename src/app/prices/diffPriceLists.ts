import { failure, success, type Result } from '../../kernel/index.ts';
import {
  priceChange,
  readPriceList,
  rowName,
  type CurrencyRates,
  type PriceChange,
  type PriceRow,
} from '../../market/index.ts';
import { openPrices, type PricesPlace } from './openPrices.ts';

/** A list of prices, and what it is called in messages. */
export interface NamedPriceList {
  readonly file: string;
  readonly text: string;
}

export interface PriceListComparison extends PricesPlace {
  readonly older: NamedPriceList;
  readonly newer: NamedPriceList;
  /** Of rows that name none. */
  readonly currency: string;
}

const noRates: CurrencyRates = new Map();

/** What a row prices and from when on: two lists are compared by it. */
const placeOf = (row: PriceRow): string =>
  `${rowName(row)}${row.fromMs === 0 ? '' : ` from ${new Date(row.fromMs).toISOString().slice(0, 10)}`}`;

const changesBetween = (older: readonly PriceRow[], newer: readonly PriceRow[]): readonly PriceChange[] => {
  const [before, after] = [older, newer].map((rows) => new Map(rows.map((row) => [placeOf(row), row.perMillion])));
  const places = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].toSorted();
  return places.flatMap((place) => priceChange(place, before?.get(place) ?? null, after?.get(place) ?? null) ?? []);
};

const compare = (
  { older, newer, currency }: PriceListComparison,
  rates: CurrencyRates,
): Result<readonly PriceChange[], readonly string[]> => {
  const read = [older, newer].map(({ file, text }) => ({
    file,
    rows: readPriceList(text, { source: file, fromMs: 0, currency, rates }),
  }));
  const faults = read.flatMap(({ file, rows }) =>
    rows.ok ? [] : [`${file}:${rows.fault.line}: ${rows.fault.message}`],
  );
  if (faults.length > 0) return failure(faults);
  const [before = [], after = []] = read.map(({ rows }) => (rows.ok ? rows.value : []));
  return success(changesBetween(before, after));
};

/**
 * How two lists differ from each other. Other currencies go by the rates of the configuration, which is looked for only where it takes them. Fails with what is wrong in the lists, or in the
 * configuration.
 * @throws CodedError `configuration_missing`
 */
export const diffPriceLists = async (
  asked: PriceListComparison,
): Promise<Result<readonly PriceChange[], readonly string[]>> => {
  const compared = compare(asked, noRates);
  if (compared.ok) return compared;
  const opened = await openPrices(asked);
  if (!opened.ok) return failure([...compared.fault, ...opened.fault]);
  return compare(asked, opened.value.configuration?.rates ?? noRates);
};
