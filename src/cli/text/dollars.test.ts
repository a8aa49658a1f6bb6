import { expect, test } from 'vitest';
import { dollars } from './dollars.ts';

test.each([
  ['0', '$0'],
  ['1', '$0.000000001'],
  ['160', '$0.00000016'],
  ['1723218', '$0.001723218'],
  ['9990000', '$0.00999'],
  ['10000000', '$0.0100'],
  ['1234567890', '$1.2346'],
  ['100000000000', '$100.00'],
  ['999999999999', '$1,000.00'],
  ['1000000000000', '$1,000'],
  ['38000000000000000000', '$38,000,000,000'],
  ['-1723218', '$-0.001723218'],
])('%s nano-dollars read as %s', (nanoUsd, text) => {
  expect(dollars(nanoUsd)).toBe(text);
});

test('what is no amount reads as a dash', () => {
  expect([dollars(null), dollars(undefined), dollars(7)]).toEqual(['-', '-', '-']);
});
