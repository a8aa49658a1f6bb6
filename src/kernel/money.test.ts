import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divideHalfEven, formatUsd, nanoUsd, parseNanoUsd, parseRatio, parseUsd, scaleUsd, sumUsd } from './money.ts';

describe('money', () => {
  test('reads dollars exactly, up to contracts of 38 G$ and down to one nano-dollar', () => {
    expect(parseUsd('38000000000')).toBe(38_000_000_000_000_000_000n);
    expect(parseUsd('0.05')).toBe(50_000_000n);
    expect(parseUsd('0.000000001')).toBe(1n);
  });

  test.each(['', '1e3', '+1', '1,000', 'NaN', '0x10', '1.', '.5', ' 1'])('refuses %j as dollars', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });

  test('refuses an amount finer than one nano-dollar instead of rounding it', () => {
    expect(() => parseUsd('0.0000000001')).toThrow(/finer/);
  });

  test('reads integer nano-USD of any length as it was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }), fc.nat(37), (amount, fewer) => {
        for (const wanted of [amount, amount / 10n ** BigInt(fewer)]) {
          expect(parseNanoUsd(wanted.toString())).toBe(wanted);
        }
      }),
    );
    expect(parseNanoUsd('999999999999999')).toBe(999_999_999_999_999n);
    expect(parseNanoUsd('9007199254740993')).toBe(9_007_199_254_740_993n);
    expect([parseNanoUsd('007'), parseNanoUsd('-0')]).toEqual([7n, 0n]);
  });

  test.each(['', '1.5', '1e3', ' 7', '-', '+7', '0x1f', '1_000', '7\n', '٣'])(
    'refuses %j as integer nano-USD',
    (text) => {
      expect(() => parseNanoUsd(text)).toThrow(RangeError);
    },
  );

  test('rounds half to even', () => {
    expect([1n, 3n, 5n, 7n, -1n, -3n, -5n].map((n) => divideHalfEven(n, 2n))).toEqual([0n, 2n, 2n, 4n, 0n, -2n, -2n]);
    expect(divideHalfEven(26n, 10n)).toBe(3n);
    expect(() => divideHalfEven(1n, 0n)).toThrow(RangeError);
  });

  test('never rounds by more than half a unit, and agrees with exact division', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 18n }),
        (n, d) => {
          const error = 2n * (n - divideHalfEven(n, d) * d);
          expect(error <= d && error >= -d).toBe(true);
        },
      ),
    );
  });

  test('reads ratios exactly and scales by them once', () => {
    expect(parseRatio('0.22')).toEqual({ numerator: 22n, denominator: 100n });
    expect(parseRatio('-1')).toEqual({ numerator: -1n, denominator: 1n });
    expect(scaleUsd(nanoUsd(5n), parseRatio('0.5'))).toBe(2n);
  });

  test('writes dollars for people', () => {
    expect(formatUsd(38_000_000_000_000_000_000n, 0)).toBe('38,000,000,000');
    expect(formatUsd(1_234_567_890n)).toBe('1.23');
    expect(formatUsd(-1_500_000n, 4)).toBe('-0.0015');
  });

  test('sums amounts', () => {
    expect(sumUsd([nanoUsd(1n), nanoUsd(2n)])).toBe(3n);
  });
});
