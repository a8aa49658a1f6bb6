// Mistakes that people and tools make in a file.
import fc from 'fast-check';

export type Mutation = (text: string) => string;

const onLines =
  (change: (lines: string[], at: number) => void) =>
  (place: number): Mutation =>
  (text) => {
    const lines = text.split('\n');
    change(lines, Math.floor(place * lines.length));
    return lines.join('\n');
  };

export const deleteLine = onLines((lines, at) => void lines.splice(at, 1));
export const repeatLine = onLines((lines, at) => void lines.splice(at, 0, lines[at] ?? ''));
export const swapLines = onLines((lines, at) => void lines.splice(at, 2, lines[at + 1] ?? '', lines[at] ?? ''));
const indentLine = onLines((lines, at) => void lines.splice(at, 1, ` ${lines[at] ?? ''}`));
const tabLine = onLines((lines, at) => void lines.splice(at, 1, `\t${lines[at] ?? ''}`));
const joinLines = onLines((lines, at) => void lines.splice(at, 2, `${lines[at] ?? ''}${lines[at + 1] ?? ''}`));
const truncate =
  (place: number): Mutation =>
  (text) =>
    text.slice(0, Math.floor(place * text.length));

const atCharacter =
  (change: (character: string) => string) =>
  (place: number): Mutation =>
  (text) => {
    const at = Math.floor(place * text.length);
    return text.slice(0, at) + change(text[at] ?? '') + text.slice(at + 1);
  };

export const deleteCharacter = atCharacter(() => '');
const mangleCharacter = (noise: string) => atCharacter(() => noise);
export const insertNoise = (noise: string) => atCharacter((character) => noise + character);

/** Words, numbers and quoted texts of the file: what a mistake turns into something of another type. */
const scalarPattern = /"[^"\n]*"|[\w.$-]+/g;

export const retype =
  (value: string) =>
  (place: number): Mutation =>
  (text) => {
    const scalars = [...text.matchAll(scalarPattern)];
    const chosen = scalars[Math.floor(place * scalars.length)];
    if (chosen === undefined) return text;
    return text.slice(0, chosen.index) + value + text.slice(chosen.index + chosen[0].length);
  };

const otherValue = fc.constantFrom(
  '',
  '~',
  'true',
  '0',
  '-1',
  '1e9',
  '1e999',
  '.nan',
  '0x10',
  '99999999999999999999999',
  '0.1234567890123456789',
  '""',
  "''",
  '[]',
  '{}',
  '[[]]',
  '{a: b}',
  '*a',
  '&a x',
  '!!binary aa',
  '|',
  '>',
  '"\\x"',
  '2027-02-30',
  'null',
  '__proto__',
  'constructor',
  '"${env:NOBODY}"',
  '"${file:/none}"',
  'http://[',
  'https://a.example',
  'x'.repeat(300),
  'é',
  '\u0000',
  '\ud800',
  '<<',
  '?',
  '-',
  '%',
  '@',
  '`',
  '...',
  '---',
);

const noise = fc.oneof(
  fc.constantFrom(...'{}[],:#&*!|>\'"%@`-? \t\n\r\u0000\ufeff\u2028'.split('')),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

const kinds: fc.Arbitrary<(place: number) => Mutation> = fc.oneof(
  fc.constantFrom(deleteLine, repeatLine, swapLines, indentLine, tabLine, joinLines, truncate, deleteCharacter),
  otherValue.map(retype),
  noise.map(mangleCharacter),
  noise.map(insertNoise),
);

/** Of a double between two bounds nearly all samples are next to the lower one. */
export const place = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((millionths) => millionths / 1e6);

/** A text with up to three mistakes in it, each of one of these kinds. */
export const mutantOf = (text: string, kindsOfMistakes = kinds): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(kindsOfMistakes, place).map(([kind, at]) => kind(at)),
      { minLength: 1, maxLength: 3 },
    )
    .map((mutations) => mutations.reduce((mutated, mutate) => mutate(mutated), text));
