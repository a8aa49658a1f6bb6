import type { NanoUsdPerMillion } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';

/** What a seller asks for a model, from a date on. */
export interface PriceEntry {
  /** Who sells it, as the sheet or the configuration names it. */
  readonly vendor: string;
  /** The seller's own name of the model. */
  readonly model: string;
  /** The lab's name of the same model ("anthropic/claude-opus-4-6"), where the source gives it. */
  readonly baseModel: string | null;
  /** The seller's region that this price holds in; null where it holds in all. */
  readonly region: string | null;
  /** Unix milliseconds: in force when fromMs <= at < untilMs. */
  readonly fromMs: number;
  readonly untilMs: number | null;
  /** Nano-USD per million units. A bucket that is absent has no price of its own: see `bucketPrice`. */
  readonly perMillion: Readonly<Partial<Record<ModelBucket, NanoUsdPerMillion>>>;
  /** Prices of other service tiers than the standard one, by the names of `ServiceTier`; each may have bands of its own. */
  readonly tiers?: ReadonlyMap<string, PriceEntry>;
  /** Prices of long inputs, the shortest first. */
  readonly above?: readonly PriceBand[];
  /** Price of every bucket that nothing else prices, taken from the policy's ceiling. */
  readonly ceilingPerMillion?: NanoUsdPerMillion;
  /** Most tokens of input and output together; null where unknown. */
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Whether it thinks before it answers; null where unknown. */
  readonly reasoning: boolean | null;
  readonly toolCall: boolean | null;
  /** Where the price comes from, as it will stand on each line of a bill: "file", "models.dev 2026-07-02". */
  readonly source: string;
}

/** What the whole of a request is billed at whose input has more tokens than this, the cache's among them. */
export interface PriceBand {
  readonly tokens: number;
  readonly price: PriceEntry;
}

/** An entry that knows nothing but names and source: the start of a declared, a ceiling or an empty price. */
export const emptyPrice = (of: { vendor: string; model: string; source: string }): PriceEntry => ({
  vendor: of.vendor,
  model: of.model,
  baseModel: null,
  region: null,
  fromMs: 0,
  untilMs: null,
  perMillion: {},
  contextTokens: null,
  maxOutputTokens: null,
  reasoning: null,
  toolCall: null,
  source: of.source,
});
