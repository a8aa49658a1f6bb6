import { divideHalfEven } from '../kernel/index.ts';
import { modelBuckets } from '../vocabulary/index.ts';
import type { PriceEntry } from './PriceEntry.ts';

/** Prices by bucket, in nano-USD per million units. */
type Prices = PriceEntry['perMillion'];

/** The same as it goes out: decimal strings. */
export type ShownPrices = Readonly<Record<string, string>>;

/** How two prices of one thing differ. */
export interface PriceChange {
  /** What is priced, in words for people. */
  readonly price: string;
  /** Null where it was not priced. */
  readonly before: ShownPrices | null;
  /** Null where it is priced no more. */
  readonly after: ShownPrices | null;
  /** By how many per cent each bucket changed, to two decimals, of those that have a price before, above 0, and after. */
  readonly percent: Readonly<Record<string, number>>;
}

/** Prices as decimal strings of nano-USD per million units, in the order of the buckets. */
export const shownPrices = (prices: Prices): ShownPrices =>
  Object.fromEntries(
    modelBuckets.flatMap((bucket) => {
      const price = prices[bucket];
      return price === undefined ? [] : [[bucket, String(price)]];
    }),
  );

/** Whether two prices are the same in every bucket. */
export const samePrices = (one: Prices, other: Prices): boolean =>
  modelBuckets.every((bucket) => one[bucket] === other[bucket]);

const percentOf = (was: bigint, is: bigint): number => Number(divideHalfEven((is - was) * 10_000n, was)) / 100;

/** What changed from one price of a thing to another; null where nothing did. */
export const priceChange = (price: string, before: Prices | null, after: Prices | null): PriceChange | null => {
  if (before === after || (before !== null && after !== null && samePrices(before, after))) return null;
  const changed = modelBuckets.flatMap((bucket): readonly (readonly [string, number])[] => {
    const [was, is] = [before?.[bucket], after?.[bucket]];
    return was === undefined || was === 0n || is === undefined || was === is ? [] : [[bucket, percentOf(was, is)]];
  });
  return {
    price,
    before: before && shownPrices(before),
    after: after && shownPrices(after),
    percent: Object.fromEntries(changed),
  };
};
