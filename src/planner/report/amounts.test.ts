import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  amountText,
  counted,
  listText,
  moneyAxis,
  moneyWriter,
  percentAtLeast,
  percentAtMost,
  percentText,
} from './amounts.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0'],
  [0.5, '0.50'],
  [12, '12'],
  [12.345, '12.35'],
  [1234.5, '1,235'],
  [999_400, '999,400'],
  [999_999, '1.00 M'],
  [3_140_000, '3.14 M'],
  [41_200_000, '41.2 M'],
  [38_000_000_000, '38.0 bn'],
  [999_900_000, '1.00 bn'],
  [-2_500_000, '-2.50 M'],
])('%s reads as %s', (amount, text) => {
  expect(plain(amountText(amount))).toBe(text);
});

test('an amount has its currency before it', () => {
  expect(plain(moneyWriter('EUR')(4_000))).toBe('EUR 4,000');
});

test('figures along an axis are told in one unit, apart from each other', () => {
  const told = (ticks: readonly number[]): readonly string[] =>
    ticks.map((tick) => plain(moneyAxis('USD')(ticks)(tick)));
  expect(told([1.065e12, 1.07e12, 1.075e12])).toEqual(['USD 1.065 tn', 'USD 1.070 tn', 'USD 1.075 tn']);
  expect(told([0, 5_000, 10_000])).toEqual(['USD 0', 'USD 5,000', 'USD 10,000']);
  expect(told([0, 2.5e6, 5e6])).toEqual(['USD 0', 'USD 2.5 M', 'USD 5.0 M']);
});

test.each([
  [0.45, '45 %'],
  [0.0094, '0.94 %'],
  [0.00936, '0.94 %'],
  [0.123, '12.3 %'],
  [0, '0 %'],
  [1, '100 %'],
])('the share %s reads as %s', (share, text) => {
  expect(plain(percentText(share))).toBe(text);
});

test('a promise is never rounded in its own favour', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (share) => {
      const figure = (text: string): number => Number(text.replace(/[^\d.]/g, '')) / 100;
      const slack = 2e-9;
      expect(figure(percentAtMost(share))).toBeGreaterThanOrEqual(share - slack);
      expect(figure(percentAtLeast(share))).toBeLessThanOrEqual(share + slack);
    }),
  );
  expect(plain(percentAtLeast(0.8999))).toBe('89.9 %');
  expect(plain(percentAtLeast(0.9))).toBe('90 %');
  expect(plain(percentAtMost(0.00931))).toBe('0.94 %');
});

test('lists and counts read as a person would say them', () => {
  expect([listText([]), listText(['a']), listText(['a', 'b']), listText(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect([counted(1, 'contract'), counted(2_000, 'contract')]).toEqual(['1 contract', '2,000 contracts']);
});
