import type { NanoUsdPerMillion } from '../kernel/index.ts';
import type { ModelBucket } from '../vocabulary/index.ts';
import type { PriceEntry } from './PriceEntry.ts';

/** The price of one bucket and where it comes from, for the line of a bill. */
export interface BucketPrice {
  readonly nanoUsdPerMillion: NanoUsdPerMillion;
  /** The entry's source; with the substitution in brackets where the bucket has no price of its own. */
  readonly source: string;
}

/** Takes the price of another bucket, so many times, for a bucket that has none of its own. */
interface Substitute {
  readonly from: ModelBucket;
  readonly times: bigint;
  /** Holds only for models whose name or lab's name contains this word; for all where absent. */
  readonly modelWord?: string;
  readonly mark: string;
}

/**
 * What an absent price means, first match wins. Vendors publish a price of its own for a bucket that they bill apart; where there is none:
 * - thinking is billed as output (OpenAI, Google and Anthropic all say so in their price pages);
 * - a cache read without a discount is plain input, and so is a cache write without a surcharge (OpenAI up to GPT-5.5, Google);
 * - a one-hour cache write of a Claude model costs twice the input, wherever it is sold (Anthropic, "Prompt caching": 1.25 x for five minutes,
 *   2 x for an hour, 0.1 x to read); for others it costs no less than the five-minute write;
 * - images go in as input tokens; text that is billed per token has no charge per request.
 * Audio both ways and images coming out cost several times the text, in ratios that differ by model: they stay unpriced rather than guessed.
 */
const substitutes: Readonly<Record<ModelBucket, readonly Substitute[]>> = {
  input: [],
  cacheRead: [{ from: 'input', times: 1n, mark: 'cacheRead at the input price' }],
  cacheWrite5m: [{ from: 'input', times: 1n, mark: 'cacheWrite5m at the input price' }],
  cacheWrite1h: [
    { from: 'input', times: 2n, modelWord: 'claude', mark: 'cacheWrite1h at 2 x the input price' },
    { from: 'cacheWrite5m', times: 1n, mark: 'cacheWrite1h at the cacheWrite5m price' },
    { from: 'input', times: 1n, mark: 'cacheWrite1h at the input price' },
  ],
  inputAudio: [],
  inputImage: [{ from: 'input', times: 1n, mark: 'inputImage at the input price' }],
  output: [],
  reasoning: [{ from: 'output', times: 1n, mark: 'reasoning at the output price' }],
  outputAudio: [],
  outputImage: [],
  requests: [],
};

const appliesTo = (entry: PriceEntry, substitute: Substitute): boolean =>
  substitute.modelWord === undefined || `${entry.model} ${entry.baseModel ?? ''}`.includes(substitute.modelWord);

const substituted = (entry: PriceEntry, bucket: ModelBucket): BucketPrice | null => {
  for (const substitute of substitutes[bucket]) {
    const price = entry.perMillion[substitute.from];
    if (price === undefined || !appliesTo(entry, substitute)) continue;
    return { nanoUsdPerMillion: price * substitute.times, source: `${entry.source} (${substitute.mark})` };
  }
  return null;
};

/**
 * What a bucket costs: its own price, else the substitute that `substitutes` allows, else the policy's ceiling, else null: unpriced.
 * `requests` without a price is free: no vendor charges for a request unless its price says so.
 */
export const bucketPrice = (entry: PriceEntry, bucket: ModelBucket): BucketPrice | null => {
  const own = entry.perMillion[bucket];
  if (own !== undefined) return { nanoUsdPerMillion: own, source: entry.source };
  if (bucket === 'requests') return { nanoUsdPerMillion: 0n, source: `${entry.source} (no charge per request)` };
  const other = substituted(entry, bucket);
  if (other) return other;
  const ceiling = entry.ceilingPerMillion;
  return ceiling === undefined ? null : { nanoUsdPerMillion: ceiling, source: 'ceiling' };
};
