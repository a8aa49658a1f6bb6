import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hoursWords, usdWords } from './figureWords.ts';

test('amounts are written to the cent, and with three figures where a cent is too much', () => {
  expect([0, 12.3, 1_234_567.891, -5, 0.00123456, 0.0000005, 1e12].map(usdWords)).toEqual([
    '$0.00',
    '$12.30',
    '$1,234,567.89',
    '-$5.00',
    '$0.00123',
    '$0.0000005',
    '$1,000,000,000,000.00',
  ]);
  expect(usdWords(Infinity)).toBe('$Infinity');
});

test('times are written in hours, minutes or seconds', () => {
  expect([12_345.67, 2.5, 0.2, 0.01, 0].map(hoursWords)).toEqual(['12,345.7 h', '2.5 h', '12 min', '36 s', '0 s']);
});

test('amounts of a cent and more are written as the tables of the language would', () => {
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000_000 }), (cents) => {
      expect(usdWords(cents / 100)).toBe(`$${format.format(cents / 100)}`);
    }),
  );
});
