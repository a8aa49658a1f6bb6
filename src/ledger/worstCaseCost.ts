import type { NanoUsd, Ratio } from '../kernel/index.ts';
import { assert, nanoUsd } from '../kernel/index.ts';
import { bucketPrice, type PriceEntry } from '../market/index.ts';
import { inputBuckets, type ModelBucket, outputBuckets } from '../vocabulary/index.ts';
import { million, readDiscount } from './priceUsage.ts';

/** Fewest output tokens that an imposed bound may leave: a smaller one cuts off any answer. */
export const outputTokensMin = 256;

/** Largest output bound that is ever computed: no model writes more in one answer. */
export const outputTokensMax = 1_000_000_000;

export interface WorstCaseQuestion {
  readonly price: PriceEntry;
  /** Most tokens that the request can be billed for going in. */
  readonly inputBoundTokens: number;
  /** Most tokens that all its answers together can have. */
  readonly outputBoundTokens: number;
  /** Exact decimal fraction taken off by a contract, or null. */
  readonly discount: string | null;
  /** Buckets that this request can fill, where it is known that it cannot fill all; unpriced ones are left out. */
  readonly buckets?: readonly ModelBucket[];
}

/** What one token can cost at most, and how many kinds of lines a bill can round. */
interface Rates {
  readonly input: bigint;
  readonly output: bigint;
  readonly request: bigint;
  readonly roundedLines: bigint;
  readonly discount: Ratio;
}

const isExact = (perMillion: bigint, { numerator, denominator }: Ratio): boolean =>
  (perMillion * (denominator - numerator)) % (million * denominator) === 0n;

const ratesOf = (question: Omit<WorstCaseQuestion, 'outputBoundTokens'>): Rates => {
  const discount = readDiscount(question.discount);
  let roundedLines = 0n;
  const priceOf = (bucket: ModelBucket): bigint => {
    if (question.buckets && !question.buckets.includes(bucket) && bucket !== 'requests') return 0n;
    const price = bucketPrice(question.price, bucket)?.nanoUsdPerMillion ?? 0n;
    if (!isExact(price, discount)) roundedLines += 1n;
    return price;
  };
  const dearest = (buckets: readonly ModelBucket[]): bigint =>
    buckets.map(priceOf).reduce((most, price) => (price > most ? price : most), 0n);
  const rates = { input: dearest(inputBuckets), output: dearest(outputBuckets), request: priceOf('requests') };
  return { ...rates, roundedLines, discount };
};

/** A price is asked about for every candidate of every request, and its rates never change. */
const kept = new WeakMap<PriceEntry, { readonly discount: string | null; readonly rates: Rates }>();

const keptRates = (question: Omit<WorstCaseQuestion, 'outputBoundTokens'>): Rates => {
  const { price, discount, buckets } = question;
  if (buckets !== undefined) return ratesOf(question);
  const found = kept.get(price);
  if (found?.discount === discount) return found.rates;
  const rates = ratesOf(question);
  kept.set(price, { discount, rates });
  return rates;
};

/**
 * Each line of a bill may be rounded up by half a nano-dollar, so that many halves are added before the fraction is dropped:
 * no usage within the bounds can then cost more.
 */
const boundOf = (rates: Rates, inputTokens: bigint, outputTokens: bigint): NanoUsd => {
  const { discount, roundedLines } = rates;
  const perMillion = inputTokens * rates.input + outputTokens * rates.output + rates.request;
  const numerator = 2n * perMillion * (discount.denominator - discount.numerator);
  const denominator = 2n * million * discount.denominator;
  return nanoUsd((numerator + roundedLines * million * discount.denominator) / denominator);
};

/** Most that one request can cost: every token in the dearest bucket that it could be billed in. */
export const worstCaseCost = (question: WorstCaseQuestion): NanoUsd => {
  const { inputBoundTokens, outputBoundTokens } = question;
  assert(Number.isSafeInteger(inputBoundTokens) && inputBoundTokens >= 0, 'an input bound is a number of tokens');
  assert(Number.isSafeInteger(outputBoundTokens) && outputBoundTokens >= 0, 'an output bound is a number of tokens');
  return boundOf(keptRates(question), BigInt(inputBoundTokens), BigInt(outputBoundTokens));
};

/**
 * The most output tokens whose worst case still fits what is left of a budget, or null where fewer than `outputTokensMin` do.
 * Where output costs nothing it is `outputTokensMax`.
 */
export const largestOutputBound = (
  question: Omit<WorstCaseQuestion, 'outputBoundTokens'> & { readonly remaining: NanoUsd },
): number | null => {
  const { discount, input, output, request, roundedLines } = keptRates(question);
  const paid = 2n * (discount.denominator - discount.numerator);
  const whole = 2n * million * discount.denominator;
  // The bound of `boundOf`, solved for the output: it drops its fraction, so all below the next nano-dollar still fits.
  const left =
    (question.remaining + 1n) * whole -
    1n -
    roundedLines * million * discount.denominator -
    (BigInt(question.inputBoundTokens) * input + request) * paid;
  if (left < 0n) return null;
  const perToken = output * paid;
  const tokens = perToken === 0n ? BigInt(outputTokensMax) : left / perToken;
  if (tokens < BigInt(outputTokensMin)) return null;
  return tokens > BigInt(outputTokensMax) ? outputTokensMax : Number(tokens);
};
