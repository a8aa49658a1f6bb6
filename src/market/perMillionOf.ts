import type { NanoUsdPerMillion } from '../kernel/index.ts';
import { divideHalfEven, parseRatio } from '../kernel/index.ts';

const nanoPerUsd = 1_000_000_000n;

/**
 * Reads US dollars per million units, "0.35", as nano-USD per million units, from the text and without floats.
 * Digits beyond the ninth are rounded half to even: they are what a publisher's binary float leaves behind
 * ("0.049999999999999996" is 0.05), and are worth less than a nano-dollar per million tokens.
 * @throws RangeError when the text is no plain decimal or is negative.
 */
export const perMillionOf = (usdPerMillion: string): NanoUsdPerMillion => {
  const { numerator, denominator } = parseRatio(usdPerMillion);
  if (numerator < 0n) throw new RangeError(`a price cannot be negative: ${usdPerMillion}`);
  return divideHalfEven(numerator * nanoPerUsd, denominator);
};
