import type { NanoUsdPerMillion } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import { bucketPrice } from './bucketPrice.ts';
import type { PriceEntry } from './PriceEntry.ts';
import { emptyPrice } from './PriceEntry.ts';
import { mapVariants } from './priceVariants.ts';

/** What to do with a target whose price is not known: leave it out, serve and show it, or count it at a ceiling. */
export type UnpricedPolicy =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'flag' }
  /** Nano-USD per million tokens. */
  | { readonly kind: 'ceiling'; readonly ceilingPerMTok: NanoUsdPerMillion };

/**
 * What a target may be booked at:
 * - `priced`: every bucket needed has a price;
 * - `ceiling`: the missing ones are counted at the policy's ceiling;
 * - `flagged`: served all the same; the missing buckets stand on the bill as unpriced, and a budget cannot hold them;
 * - `refused`: not to be called.
 */
export type Priced =
  | { readonly kind: 'priced'; readonly price: PriceEntry }
  | { readonly kind: 'ceiling' | 'flagged'; readonly price: PriceEntry; readonly missing: readonly ModelBucket[] }
  | { readonly kind: 'refused'; readonly missing: readonly ModelBucket[] };

const withCeiling = (price: PriceEntry, ceilingPerMillion: NanoUsdPerMillion): PriceEntry =>
  mapVariants(price, (one) => ({ ...one, ceilingPerMillion }));

const textBuckets: readonly ModelBucket[] = ['input', 'output'];

/** Decides what a target without a whole price is booked at. `needs` are the buckets that the request will surely fill. */
export const priceOrCeiling = (asked: {
  readonly entry: PriceEntry | null;
  readonly policy: UnpricedPolicy;
  readonly vendor: string;
  readonly model: string;
  readonly needs?: readonly ModelBucket[];
}): Priced => {
  const { policy } = asked;
  const known = asked.entry ?? emptyPrice({ vendor: asked.vendor, model: asked.model, source: 'unpriced' });
  const missing = (asked.needs ?? textBuckets).filter((bucket) => bucketPrice(known, bucket) === null);
  const price = policy.kind === 'ceiling' ? withCeiling(known, policy.ceilingPerMTok) : known;
  if (missing.length === 0) return { kind: 'priced', price };
  switch (policy.kind) {
    case 'refuse':
      return { kind: 'refused', missing };
    case 'flag':
      return { kind: 'flagged', price, missing };
    case 'ceiling':
      return { kind: 'ceiling', price, missing };
  }
};
