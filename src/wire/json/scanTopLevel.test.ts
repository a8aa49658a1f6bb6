import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scanTopLevel, type Member, type ScanFault } from './scanTopLevel.ts';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';

const scanText = (text: string) => scanTopLevel(Buffer.from(text));

const membersOf = (text: string): readonly Member[] => {
  const scanned = scanText(text);
  if (!scanned.ok) throw new Error(scanned.fault.message);
  return scanned.value;
};

const faultOf = (body: string | Uint8Array, limits = {}): ScanFault => {
  const scanned = scanTopLevel(typeof body === 'string' ? Buffer.from(body) : body, limits);
  if (scanned.ok) throw new Error('a fault was expected');
  return scanned.fault;
};

/** What JSON.parse makes of bytes that must be UTF-8; undefined where it refuses them. */
const oracle = (bytes: Uint8Array): { value: unknown } | undefined => {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
};

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Holds the scanner to the oracle; only its own stricter rules may part them. */
const expectAgreement = (bytes: Uint8Array): void => {
  const parsed = oracle(bytes);
  const scanned = scanTopLevel(bytes);
  if (scanned.ok) {
    expect(parsed).toBeDefined();
    expect(isPlainObject(parsed?.value)).toBe(true);
    if (!isPlainObject(parsed?.value)) return;
    expect(scanned.value.map((member) => member.key).toSorted()).toEqual(Object.keys(parsed.value).toSorted());
    const buffer = Buffer.from(bytes);
    for (const { key, keyStart, keyEnd, start, end, entries, firstEnds } of scanned.value) {
      expect(JSON.parse(buffer.toString('utf8', keyStart, keyEnd))).toBe(key);
      const value = parsed.value[key];
      expect(JSON.parse(buffer.toString('utf8', start, end))).toEqual(value);
      expect(entries).toBe(Array.isArray(value) ? value.length : 0);
      const first = Array.isArray(value) ? value.slice(0, 8) : [];
      const firstText = buffer.toString('utf8', start + 1, firstEnds.at(-1) ?? start + 1);
      expect([firstEnds.length, JSON.parse(`[${firstText}]`)]).toEqual([first.length, first]);
    }
    return;
  }
  if (scanned.fault.code === 'invalid_json') expect(parsed).toBeUndefined();
  else
    expect(parsed !== undefined || scanned.fault.code === 'duplicate_key' || scanned.fault.key === '__proto__').toBe(
      true,
    );
};

const layouts = fc.constantFrom(undefined, 1, 3, '\t');

const objectText = fc
  .tuple(fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.jsonValue({ maxDepth: 4 })), layouts)
  .map(([value, layout]) => JSON.stringify(value, null, layout));

/** Bytes that grammar turns on, and some that break UTF-8. */
const sharpByte = fc.oneof(
  fc.constantFrom(...Buffer.from('{}[]",:\\/0123456789+-.eEtrufalsn \n\r\t')),
  fc.constantFrom(0x00, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xef, 0xf0, 0xf8, 0xff),
);

interface Mutation {
  readonly kind: 'insert' | 'replace' | 'delete' | 'truncate';
  readonly where: number;
  readonly byte: number;
}

const mutation = fc.record({
  kind: fc.constantFrom('insert' as const, 'replace' as const, 'delete' as const, 'truncate' as const),
  where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  byte: sharpByte,
});

const mutate = (bytes: Buffer, { kind, where, byte }: Mutation): Buffer => {
  const at = Math.floor(where * bytes.length);
  const rest = { insert: at, replace: at + 1, delete: at + 1, truncate: bytes.length }[kind];
  const middle = kind === 'insert' || kind === 'replace' ? [byte] : [];
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(rest)]);
};

