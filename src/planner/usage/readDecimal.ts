import { divideHalfEven } from '../../kernel/index.ts';
import type { Ratio } from '../../kernel/index.ts';

/** A number of an export as a whole count of 10^-12: exact to add, however many rows there are. */
export type Pico = bigint;

export const picoPerOne: Pico = 1_000_000_000_000n;

const decimals = 12;

/** Larger than any quantity or amount of one row: what passes it is no figure of an export. */
const magnitudeMax: Pico = 10n ** 15n * picoPerOne;

const numberPattern = /^([+-]?)(\d{1,24})?(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Reads a decimal, also "1.2E-7" as spreadsheets and databases write it, rounded half-even at 12 decimals; null where it is none, or beyond 10^15. */
export const readDecimal = (text: string): Pico | null => {
  const match = numberPattern.exec(text);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') return null;
  const digits = BigInt(whole + fraction);
  const power = decimals + Number(exponent) - fraction.length;
  const magnitude = power >= 0 ? digits * 10n ** BigInt(power) : divideHalfEven(digits, 10n ** BigInt(-power));
  if (magnitude > magnitudeMax) return null;
  return sign === '-' ? -magnitude : magnitude;
};

export const ratioOf = (pico: Pico): Ratio => ({ numerator: pico, denominator: picoPerOne });

/** The product of two numbers, rounded half-even. */
export const timesPico = (one: Pico, other: Pico): Pico => divideHalfEven(one * other, picoPerOne);
