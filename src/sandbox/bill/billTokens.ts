// The vendor's own arithmetic: decimals are read to integers here and nowhere else, and nothing is shared with those it judges.
import { billedBuckets } from '../sandboxCatalogue.ts';
import type { BilledBucket, CatalogueModel } from '../sandboxCatalogue.ts';

/** Tokens by bucket; absent means none. */
export type TokenCount = Readonly<Partial<Record<BilledBucket, number>>>;

/** A decimal as digits and the power of ten that divides them. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: bigint;
}

const readDecimal = (text: string): Decimal => {
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), scale: 10n ** BigInt(fraction.length) };
};

const nanoPerDollar = 1_000_000_000n;
const tokensPerPrice = 1_000_000n;

/** Divides positive integers; a half goes to the even neighbour. */
const roundHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  const floor = dividend / divisor;
  const rest = dividend - floor * divisor;
  if (rest * 2n < divisor) return floor;
  if (rest * 2n > divisor) return floor + 1n;
  return floor % 2n === 0n ? floor : floor + 1n;
};

/** One line: units x price x (1 - discount) / 10^6, exact, rounded half to even once. */
const lineNanoUsd = (units: number, usdPerMTok: string, discount: string): bigint => {
  const price = readDecimal(usdPerMTok);
  const off = readDecimal(discount);
  return roundHalfEven(
    BigInt(units) * price.digits * nanoPerDollar * (off.scale - off.digits),
    price.scale * off.scale * tokensPerPrice,
  );
};

/**
 * What a vendor charges for tokens of one request, in nano-USD.
 * @param discount share off the list price, "0.1"; "0" gives the list price.
 * @throws when tokens stand in a bucket that the vendor has no price for: it never counts what it cannot bill.
 */
export const billTokens = (model: CatalogueModel, tokens: TokenCount, discount: string): bigint => {
  let total = 0n;
  for (const bucket of billedBuckets) {
    const units = tokens[bucket] ?? 0;
    if (units === 0) continue;
    const price = model.usdPerMTok[bucket];
    if (price === undefined) throw new Error(`${model.name} has no price for ${bucket}`);
    total += lineNanoUsd(units, price, discount);
  }
  return total;
};

/** Adds bucket by bucket. */
export const addTokens = (left: TokenCount, right: TokenCount): TokenCount => {
  const sum: Partial<Record<BilledBucket, number>> = {};
  for (const bucket of billedBuckets) {
    const units = (left[bucket] ?? 0) + (right[bucket] ?? 0);
    if (units > 0) sum[bucket] = units;
  }
  return sum;
};
