import type { Ratio } from '../../kernel/index.ts';
import { divideHalfEven } from '../../kernel/index.ts';

/** A decimal of the file as Float64, for a problem that is solved and never booked. */
export const floatOf = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator);

export const isPositive = ({ numerator }: Ratio): boolean => numerator > 0n;

/** Whether the first is less than the second. */
export const isLess = (one: Ratio, other: Ratio): boolean =>
  one.numerator * other.denominator < other.numerator * one.denominator;

/** Sum of exact numbers. */
export const sumOf = (ratios: readonly Ratio[]): Ratio =>
  ratios.reduce(
    (sum, ratio) => ({
      numerator: sum.numerator * ratio.denominator + ratio.numerator * sum.denominator,
      denominator: sum.denominator * ratio.denominator,
    }),
    { numerator: 0n, denominator: 1n },
  );

export const productOf = (one: Ratio, other: Ratio): Ratio => ({
  numerator: one.numerator * other.numerator,
  denominator: one.denominator * other.denominator,
});

export const isOne = ({ numerator, denominator }: Ratio): boolean => numerator === denominator;

/** An exact number as a plain decimal, rounded half-even at nine decimals, without zeros at its end: "1200", "0.05". */
export const decimalText = ({ numerator, denominator }: Ratio): string => {
  const nano = divideHalfEven(numerator * 1_000_000_000n, denominator);
  const magnitude = (nano < 0n ? -nano : nano).toString().padStart(10, '0');
  const fraction = magnitude.slice(-9).replace(/0+$/, '');
  return `${nano < 0n ? '-' : ''}${magnitude.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
};
