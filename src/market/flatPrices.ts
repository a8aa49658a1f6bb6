import type { PriceEntry } from './PriceEntry.ts';

/** One of the prices that a price is made of. */
export interface FlatPrice {
  /** Null for the standard one. */
  readonly tier: string | null;
  /** Holds for inputs of more tokens than this; null for all. */
  readonly aboveTokens: number | null;
  readonly price: PriceEntry;
}

const withBands = (price: PriceEntry, tier: string | null): readonly FlatPrice[] => [
  { tier, aboveTokens: null, price },
  ...(price.above ?? []).map((band) => ({ tier, aboveTokens: band.tokens, price: band.price })),
];

/** A price, its tiers and the bands of each, one by one: as a list would have them in rows. */
export const flatPrices = (price: PriceEntry): readonly FlatPrice[] => [
  ...withBands(price, null),
  ...[...(price.tiers ?? [])].flatMap(([name, tier]) => withBands(tier, name)),
];
