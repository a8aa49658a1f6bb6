import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';
import { PlaceFinder, searchedWordsOf, type Places } from './PlaceFinder.ts';
import { BodyScan, scanTopLevel } from './scanTopLevel.ts';

const words = searchedWordsOf(['url', 'file', 'mcp_*']);

const plain = ({ found, restAt, hidesNames }: Places) => ({ found, restAt, hidesNames });

const scanned = (body: Uint8Array, steps: readonly number[]) => {
  const scan = new BodyScan(body, words);
  for (let step = 0; !scan.advance(steps[step % steps.length] ?? 1); step += 1) expect(step).toBeLessThan(100_000);
  return { members: scan.finish(), places: plain(scan.places) };
};

/** Pieces of JSON and what breaks it, put together in any order: borders of steps fall into each. */
const piece = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"url"',
  '"mcp_x":',
  '"\\u0041"',
  '"\\\\u0041é😀"',
  '-1.50e+2',
  '0',
  '12',
  '.',
  'E',
  'true',
  'null',
  ' \n',
  '"',
  '\\',
  '"k":[1,{"file":"a"}],',
  '{"a":',
  '\t',
);

const whole = fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.jsonValue({ maxDepth: 3 }));

const body = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
  whole.map((value) => Buffer.from(JSON.stringify(value, null, 1))),
  fc.tuple(whole, fc.nat(), fc.nat({ max: 255 })).map(([value, at, byte]) => {
    const bytes = Buffer.from(JSON.stringify(value));
    bytes[at % bytes.length] = byte;
    return bytes;
  }),
);

describe('BodyScan', () => {
  it('finds the same, and the same fault, however it is cut into steps [A11] [G18]', () => {
    fc.assert(
      fc.property(body, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), (bytes, steps) => {
        const { members, places } = scanned(bytes, steps);
        expect(members).toEqual(scanTopLevel(bytes));
        expect(places).toEqual(scanned(bytes, [Infinity]).places);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(corpusOf('scanTopLevel').filter(({ bytes }) => bytes.length < 10_000))(
    'reads $name of the corpus byte by byte as at once',
    ({ bytes }) => {
      expect(scanned(bytes, [1]).members).toEqual(scanTopLevel(bytes));
    },
  );

  it('does no more in a step than it is told, whatever the body is made of', () => {
    const long = 100_000;
    for (const inside of [
      `"${'a'.repeat(long)}"`,
      `"${'\\n'.repeat(long)}"`,
      `${' '.repeat(long)}1`,
      `1${'0'.repeat(long)}`,
      `0.${'1'.repeat(long)}`,
      `[${'[],'.repeat(long)}1]`,
    ]) {
      const scan = new BodyScan(Buffer.from(`{"a":${inside}}`), words);
      let steps = 1;
      while (!scan.advance(1_000)) steps += 1;
      expect(scan.finish().ok).toBe(true);
      expect(steps).toBeGreaterThanOrEqual(long / 1_000);
    }
  });

  it('sees strings that are looked for, whole ones and beginnings', () => {
    const text = String.raw`{"url":"file","x":["filed","mcp_","mcp_x","mcp","a \"url\""]}`;
    const { found } = scanned(Buffer.from(text), [Infinity]).places;
    expect(found.map((at) => text.slice(at, at + 5))).toEqual(['"url"', '"file', '"mcp_', '"mcp_']);
  });

  it.each([
    ['a letter', String.raw`\u0041`, true],
    ['the last sign', String.raw`\u007f`, true],
    ['a letter with an accent', String.raw`\u00e9`, false],
    ['an apostrophe', String.raw`\u0027`, false],
    ['a letter of another script', String.raw`\u4041`, false],
    ['a backslash before what looks so', String.raw`\\u0041`, false],
    ['a letter that stands for itself', 'A', false],
  ])('knows whether %s hides a name', (_, written, hides) => {
    for (const text of [`{"a":"${written}"}`, `{"${written}":1}`])
      expect(scanned(Buffer.from(text), [Infinity]).places.hidesNames).toBe(hides);
  });
});

describe('PlaceFinder', () => {
  it('keeps no more places than it may, and says where the next one is', () => {
    const text = Buffer.from('"url",'.repeat(5));
    const found = (max: number) => {
      const finder = new PlaceFinder(text, words, max);
      for (let at = 0; at < text.length; at += 6) finder.see(at);
      return plain(finder);
    };
    expect(found(3)).toEqual({ found: [0, 6, 12], restAt: 18, hidesNames: false });
    expect(found(5)).toEqual({ found: [0, 6, 12, 18, 24], restAt: text.length, hidesNames: false });
  });
});
