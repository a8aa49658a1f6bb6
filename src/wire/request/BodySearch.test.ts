import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../json/JsonObject.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import { BodyScan } from '../json/scanTopLevel.ts';
import { utf8Bytes } from '../utf8.ts';
import { BodySearch } from './BodySearch.ts';

const words = searchedWordsOf(['url', 'file', 'mcp_*']);

const searchIn = (value: unknown): BodySearch => {
  // What is scanned is always an object.
  const body = utf8Bytes(JSON.stringify({ value }));
  const scan = new BodyScan(body, words);
  expect(scan.finish().ok).toBe(true);
  return new BodySearch(body, scan.places);
};

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
});
