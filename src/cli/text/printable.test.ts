import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableLine, printableLines } from './printable.ts';

// Written out anew, so that it is not the pattern that is tested.
const isObeyed = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    [0x61c, 0x200e, 0x200f, 0x2028, 0x2029].includes(code) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  );
};

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\x1b', '\x9b', '\n', '\u202e', '\u2028'),
  ),
});

describe('text for a terminal', () => {
  test.each([
    ['\x1b[2J\x1b]0;title\x07', String.raw`\x1b[2J\x1b]0;title\x07`],
    ['one\r\ntwo\tthree\0', String.raw`one\x0d\x0atwo\x09three\x00`],
    ['\x7f\x9b31m', String.raw`\x7f\x9b31m`],
    ['abc\u202ecba\u2066\u2028', String.raw`abc\u{202e}cba\u{2066}\u{2028}`],
    ['Größe 10 µm, 数 \u{1f680} \\x1b', 'Größe 10 µm, 数 \u{1f680} \\x1b'],
  ])('of %j is %s', (given, shown) => {
    expect(printableLine(given)).toBe(shown);
  });

  test('is one line that nothing is obeyed in, and loses nothing that can be shown [A29]', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        const shown = printableLine(given);
        expect(Array.from(shown).filter(isObeyed)).toEqual([]);
        expect(printableLine(shown)).toBe(shown);
        if (!Array.from(given).some(isObeyed)) expect(shown).toBe(given);
      }),
    );
  });

  test('of several lines keeps them, and nothing else', () => {
    expect(printableLines('team: none\n\x1b[1mhours: \rlong')).toBe('team: none\n\\x1b[1mhours: \\x0dlong');
  });
});

test('an answer is made printable wherever text stands in it, and is the same otherwise', () => {
  expect(printable({ 'a\n': ['\x1b', 1, null, true, { b: 'c\td' }] })).toEqual({
    'a\\x0a': [String.raw`\x1b`, 1, null, true, { b: String.raw`c\x09d` }],
  });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.stringify(value);
      if (!Array.from(json).some(isObeyed) && !json.includes('\\')) expect(JSON.stringify(printable(value))).toBe(json);
    }),
  );
});
