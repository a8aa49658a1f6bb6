import { bucketPrice, servedPrice, type PriceEntry } from '../market/index.ts';
import type { ModelBucket, ServiceTier } from '../vocabulary/index.ts';
import { million, readDiscount } from './priceUsage.ts';

export interface ExpectedUsage {
  readonly price: PriceEntry;
  /** All tokens in, visible tokens out. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Those of the input that are read from the prompt cache; none unless said. */
  readonly cachedTokens?: number;
  /** The bucket as which the others are written into it; absent or null: they are not. */
  readonly written?: 'cacheWrite5m' | 'cacheWrite1h' | null;
  /** Exact decimal fraction taken off by a contract, or null. */
  readonly discount: string | null;
  /** Service tier that is asked for; null or absent where none is. */
  readonly tier?: ServiceTier | null;
}

/** US dollars a token and a request, for comparing. */
interface UsdRates {
  readonly discount: string | null;
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly request: number;
}

const nanoUsdPerUsd = 1e9;

/** A price is asked about for every candidate of every request, and its rates never change. */
const kept = new WeakMap<PriceEntry, UsdRates>();

const ratesOf = (price: PriceEntry, discount: string | null): UsdRates => {
  const found = kept.get(price);
  if (found?.discount === discount) return found;
  const off = readDiscount(discount);
  const share = Number(off.denominator - off.numerator) / Number(off.denominator);
  const usd = (perMillion: bigint): number => (Number(perMillion) * share) / Number(million) / nanoUsdPerUsd;
  const rateOf = (bucket: ModelBucket): number => usd(bucketPrice(price, bucket)?.nanoUsdPerMillion ?? 0n);
  const rates = {
    discount,
    input: rateOf('input'),
    cacheRead: rateOf('cacheRead'),
    cacheWrite5m: rateOf('cacheWrite5m'),
    cacheWrite1h: rateOf('cacheWrite1h'),
    output: rateOf('output'),
    request: rateOf('requests'),
  };
  kept.set(price, rates);
  return rates;
};

/** About what a request costs: a Float64 for comparing targets, never booked. */
export const expectedUsd = ({
  price,
  inputTokens,
  outputTokens,
  cachedTokens = 0,
  written = null,
  discount,
  tier = null,
}: ExpectedUsage): number => {
  // What a vendor chooses itself, and what no price is known for, is compared at the standard tier.
  const asked = servedPrice(price, tier, inputTokens) ?? servedPrice(price, null, inputTokens) ?? price;
  const rates = ratesOf(asked, discount);
  const fresh = written === null ? rates.input : rates[written];
  return (
    (inputTokens - cachedTokens) * fresh + cachedTokens * rates.cacheRead + outputTokens * rates.output + rates.request
  );
};
