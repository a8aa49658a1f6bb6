import { success, utcDay, type Result } from '../../kernel/index.ts';
import {
  flatPrices,
  priceChange,
  priceRowKey,
  rowName,
  type PriceBook,
  type PriceChange,
  type PricePlace,
} from '../../market/index.ts';
import { offeredPrices, type OfferedPrice, type PriceOffer } from './offeredPrices.ts';
import {
  boughtIn,
  isAsked,
  openPrices,
  type OpenedPrices,
  type PriceFilter,
  type PricesPlace,
  type SoldName,
} from './openPrices.ts';
import { billsAs, priceInForce } from './priceInForce.ts';

export interface PriceComparison extends PricesPlace, PriceFilter {
  readonly offer: PriceOffer;
  /** Also models that the configuration does not buy. */
  readonly all: boolean;
  /** The moment of the prices in force; Unix milliseconds. */
  readonly atMs: number;
}

/** A price that an offer has on that day, or will have later. */
const offeredChange = ({ row }: OfferedPrice, book: PriceBook, atMs: number): PriceChange | null => {
  const isLater = row.fromMs > atMs;
  const name = isLater ? `${rowName(row)} from ${utcDay(row.fromMs)}` : rowName(row);
  const known = priceInForce(book, row, isLater ? row.fromMs : atMs);
  return known !== null && billsAs(row, known) ? null : priceChange(name, known?.perMillion ?? null, row.perMillion);
};

/** Models of which an offer ought to have a price: what its vendors sell to us, or all that they are known to sell. */
const expectedOf = (
  { configuration, own, book }: OpenedPrices,
  vendors: ReadonlySet<string>,
  all: boolean,
): readonly (SoldName & Pick<PricePlace, 'region'>)[] => {
  const bought = configuration === null ? [] : boughtIn(configuration);
  const sold = all ? [...vendors].flatMap((vendor) => book.modelsOf(vendor).map((model) => ({ vendor, model }))) : [];
  const everywhere = [...bought, ...sold].map((name) => ({ ...name, region: null }));
  return [...everywhere, ...own.rows].filter(({ vendor }) => vendors.has(vendor));
};

/** Prices in force that an offer does not have. */
const missingOf = (
  opened: OpenedPrices,
  offered: readonly OfferedPrice[],
  asked: PriceComparison,
): readonly PriceChange[] => {
  const vendors = new Set(offered.map(({ row }) => row.vendor));
  const found = new Set(offered.map(({ row }) => priceRowKey(row)));
  const expected = expectedOf(opened, vendors, asked.all).filter((one) => isAsked(asked, one));
  return expected.flatMap(({ vendor, model, region }) => {
    const known = opened.book.find({ vendor, model, region, atMs: asked.atMs });
    return (known === null ? [] : flatPrices(known)).flatMap(({ tier, aboveTokens, price }) => {
      const place = { vendor, model, region, tier, aboveTokens };
      const key = priceRowKey(place);
      if (found.has(key) || Object.keys(price.perMillion).length === 0) return [];
      found.add(key);
      return priceChange(rowName(place), price.perMillion, null) ?? [];
    });
  });
};

/**
 * How an offer differs from the prices that the gateway uses at a moment: what it changes, what it adds, and what it lacks. Fails with what is wrong in the
 * configuration or the offer.
 * @throws CodedError `configuration_missing`
 */
export const diffPrices = async (
  asked: PriceComparison,
): Promise<Result<readonly PriceChange[], readonly string[]>> => {
  const opened = await openPrices(asked);
  if (!opened.ok) return opened;
  const { configuration, book, shipped } = opened.value;
  const { atMs, offer } = asked;
  const read = offeredPrices(offer, {
    names: asked.all || configuration === null ? null : boughtIn(configuration),
    fromMs: atMs,
    rates: configuration?.rates ?? new Map(),
    shipped,
  });
  if (!read.ok) return read;
  const offered = read.value.prices.filter(({ row }) => row.untilMs === null || row.untilMs > atMs);
  const changes = offered.flatMap((one) => (isAsked(asked, one.row) ? (offeredChange(one, book, atMs) ?? []) : []));
  const missing = missingOf(opened.value, offered, asked);
  return success([...changes, ...missing]);
};
