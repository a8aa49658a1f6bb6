import type { NanoUsd, Ratio, Result } from '../kernel/index.ts';
import { assert, divideHalfEven, failure, nanoUsd, parseRatio, success } from '../kernel/index.ts';
import { bucketPrice, type PriceEntry } from '../market/index.ts';
import type { ModelBucket, PriceLine, Usage } from '../vocabulary/index.ts';
import { modelBuckets, unitsInOrder } from '../vocabulary/index.ts';

/** A priced usage: its lines, and their sums after and before the discount. */
export interface Bill {
  readonly lines: readonly PriceLine[];
  readonly amountNanoUsd: NanoUsd;
  readonly listNanoUsd: NanoUsd;
}

/** A usage with buckets that have no price. Their lines stand in the bill at 0 with the source "unpriced", so that nothing is silently free. */
export interface UnpricedUsage {
  readonly unpriced: readonly ModelBucket[];
  readonly bill: Bill;
}

export const million = 1_000_000n;

/** Source of a line that no price is known for. */
export const unpricedSource = 'unpriced';

/** Most discounts that are remembered; a file has one a contract. */
const discountsMax = 1_000;

const discounts = new Map<string, Ratio>();

/** Reads a discount, "0.22"; null is none. @throws RangeError outside 0 to 1. */
export const readDiscount = (discount: string | null): Ratio => {
  if (discount === null) return noDiscount;
  const known = discounts.get(discount);
  if (known !== undefined) return known;
  const ratio = parseDiscount(discount);
  if (discounts.size < discountsMax) discounts.set(discount, ratio);
  return ratio;
};

const noDiscount: Ratio = { numerator: 0n, denominator: 1n };

const parseDiscount = (discount: string): Ratio => {
  const ratio = parseRatio(discount);
  if (ratio.numerator < 0n || ratio.numerator > ratio.denominator) {
    throw new RangeError(`a discount lies between 0 and 1: ${discount}`);
  }
  return ratio;
};

/** units x price x (1 - discount) / 10^6, exact, rounded half to even once. */
export const lineAmount = (units: bigint, perMillion: bigint, discount: Ratio): bigint =>
  divideHalfEven(units * perMillion * (discount.denominator - discount.numerator), million * discount.denominator);

/** What one bucket costs by a price, and how its line says so. */
interface Tariff {
  readonly bucket: ModelBucket;
  readonly isPriced: boolean;
  /** Whether units of it make a line of the bill. A charge per request that nobody makes is none: every bill would end in a zero. */
  readonly isLine: boolean;
  readonly perMillion: bigint;
  readonly priceText: string;
  readonly source: string;
}

const tariffOf = (price: PriceEntry, bucket: ModelBucket): Tariff => {
  const found = bucketPrice(price, bucket);
  const perMillion = found?.nanoUsdPerMillion ?? 0n;
  return {
    bucket,
    isPriced: found !== null,
    isLine: bucket !== 'requests' || found === null || perMillion !== 0n,
    perMillion,
    priceText: perMillion.toString(),
    source: found?.source ?? unpricedSource,
  };
};

/** A price never changes, and each answer asks for it. */
const kept = new WeakMap<PriceEntry, readonly Tariff[]>();

/** The tariffs of a price, in the order of `modelBuckets`. */
const tariffsOf = (price: PriceEntry): readonly Tariff[] => {
  const found = kept.get(price);
  if (found !== undefined) return found;
  const tariffs = modelBuckets.map((bucket) => tariffOf(price, bucket));
  kept.set(price, tariffs);
  return tariffs;
};

/**
 * Prices a usage line by line. Fails, with the lines that have a price and the buckets that have none, where something used is unpriced.
 * @param discount exact decimal fraction taken off by a contract, or null.
 */
export const priceUsage = (asked: {
  readonly price: PriceEntry;
  readonly usage: Usage;
  readonly discount: string | null;
}): Result<Bill, UnpricedUsage> => {
  const discount = readDiscount(asked.discount);
  const units = unitsInOrder(asked.usage);
  const lines: PriceLine[] = [];
  const unpriced: ModelBucket[] = [];
  let amount = 0n;
  let list = 0n;
  let index = 0;
  for (const tariff of tariffsOf(asked.price)) {
    const count = units[index++] ?? 0;
    if (count === 0) continue;
    assert(Number.isSafeInteger(count) && count > 0, `usage of ${tariff.bucket} is a whole number of units: ${count}`);
    if (!tariff.isPriced) unpriced.push(tariff.bucket);
    const lineNanoUsd = lineAmount(BigInt(count), tariff.perMillion, discount);
    amount += lineNanoUsd;
    list += lineAmount(BigInt(count), tariff.perMillion, noDiscount);
    if (tariff.isLine) lines.push(lineOf(tariff, count, asked.discount, lineNanoUsd));
  }
  assert(units[index] === undefined, 'accelerator-seconds have prices of their own: settleCapacity knows them');
  const bill: Bill = { lines, amountNanoUsd: nanoUsd(amount), listNanoUsd: nanoUsd(list) };
  assert(sumOfLines(lines) === bill.amountNanoUsd, 'the amount of a bill is the sum of its lines');
  return unpriced.length === 0 ? success(bill) : failure({ unpriced, bill });
};

const lineOf = (tariff: Tariff, units: number, discount: string | null, amount: bigint): PriceLine => ({
  bucket: tariff.bucket,
  units,
  priceNanoUsdPerMillion: tariff.priceText,
  discount: discount ?? '0',
  amountNanoUsd: amount.toString(),
  source: tariff.source,
});

/** Sum of the lines of a bill, as they were written. Nano-USD. */
export const sumOfLines = (lines: readonly PriceLine[]): NanoUsd => {
  let sum = 0n;
  for (const line of lines) sum += BigInt(line.amountNanoUsd);
  return nanoUsd(sum);
};
