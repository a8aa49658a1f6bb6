import { bucketPrice, servedPrice, type PriceEntry } from '../market/index.ts';
import type { ServiceTier } from '../vocabulary/index.ts';
import { million, readDiscount } from './priceUsage.ts';

export interface ExpectedUsage {
  readonly price: PriceEntry;
  /** Uncached tokens in, visible tokens out. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Exact decimal fraction taken off by a contract, or null. */
  readonly discount: string | null;
  /** Service tier that is asked for; null or absent where none is. */
  readonly tier?: ServiceTier | null;
}

/** US dollars a token and a request, for comparing. */
interface UsdRates {
  readonly discount: string | null;
  readonly input: number;
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
  const rateOf = (bucket: 'input' | 'output' | 'requests'): number =>
    usd(bucketPrice(price, bucket)?.nanoUsdPerMillion ?? 0n);
  const rates = { discount, input: rateOf('input'), output: rateOf('output'), request: rateOf('requests') };
  kept.set(price, rates);
  return rates;
};

/** About what a request costs: a Float64 for comparing targets, never booked. */
export const expectedUsd = ({ price, inputTokens, outputTokens, discount, tier = null }: ExpectedUsage): number => {
  // What a vendor chooses itself, and what no price is known for, is compared at the standard tier.
  const asked = servedPrice(price, tier, inputTokens) ?? servedPrice(price, null, inputTokens) ?? price;
  const { input, output, request } = ratesOf(asked, discount);
  return inputTokens * input + outputTokens * output + request;
};
