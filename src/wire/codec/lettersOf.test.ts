import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lettersOf } from './lettersOf.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

// Clients keep ids and marks that are made of them, so that they must stay what they are.
it('are the digits of a hash, the last one first', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 0, max: 43 }), (seed, length) => {
      const number = BigInt(`0x${createHash('sha256').update(JSON.stringify(seed)).digest('hex')}`);
      const digits = Array.from({ length }, (_, digit) => alphabet[Number((number / 62n ** BigInt(digit)) % 62n)]);
      expect(lettersOf(seed, length)).toBe(digits.join(''));
    }),
  );
});

it('are the same for ever', () => {
  expect(lettersOf(['a'], 9)).toBe('4Btb5zCuj');
});
