import type { NanoUsd, Ratio } from '../kernel/index.ts';
import { assert, nanoUsd } from '../kernel/index.ts';
import { bucketPrice, type PriceEntry, reachablePrices } from '../market/index.ts';
import {
  anyTier,
  inputBuckets,
  type ModelBucket,
  outputBuckets,
  type ServiceTier,
  standardTier,
} from '../vocabulary/index.ts';
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
  /** Service tier that is asked for; null or absent where none is. */
  readonly tier?: ServiceTier | null;
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

const ratesOfOne = (question: Omit<WorstCaseQuestion, 'outputBoundTokens'>): Rates => {
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

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Of all prices that it may come to be billed at, the dearest of each. */
const ratesOf = (question: Omit<WorstCaseQuestion, 'outputBoundTokens'>): Rates =>
  reachablePrices(question.price, question.tier ?? null, question.inputBoundTokens)
    .map((price) => ratesOfOne({ ...question, price }))
    .reduce((most, rates) => ({
      input: larger(most.input, rates.input),
      output: larger(most.output, rates.output),
      request: larger(most.request, rates.request),
      roundedLines: larger(most.roundedLines, rates.roundedLines),
      discount: rates.discount,
    }));

/** What is kept of a price: one rate for all requests, or one for each tier and each length from which on an input may be billed otherwise. */
interface KeptRates {
  readonly discount: string | null;
  /** Where prices of long inputs begin, of all tiers. */
  readonly borders: readonly number[];
  /** By the tier, one for each number of borders that an input can have behind it. */
  readonly byTier: ReadonlyMap<ServiceTier | null, (Rates | undefined)[]>;
}

/** A price is asked about for every candidate of every request, and its rates never change. */
const kept = new WeakMap<PriceEntry, KeptRates>();

const bordersOf = (price: PriceEntry): readonly number[] =>
  [price, ...(price.tiers?.values() ?? [])].flatMap(({ above }) => (above ?? []).map(({ tokens }) => tokens));

const keepRates = (price: PriceEntry, discount: string | null): KeptRates => {
  const found = kept.get(price);
  if (found?.discount === discount) return found;
  const byTier = new Map<ServiceTier | null, (Rates | undefined)[]>();
  for (const tier of [null, anyTier, ...(price.tiers?.keys() ?? [])]) byTier.set(tier, []);
  const fresh = { discount, borders: bordersOf(price), byTier };
  kept.set(price, fresh);
  return fresh;
};

const keptRates = (question: Omit<WorstCaseQuestion, 'outputBoundTokens'>): Rates => {
  const { price, discount, buckets, tier = null, inputBoundTokens } = question;
  if (buckets !== undefined) return ratesOf(question);
  const { borders, byTier } = keepRates(price, discount);
  // What is no tier of this price may be served in any.
  const rates = byTier.get(tier === standardTier ? null : tier) ?? byTier.get(anyTier);
  assert(rates !== undefined, 'each price has rates for the tiers that it knows');
  let behind = 0;
  for (const border of borders) if (border < inputBoundTokens) behind += 1;
  return (rates[behind] ??= ratesOf(question));
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
