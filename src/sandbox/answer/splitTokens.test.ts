import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTokens, splitTokens } from './splitTokens.ts';

test('tokens joined are the text, and none is empty', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const tokens = splitTokens(text);
      expect(tokens.join('')).toBe(text);
      expect(tokens.every((token) => token !== '')).toBe(true);
      expect(countTokens(text)).toBe(tokens.length);
    }),
  );
});

test('words, numbers and signs are cut by their own rule, not by their bytes', () => {
  expect(splitTokens('The weather in Paris: 21.5 °C')).toEqual([
    'The',
    ' weathe',
    'r',
    ' in',
    ' Paris',
    ':',
    ' 21',
    '.',
    '5',
    ' °',
    'C',
  ]);
});

test('a text has the same tokens each time it is counted', () => {
  expect([countTokens('one two'), countTokens('one two'), countTokens('')]).toEqual([2, 2, 0]);
});
