import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ObjectEnd } from './ObjectEnd.ts';

const endOf = (...pieces: readonly string[]): ObjectEnd => {
  const end = new ObjectEnd();
  for (const piece of pieces) end.read(piece);
  return end;
};

const objects = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value));

describe('ObjectEnd', () => {
  it('is reached with the last letter of an object, however it is cut, and with none before', () => {
    fc.assert(
      fc.property(objects, fc.nat(), fc.constantFrom('', ' ', '\n\t'), (text, at, around) => {
        const cut = at % text.length;
        expect(endOf(around, text.slice(0, cut)).isReached).toBe(false);
        expect(endOf(around, text.slice(0, cut), text.slice(cut), around).isReached).toBe(true);
      }),
    );
  });

  it.each(['{}{}', '{} {', '{},', '[]', 'null', '"{}"', '', '{"a":"}', '{"a":"\\"}', '{]}}'])(
    'is not reached in %j',
    (text) => {
      expect(endOf(...Array.from(text)).isReached).toBe(false);
    },
  );
});
