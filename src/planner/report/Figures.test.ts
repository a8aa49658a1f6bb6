import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { figuresOf } from './Figures.ts';

/** Spaces that do not break a line, as plain ones. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

const english = figuresOf('en', 'USD');
const french = figuresOf('fr', 'EUR');

test.each([
  [0, '0', '0'],
  [0.001, '0', '0'],
  [0.5, '0.50', '0,50'],
  [12, '12', '12'],
  [12.345, '12.35', '12,35'],
  [1234.5, '1,235', '1 235'],
  [999_400, '999,400', '999 400'],
  [999_999, '1.00 M', '1,00 M'],
  [3_140_000, '3.14 M', '3,14 M'],
  [41_200_000, '41.2 M', '41,2 M'],
  [38_000_000_000, '38.0 bn', '38,0 Md'],
  [999_900_000, '1.00 bn', '1,00 Md'],
  [1_065_000_000_000, '1,065 bn', '1 065 Md'],
  [12_300_000_000_000, '12.3 tn', '12 300 Md'],
  [-2_500_000, '-2.50 M', '-2,50 M'],
])('%s reads as %s, in French as %s', (amount, inEnglish, inFrench) => {
  expect([english.amount(amount), french.amount(amount)].map(plain)).toEqual([inEnglish, inFrench]);
});

test('an amount has its currency where the language puts it', () => {
  expect([english.money(4_000), french.money(4_000)].map(plain)).toEqual(['USD 4,000', '4 000 EUR']);
  expect([english.signedMoney(3), french.signedMoney(-3)].map(plain)).toEqual(['+USD 3', '−3 EUR']);
  expect([english.exactMoney('0.005'), french.exactMoney('0.005')].map(plain)).toEqual(['USD 0.005', '0,005 EUR']);
});

test('figures along an axis are told in one unit, apart from each other', () => {
  const told = (ticks: readonly number[]): readonly string[] =>
    ticks.map((tick) => plain(english.moneyAxis(ticks)(tick)));
  expect(told([1.065e12, 1.07e12, 1.075e12])).toEqual(['USD 1,065 bn', 'USD 1,070 bn', 'USD 1,075 bn']);
  expect(told([0, 5_000, 10_000])).toEqual(['USD 0', 'USD 5,000', 'USD 10,000']);
  expect(told([0, 2.5e6, 5e6])).toEqual(['USD 0', 'USD 2.5 M', 'USD 5.0 M']);
});

test.each([
  [0.45, '45 %', '45 %'],
  [0.0094, '0.94 %', '0,94 %'],
  [0.00936, '0.94 %', '0,94 %'],
  [0.123, '12.3 %', '12,3 %'],
  [0, '0 %', '0 %'],
  [1, '100 %', '100 %'],
])('the share %s reads as %s, in French as %s', (share, inEnglish, inFrench) => {
  expect([english.percent(share), french.percent(share)].map(plain)).toEqual([inEnglish, inFrench]);
});

describe('a promise', () => {
  test('is never rounded in its own favour', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1, noNaN: true }), (share) => {
        const figure = (text: string): number => Number(text.replace(/[^\d.]/g, '')) / 100;
        const rest = 2e-9;
        expect(figure(english.percentAtMost(share))).toBeGreaterThanOrEqual(share - rest);
        expect(figure(english.percentAtLeast(share))).toBeLessThanOrEqual(share + rest);
      }),
    );
  });

  test('reads like any share', () => {
    expect(plain(english.percentAtLeast(0.8999))).toBe('89.9 %');
    expect(plain(english.percentAtLeast(0.9))).toBe('90 %');
    expect(plain(french.percentAtMost(0.00931))).toBe('0,94 %');
  });
});

test('days, lists and alternatives read as a person would say them', () => {
  expect([english.date('2027-01-01'), french.date('2027-01-01'), french.date('2028-02-29')]).toEqual([
    '1 Jan 2027',
    '1er janv. 2027',
    '29 févr. 2028',
  ]);
  expect([english.list([]), english.list(['a']), english.list(['a', 'b']), english.list(['a', 'b', 'c'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ]);
  expect([french.list(['a', 'b', 'c']), english.alternatives(['a', 'b']), french.alternatives(['a', 'b'])]).toEqual([
    'a, b et c',
    'a or b',
    'a ou b',
  ]);
});
