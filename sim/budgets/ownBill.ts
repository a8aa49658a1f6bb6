import type { BillLine } from '../../test/rigs/rivals.ts';

/** What a vendor charges, as its price list says it. */
export interface PriceList {
  /** US dollars per million tokens by the bucket, decimal text. */
  readonly usdPerMTok: Readonly<Record<string, string>>;
  /** Share that a contract takes off, decimal text. */
  readonly discount: string;
}

/** Digits behind the point that a price or a share may have. */
const digits = 9;
const unit = 10n ** BigInt(digits);

/** A decimal in units of its last digit. @throws Error where it has more digits than are counted. */
const unitsOf = (decimal: string): bigint => {
  const [whole = '', fraction = ''] = decimal.split('.');
  if (fraction.length > digits) throw new Error(`${decimal} has more than ${digits} digits behind the point`);
  return BigInt(whole) * unit + BigInt(fraction.padEnd(digits, '0'));
};

/** Half a unit goes to the even neighbour. */
const rounded = (numerator: bigint, denominator: bigint): bigint => {
  const twice = 2n * numerator + denominator;
  const nearest = twice / (2n * denominator);
  const isTie = twice % (2n * denominator) === 0n;
  return isTie && nearest % 2n === 1n ? nearest - 1n : nearest;
};

/** What a line of a bill comes to, in nano-dollars, counted anew from its tokens: by nobody else's arithmetic. */
export const ownAmount = ({ tokens }: Pick<BillLine, 'tokens'>, { usdPerMTok, discount }: PriceList): bigint =>
  Object.entries(tokens).reduce((sum, [bucket, count]) => {
    const price = usdPerMTok[bucket];
    if (price === undefined) throw new Error(`there is no price for ${bucket}`);
    // A dollar per million tokens is a thousand nano-dollars a token.
    const exact = BigInt(count) * unitsOf(price) * 1_000n * (unit - unitsOf(discount));
    return sum + rounded(exact, unit * unit);
  }, 0n);