describe('scanTopLevel', () => {
  it('gives each top-level member as byte ranges, with its kind', () => {
    const text = ' {"model" : "é", "n":-1.5e3,"list":[1,{"a":[]}] ,"o":{"x":"}"},"t":true,"f":false,"z":null} ';
    const bytes = Buffer.from(text);
    const seen = membersOf(text).map(({ key, keyStart, keyEnd, start, end, kind }) => [
      key,
      bytes.toString('utf8', keyStart, keyEnd),
      bytes.toString('utf8', start, end),
      kind,
    ]);
    expect(seen).toEqual([
      ['model', '"model"', '"é"', 'string'],
      ['n', '"n"', '-1.5e3', 'number'],
      ['list', '"list"', '[1,{"a":[]}]', 'array'],
      ['o', '"o"', '{"x":"}"}', 'object'],
      ['t', '"t"', 'true', 'boolean'],
      ['f', '"f"', 'false', 'boolean'],
      ['z', '"z"', 'null', 'null'],
    ]);
  });

  it('takes an object without members', () => {
    expect(membersOf('{}')).toEqual([]);
    expect(membersOf(' {\r\n\t} ')).toEqual([]);
  });

  it('accepts and refuses whole bodies as JSON.parse does, and its slices parse to the same values', () => {
    fc.assert(
      fc.property(objectText, (text) => expectAgreement(Buffer.from(text))),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse on bodies with random faults [A11] [G18]', () => {
    fc.assert(
      fc.property(objectText, fc.array(mutation, { minLength: 1, maxLength: 3 }), (text, mutations) =>
        expectAgreement(mutations.reduce<Buffer>(mutate, Buffer.from(text))),
      ),
      { numRuns: 5_000 },
    );
  });

  it('agrees with JSON.parse on everything that looks like a number, a word or a string', () => {
    const numberLike = fc.string({
      unit: fc.constantFrom(...Array.from('0123456789+-.eE')),
      minLength: 1,
      maxLength: 8,
    });
    const wordLike = fc.string({ unit: fc.constantFrom(...Array.from('truefalsn')), minLength: 1, maxLength: 6 });
    const stringLike = fc
      .string({
        unit: fc.constantFrom('\\', '"', 'u', 'b', 'n', 'x', '0', 'D', 'f', '/', '\u0007', 'é', '😀'),
        maxLength: 10,
      })
      .map((inner) => `"${inner}"`);
    fc.assert(
      fc.property(fc.oneof(numberLike, wordLike, stringLike), fc.boolean(), (value, asKey) =>
        expectAgreement(Buffer.from(asKey ? `{${value}:1}` : `{"a":${value}}`)),
      ),
      { numRuns: 10_000 },
    );
  });

  it('takes bytes inside a string only where they are UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        const body = Buffer.concat([Buffer.from('{"a":"'), bytes, Buffer.from('"}')]);
        expectAgreement(body);
      }),
      { numRuns: 10_000 },
    );
  });

  it('works on a view into a larger buffer', () => {
    const view = Buffer.from('xx{"é":1}yy').subarray(2, -2);
    const scanned = scanTopLevel(view);
    expect(scanned).toMatchObject({ ok: true, value: [{ key: 'é', start: 6, end: 7 }] });
  });

  describe('is stricter than JSON.parse', () => {
    it('finds a key that stands twice, also behind escapes [A11]', () => {
      for (const text of [
        '{"model":"a","model":"b"}',
        '{"model":"a","mod\\u0065l":"b"}',
        '{"\\u006dodel":"a","model":"b"}',
      ]) {
        expect(JSON.parse(text)).toEqual({ model: 'b' });
        expect(faultOf(text)).toMatchObject({ code: 'duplicate_key', key: 'model', line: 1 });
      }
      expect(faultOf('{"model":"a",\n "model":"b"}').message).toBe(
        'At line 2, column 2: the key "model" stands twice; send it once.',
      );
    });

    it('leaves keys below the top level to the vendor', () => {
      expect(membersOf('{"a":{"x":1,"x":2,"__proto__":3}}')).toHaveLength(1);
    });

    it('refuses the key __proto__, also behind escapes', () => {
      for (const text of ['{"__proto__":{}}', '{"__pr\\u006fto__":1}']) {
        expect(faultOf(text)).toMatchObject({ code: 'bad_request', key: '__proto__' });
      }
    });

    it('refuses a top level that is no object', () => {
      for (const text of ['[]', '"a"', '12', 'null', ' true ']) {
        expect(faultOf(text)).toMatchObject({
          code: 'bad_request',
          message: expect.stringContaining('must be a JSON object'),
        });
      }
    });

    it('refuses a byte order mark', () => {
      expect(faultOf('\u{feff}{}')).toMatchObject({
        code: 'invalid_json',
        message: expect.stringContaining('byte order mark'),
      });
    });

    it('holds its limit of depth to the level [A11]', () => {
      const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
      expect(scanText(nested(64)).ok).toBe(true);
      expect(faultOf(nested(65))).toMatchObject({ code: 'bad_request', message: expect.stringContaining('64 levels') });
      expect(faultOf('{"a":{"b":{}}}', { depthMax: 2 })).toMatchObject({ code: 'bad_request', column: 11 });
    });

    it('survives a million open brackets', () => {
      expect(faultOf(`{"a":${'['.repeat(1_000_000)}`)).toMatchObject({ code: 'bad_request' });
      expect(faultOf('['.repeat(1_000_000))).toMatchObject({ code: 'bad_request' });
    });

    it('holds its limit of members [A10]', () => {
      const many = (count: number): string =>
        JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at])));
      expect(scanText(many(512)).ok).toBe(true);
      expect(faultOf(many(513))).toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining('512 members'),
      });
    });
  });

  it.each([
    ['', 1, 1, "a JSON object, which starts with '{' was expected, but the body ends"],
    ['nope', 1, 2, "'null' was expected, but 'o' was found"],
    ['{"a":1,}', 1, 8, "a key in double quotes was expected, but '}' was found"],
    ['{"a" 1}', 1, 6, "':' after the key was expected, but '1' was found"],
    ["{'a':1}", 1, 2, "a key in double quotes was expected, but ''' was found"],
    ['{"a":1 "b":2}', 1, 8, "',' or '}' was expected, but '\"' was found"],
    ['{"a":[1 2]}', 1, 9, "',' or ']' was expected, but '2' was found"],
    ['{"a":\n  tru }', 2, 6, "'true' was expected, but ' ' was found"],
    ['{"a":01}', 1, 7, "',' or '}' was expected, but '1' was found"],
    ['{"a":-}', 1, 7, "a digit after '-' was expected, but '}' was found"],
    ['{"a":1.}', 1, 8, "a digit after '.' was expected, but '}' was found"],
    ['{"a":1e+}', 1, 9, "a digit in the exponent was expected, but '}' was found"],
    ['{"a":NaN}', 1, 6, "a JSON value was expected, but 'N' was found"],
    ['{"é":"\n"}', 1, 7, 'the control character 0x0a stands unescaped in a string; escape it'],
    ['{"a":"\\x"}', 1, 8, "an escape (one of \"\\/bfnrtu) after a backslash was expected, but 'x' was found"],
    ['{"a":"\\u12g4"}', 1, 11, 'four hexadecimal digits after "\\u" was expected, but \'g\' was found'],
    ['{"a":"b', 1, 8, "the closing '\"' of a string was expected, but the body ends"],
    ['{"a":1} x', 1, 9, "nothing after the object was expected, but 'x' was found"],
    ['{"a":1}\n\n{}', 3, 1, "nothing after the object was expected, but '{' was found"],
    ['{"a":é}', 1, 6, 'a JSON value was expected, but a character outside ASCII was found'],
  ])('says where and what for %j', (text, line, column, what) => {
    const fault = faultOf(text);
    expect(fault).toMatchObject({ code: 'invalid_json', line, column });
    expect(fault.message).toBe(`At line ${line}, column ${column}: ${what}.`);
  });

  it('says which byte is not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{\n"ééé":"'), Buffer.from([0xe2, 0x28, 0xa1]), Buffer.from('"}')]);
    expect(faultOf(body)).toMatchObject({
      code: 'invalid_json',
      line: 2,
      column: 8,
      message: expect.stringContaining('UTF-8'),
    });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(0x80, 0xc0, 0xff, 0xed), (text, byte) => {
        const valid = Buffer.from(text.replaceAll('\n', ''));
        const column = Array.from(valid.toString('utf8')).length + 1;
        expect(faultOf(Buffer.concat([valid, Buffer.from([byte]), Buffer.from('...')]))).toMatchObject({
          line: 1,
          column,
        });
      }),
    );
  });
});

it.each(corpusOf('scanTopLevel'))('$name of the corpus, and JSON.parse agrees [A11]', ({ bytes, accepted }) => {
  expect(scanTopLevel(bytes).ok).toBe(accepted);
  expectAgreement(bytes);
});
