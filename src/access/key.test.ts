import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashKey, isWellFormedKey, keyPrefix, makeKey } from './key.ts';

const filledWith =
  (bytes: Uint8Array) =>
  (target: Uint8Array): void => {
    target.set(bytes);
  };

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('makeKey', () => {
  test('makes keys of one form, well-formed by their checksum', () => {
    fc.assert(
      fc.property(bytes32, (bytes) => {
        const key = makeKey(filledWith(bytes));
        expect(key).toMatch(/^sk-archipel-[0-9A-Za-z]{49}$/);
        expect(isWellFormedKey(key)).toBe(true);
      }),
    );
  });

  test('different random bytes make different keys: no bit is lost', () => {
    fc.assert(
      fc.property(bytes32, fc.nat(255), (bytes, bit) => {
        const flipped = Uint8Array.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(makeKey(filledWith(flipped))).not.toBe(makeKey(filledWith(bytes)));
      }),
    );
    expect(makeKey(filledWith(new Uint8Array(32).fill(255)))).toHaveLength(keyPrefix.length + 49);
  });
});

describe('isWellFormedKey', () => {
  test('notices every single mistyped character', () => {
    fc.assert(
      fc.property(bytes32, fc.nat(48), fc.constantFrom('0', 'a', 'Z'), (bytes, at, typed) => {
        const key = makeKey(filledWith(bytes));
        const index = keyPrefix.length + at;
        fc.pre(key[index] !== typed);
        expect(isWellFormedKey(key.slice(0, index) + typed + key.slice(index + 1))).toBe(false);
      }),
    );
  });

  test.each(['', 'sk-archipel-', 'sk-archipel-demo', `sk-archipel-${'0'.repeat(49)}`, `SK-ARCHIPEL-${'0'.repeat(49)}`])(
    'refuses %j',
    (text) => {
      expect(isWellFormedKey(text)).toBe(false);
    },
  );
});

test('hashKey is the SHA-256 of the key in hexadecimal', () => {
  // printf %s sk-archipel-demo | sha256sum
  expect(hashKey('sk-archipel-demo')).toBe('cf5d339b36792d4bf2f8b91fcf173c8eff0cfe0232f548823450e8953d411055');
});
