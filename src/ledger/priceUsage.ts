import type { NanoUsd, Ratio, Result } from '../kernel/index.ts';
import { assert, divideHalfEven, failure, nanoUsd, parseRatio, success } from '../kernel/index.ts';
import { bucketPrice, type PriceEntry } from '../market/index.ts';
import type { PriceLine, Usage, UsageBucket } from '../vocabulary/index.ts';
import { usageBuckets } from '../vocabulary/index.ts';

/** A priced usage: its lines, and their sums after and before the discount. */
export interface Bill {
  readonly lines: readonly PriceLine[];
  readonly amountNanoUsd: NanoUsd;
  readonly listNanoUsd: NanoUsd;
}

/** A usage with buckets that have no price. Their lines stand in the bill at 0 with the source "unpriced", so that nothing is silently free. */
export interface UnpricedUsage {
  readonly unpriced: readonly UsageBucket[];
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
const lineAmount = (units: bigint, perMillion: bigint, discount: Ratio): bigint =>
  divideHalfEven(units * perMillion * (discount.denominator - discount.numerator), million * discount.denominator);

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
  const lines: PriceLine[] = [];
  const unpriced: UsageBucket[] = [];
  let amount = 0n;
  let list = 0n;
  for (const bucket of usageBuckets) {
    const units = asked.usage[bucket] ?? 0;
    assert(Number.isSafeInteger(units) && units >= 0, `usage of ${bucket} is a whole number of units: ${units}`);
    if (units === 0) continue;
    const price = bucketPrice(asked.price, bucket);
    if (!price) unpriced.push(bucket);
    const perMillion = price?.nanoUsdPerMillion ?? 0n;
    const lineNanoUsd = lineAmount(BigInt(units), perMillion, discount);
    amount += lineNanoUsd;
    list += lineAmount(BigInt(units), perMillion, noDiscount);
    // A charge per request that nobody makes is no line: every bill would end in a zero.
    if (bucket === 'requests' && price && perMillion === 0n) continue;
    lines.push({
      bucket,
      units,
      priceNanoUsdPerMillion: perMillion.toString(),
      discount: asked.discount ?? '0',
      amountNanoUsd: lineNanoUsd.toString(),
      source: price?.source ?? unpricedSource,
    });
  }
  const bill: Bill = { lines, amountNanoUsd: nanoUsd(amount), listNanoUsd: nanoUsd(list) };
  assert(sumOfLines(lines) === bill.amountNanoUsd, 'the amount of a bill is the sum of its lines');
  return unpriced.length === 0 ? success(bill) : failure({ unpriced, bill });
};

/** Sum of the lines of a bill, as they were written. Nano-USD. */
export const sumOfLines = (lines: readonly PriceLine[]): NanoUsd => {
  let sum = 0n;
  for (const line of lines) sum += BigInt(line.amountNanoUsd);
  return nanoUsd(sum);
};
