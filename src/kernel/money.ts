// Exact money: integer nano-USD as bigint. Floats never become an amount.

declare const nanoUsdBrand: unique symbol;

/** An amount of money in nano-USD (10^-9 US dollar). Exact; may be negative for corrections. */
export type NanoUsd = bigint & { readonly [nanoUsdBrand]: true };

/** A price in nano-USD per million units (tokens, requests, seconds). Exact. */
export type NanoUsdPerMillion = bigint;

/** An exact fraction read from a decimal, such as a discount "0.22" = 22/100. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Marks an integer as nano-USD. */
export const nanoUsd = (amount: bigint): NanoUsd => amount as NanoUsd;

export const zeroUsd: NanoUsd = nanoUsd(0n);

const decimalPattern = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/;

/**
 * Reads a decimal such as "0.45" exactly.
 * @throws RangeError when the text is not a plain decimal (no exponent, no sign but "-").
 */
export const parseRatio = (text: string): Ratio => {
  const match = decimalPattern.exec(text);
  if (!match) throw new RangeError(`not a decimal number: ${JSON.stringify(text)}`);
  const fraction = match[3] ?? '';
  const digits = BigInt((match[2] ?? '') + fraction);
  return { numerator: match[1] === '-' ? -digits : digits, denominator: 10n ** BigInt(fraction.length) };
};

/**
 * Reads US dollars, "38000000000" or "0.05", as nano-USD.
 * @throws RangeError when the text is no decimal or is finer than one nano-dollar.
 */
export const parseUsd = (text: string): NanoUsd => {
  const { numerator, denominator } = parseRatio(text);
  const scaled = numerator * 1_000_000_000n;
  if (scaled % denominator !== 0n) throw new RangeError(`finer than one nano-dollar: ${text}`);
  return nanoUsd(scaled / denominator);
};

const integerPattern = /^-?\d{1,38}$/;
/** So many digits a double holds exactly. */
const exactDigitsMax = 15;

/** Reads a few digits without a pattern and without reading a bigint: most amounts are small, and each request reads a dozen. -1 for any other text. */
const exactDigits = (text: string): number => {
  if (text.length === 0 || text.length > exactDigitsMax) return -1;
  let value = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
};

/**
 * Reads integer nano-USD as it stands in JSON ("12345").
 * @throws RangeError when the text is not an integer.
 */
export const parseNanoUsd = (text: string): NanoUsd => {
  const digits = exactDigits(text);
  if (digits >= 0) return nanoUsd(BigInt(digits));
  if (!integerPattern.test(text)) throw new RangeError(`not integer nano-USD: ${JSON.stringify(text)}`);
  return nanoUsd(BigInt(text));
};

/** Millionths of a millionth of a dollar in a nano-dollar: bills are written finer than that. */
export const picoPerNano = 1_000n;

/** Divides and rounds half to even. The denominator must be positive. */
export const divideHalfEven = (numerator: bigint, denominator: bigint): bigint => {
  if (denominator <= 0n) throw new RangeError('the denominator must be positive');
  const negative = numerator < 0n;
  const magnitude = negative ? -numerator : numerator;
  const quotient = magnitude / denominator;
  const rest = magnitude % denominator;
  if (rest === 0n) return negative ? -quotient : quotient;
  const twice = rest * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  const rounded = up ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
};

/** Writes an amount in dollars for people: formatUsd(1_500_000_000n) = "1.50". Rounds half to even at `digits` decimals. */
export const formatUsd = (amount: bigint, digits = 2): string => {
  const rounded = divideHalfEven(amount, 10n ** BigInt(9 - digits));
  const magnitude = rounded < 0n ? -rounded : rounded;
  const scale = 10n ** BigInt(digits);
  const whole = (magnitude / scale).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = digits === 0 ? '' : `.${(magnitude % scale).toString().padStart(digits, '0')}`;
  return `${rounded < 0n ? '-' : ''}${whole}${fraction}`;
};

/** Multiplies nano-USD by an exact ratio, rounded half to even once. */
export const scaleUsd = (amount: NanoUsd, ratio: Ratio): NanoUsd =>
  nanoUsd(divideHalfEven(amount * ratio.numerator, ratio.denominator));

/** Sums amounts. */
export const sumUsd = (amounts: Iterable<NanoUsd>): NanoUsd => {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return nanoUsd(total);
};
