import type { PriceBand, PriceEntry } from './PriceEntry.ts';

/** Prices of long inputs: above so many tokens, the whole request. */
export interface WrittenBand {
  readonly tokens: number;
  readonly perMillion: PriceEntry['perMillion'];
  /** Where it comes from, if not from where the price itself does. */
  readonly source?: string;
}

/** Prices of one service tier, with its own for long inputs. */
export interface WrittenTier extends Omit<WrittenBand, 'tokens'> {
  readonly above?: readonly WrittenBand[];
}

/** What a price has beside itself. */
export interface WrittenVariants {
  /** By the names of `ServiceTier`. */
  readonly tiers?: ReadonlyMap<string, WrittenTier>;
  readonly above?: readonly WrittenBand[];
}

/** A variant stands alone, nothing of the price around it is mixed in but a charge per request, which holds for whatever names none. */
const variantOf = (base: PriceEntry, written: Omit<WrittenBand, 'tokens'>, mark: string): PriceEntry => {
  const { tiers: _tiers, above: _above, ...alone } = base;
  const { requests } = base.perMillion;
  const perMillion = requests === undefined ? written.perMillion : { requests, ...written.perMillion };
  return { ...alone, perMillion, source: `${written.source ?? base.source}, ${mark}` };
};

const bandsOf = (base: PriceEntry, written: readonly WrittenBand[]): readonly PriceBand[] =>
  written
    .map((band) => ({ tokens: band.tokens, price: variantOf(base, band, `above ${band.tokens} tokens`) }))
    .toSorted((one, other) => one.tokens - other.tokens);

const withBands = (base: PriceEntry, written: readonly WrittenBand[] = []): PriceEntry =>
  written.length === 0 ? base : { ...base, above: bandsOf(base, written) };

/** The price with these tiers and bands in place of those that it has. On a bill each says in its source which it is. */
export const withVariants = (base: PriceEntry, { tiers = new Map(), above }: WrittenVariants): PriceEntry => {
  const whole = withBands(base, above);
  if (tiers.size === 0) return whole;
  const made = [...tiers].map(([name, tier]) => [name, withBands(variantOf(base, tier, name), tier.above)] as const);
  return { ...whole, tiers: new Map([...(base.tiers ?? []), ...made]) };
};

/** The same change made to a price and to all of its tiers and bands. */
export const mapVariants = (price: PriceEntry, change: (one: PriceEntry) => PriceEntry): PriceEntry => {
  const { tiers, above } = price;
  const changed = change(price);
  if (tiers === undefined && above === undefined) return changed;
  return {
    ...changed,
    ...(tiers && { tiers: new Map([...tiers].map(([name, tier]) => [name, mapVariants(tier, change)])) }),
    ...(above && { above: above.map(({ tokens, price: band }) => ({ tokens, price: mapVariants(band, change) })) }),
  };
};
