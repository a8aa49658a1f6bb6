import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../json/JsonObject.ts';
import { utf8Bytes } from '../utf8.ts';
import { BodySearch } from './BodySearch.ts';
import { findPlaces } from './findPlaces.ts';
import { searchedWordsOf } from './SearchedWords.ts';

const words = searchedWordsOf(/"(?:url|file|mcp_)/);

const searchIn = (value: unknown): BodySearch => new BodySearch(utf8Bytes(JSON.stringify(value)), words);

/** Whether a value holds an object with a member that fits, found by walking it. */
const holds = (value: unknown, fits: (name: string, member: unknown) => boolean): boolean => {
  if (Array.isArray(value)) return value.some((item) => holds(item, fits));
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, member]) => fits(name, member) || holds(member, fits));
};

const text = fc.constantFrom('url', 'file', 'mcp_x', 'data:x', 'https://x', 'a "url": "b"', '\\');
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constant(1),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('url', 'file', 'type', 'other'), tie('value'), { maxKeys: 3 }),
  ),
}));
/** How many words stand before what is looked for: none, about as many as are kept, and more. */
const before = fc.constantFrom(0, 1_022, 1_023, 1_024, 1_500);

describe('BodySearch', () => {
  it('finds what walking the value finds, however many words stand before it', () => {
    fc.assert(
      fc.property(before, json, (count, value) => {
        const search = searchIn([Array<string>(count).fill('url'), value]);
        for (const asked of ['url', 'file']) {
          const isText = (name: string, member: unknown): member is string =>
            name === asked && typeof member === 'string';
          expect(search.hasMember(asked)).toBe(holds(value, (name) => name === asked));
          expect(search.hasText(asked)).toBe(holds(value, isText));
          expect(search.hasOutsideAddress(asked)).toBe(
            holds(value, (name, member) => isText(name, member) && !member.startsWith('data:')),
          );
          expect(search.hasType(asked)).toBe(holds(value, (name, member) => name === 'type' && member === asked));
        }
        expect(search.hasType('mcp_*')).toBe(
          holds(value, (name, member) => name === 'type' && typeof member === 'string' && member.startsWith('mcp_')),
        );
      }),
    );
  });

  it.each([
    ['a letter', '\\u0041', true],
    ['the last sign', '\\u007f', true],
    ['a letter with an accent', '\\u00e9', false],
    ['an apostrophe', '\\u0027', false],
    ['a letter that stands for itself', 'A', false],
  ])('knows whether %s hides a name', (_, written, hides) => {
    expect(new BodySearch(utf8Bytes(`{"a":"${written}"}`), words).hidesNames()).toBe(hides);
  });
});

describe('findPlaces', () => {
  it('keeps no more places than it may, and says where the next one is', () => {
    const body = '"url",'.repeat(5);
    const hidesNames = false;
    expect(findPlaces(body, words, 3)).toEqual({ found: [0, 6, 12], restAt: 18, hidesNames });
    expect(findPlaces(body, words, 5)).toEqual({ found: [0, 6, 12, 18, 24], restAt: body.length, hidesNames });
    expect(findPlaces('"text"', words, 3)).toEqual({ found: [], restAt: 6, hidesNames });
  });

  it('sees letters that are escaped before, between and behind what it keeps', () => {
    const escaped = String.raw`"\u0041\u0041",`;
    for (const at of [0, 1, 2, 3]) {
      const parts = Array<string>(3).fill('"url",').toSpliced(at, 0, escaped);
      const places = findPlaces(parts.join(''), words, 2);
      expect(places).toMatchObject({ hidesNames: true });
      expect(places.found).toHaveLength(2);
      for (const place of [...places.found, places.restAt]) expect(parts.join('').slice(place)).toMatch(/^"url"/);
    }
  });

  it('finds one that begins inside another', () => {
    const places = findPlaces('aXaXa', searchedWordsOf(/aXa/), 3);
    expect(places).toEqual({ found: [0, 2], restAt: 5, hidesNames: false });
  });
});
