import type { NanoUsdPerMillion } from '../kernel/index.ts';
import { modelBuckets, standardTier, type ModelBucket } from '../vocabulary/index.ts';
import { bucketPrice } from './bucketPrice.ts';
import { emptyPrice, type PriceEntry } from './PriceEntry.ts';

/** A tier whose vendor bills it as the standard one where no price of its own is known: what a full reservation hands on (Azure, "spillover"). */
const billedAsStandard = 'spillover';

const isStandard = (tier: string | null): boolean => tier === null || tier === standardTier;

/** The price of a tier, null where it has none. @param tier As it was served; null where nobody told: then it is the standard one. */
export const tierPrice = (price: PriceEntry, tier: string | null): PriceEntry | null => {
  if (tier === null || tier === standardTier) return price;
  return price.tiers?.get(tier) ?? (tier === billedAsStandard ? price : null);
};

const bandPrice = (price: PriceEntry, inputTokens: number): PriceEntry => {
  const { above } = price;
  if (above === undefined) return price;
  for (let index = above.length - 1; index >= 0; index--) {
    const band = above[index];
    if (band !== undefined && inputTokens > band.tokens) return band.price;
  }
  return price;
};

/**
 * The price that a whole request is billed at: by the tier in which it was served, and by all its input tokens, the cache's among them. Null where that tier
 * has no price.
 */
export const servedPrice = (price: PriceEntry, tier: string | null, inputTokens: number): PriceEntry | null => {
  const tiered = tierPrice(price, tier);
  return tiered === null ? null : bandPrice(tiered, inputTokens);
};

/** A price of which nothing is known but the policy's ceiling. */
const ceilingOf = ({ vendor, model, source, ceilingPerMillion }: PriceEntry): readonly PriceEntry[] =>
  ceilingPerMillion === undefined ? [] : [{ ...emptyPrice({ vendor, model, source }), ceilingPerMillion }];

const tiersFor = (price: PriceEntry, tier: string | null): readonly PriceEntry[] => {
  if (isStandard(tier)) return [price];
  const known = tier === null ? null : tierPrice(price, tier);
  return known === null ? [price, ...(price.tiers?.values() ?? []), ...ceilingOf(price)] : [price, known];
};

/**
 * All prices that a request may come to be billed at: vendors serve in the tier that is asked for or in the standard one; whoever lets them choose
 * (`auto`), or asks for a tier that has no price, may be served in any.
 * @param inputBoundTokens Most tokens of input that it can have.
 */
export const reachablePrices = (
  price: PriceEntry,
  tier: string | null,
  inputBoundTokens: number,
): readonly PriceEntry[] =>
  tiersFor(price, tier).flatMap((one) => [
    one,
    ...(one.above ?? []).flatMap((band) => (band.tokens < inputBoundTokens ? [band.price] : [])),
  ]);

/** The highest price of a bucket; null where none of them has one. */
const highest = (prices: readonly PriceEntry[], bucket: ModelBucket): NanoUsdPerMillion | null => {
  let most: NanoUsdPerMillion | null = null;
  for (const price of prices) {
    const found = bucketPrice(price, bucket)?.nanoUsdPerMillion;
    if (found !== undefined && (most === null || found > most)) most = found;
  }
  return most;
};

/**
 * What a request is booked at that was served in a tier without a price: the policy's ceiling where there is one; else, bucket by bucket, the dearest price that
 * is known of this model, whatever the policy, so that neither a budget nor a bill takes it for nothing.
 */
export const unknownTierPrice = (price: PriceEntry, tier: string, inputTokens: number): PriceEntry => {
  const [ceiling] = ceilingOf(price);
  if (ceiling !== undefined) return ceiling;
  const known = reachablePrices(price, tier, inputTokens);
  const perMillion: Partial<Record<ModelBucket, NanoUsdPerMillion>> = {};
  for (const bucket of modelBuckets) {
    const most = highest(known, bucket);
    if (most !== null) perMillion[bucket] = most;
  }
  const { tiers: _tiers, above: _above, ...alone } = price;
  return { ...alone, perMillion, source: `${price.source} (no price of tier ${tier}: the dearest known)` };
};
