import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadConfiguration } from './loadConfiguration.ts';

const reference = readFileSync(new URL('../../examples/reference.yaml', import.meta.url), 'utf8');

const canary = 'canary-61c7e0';

/** Every secret that the file asks for has the canary as its value. */
const env = Object.fromEntries([...reference.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, canary]));

type Mutation = (text: string) => string;

const onLines =
  (change: (lines: string[], at: number) => void) =>
  (place: number): Mutation =>
  (text) => {
    const lines = text.split('\n');
    change(lines, Math.floor(place * lines.length));
    return lines.join('\n');
  };

const deleteLine = onLines((lines, at) => void lines.splice(at, 1));
const repeatLine = onLines((lines, at) => void lines.splice(at, 0, lines[at] ?? ''));
const swapLines = onLines((lines, at) => void lines.splice(at, 2, lines[at + 1] ?? '', lines[at] ?? ''));
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

const deleteCharacter = atCharacter(() => '');
const mangleCharacter = (noise: string) => atCharacter(() => noise);
const insertNoise = (noise: string) => atCharacter((character) => noise + character);

/** Words, numbers and quoted texts of the file: what a mistake turns into something of another type. */
const scalarPattern = /"[^"\n]*"|[\w.$-]+/g;

const retype =
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
const place = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((millionths) => millionths / 1e6);

const mutation = fc.tuple(kinds, place).map(([kind, at]) => kind(at));

const mutant = fc
  .array(mutation, { minLength: 1, maxLength: 3 })
  .map((mutations) => mutations.reduce((text, mutate) => mutate(text), reference));

/** Names are there to be shown: who writes a secret as part of one has published it. */
const isInName = new RegExp(`${canary}[\\w.-]*["']?\\s*:|(?:name|id):\\s*["']?[\\w.-]*${canary}`);

const load = (text: string) =>
  loadConfiguration(
    { text, file: 'f.yaml' },
    {
      env,
      readFile: () => {
        throw Object.assign(new Error(canary), { code: 'ENOENT' });
      },
      known: { wires: ['openai', 'anthropic', 'bedrock'], nowMs: Date.UTC(2026, 0, 15) },
    },
  );

describe('mutants of the reference file', () => {
  test('load whole, or end in faults that stand inside the file; nothing is thrown and no secret shown', () => {
    let valid = 0;
    let refused = 0;
    fc.assert(
      fc.property(mutant, (text) => {
        const result = load(text);
        if (result.ok) {
          valid += 1;
          expect(result.value.configuration.version).toBe(1);
          return;
        }
        refused += 1;
        expect(result.fault.length).toBeGreaterThan(0);
        const lines = text.split('\n');
        for (const { file, line, column, what, mend } of result.fault) {
          expect(file).toBe('f.yaml');
          expect(Number.isInteger(line) && Number.isInteger(column)).toBe(true);
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(what.length).toBeGreaterThan(0);
          expect(mend.length).toBeGreaterThan(0);
          expect(what + mend).not.toContain('Invalid input');
          expect(what + mend).not.toContain(canary);
        }
      }),
      { numRuns: 2_000 },
    );
    // Both halves were met, or the mutants prove nothing.
    expect(valid).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(500);
  }, 120_000);

  test('a secret that slips into any place of the file is never shown', () => {
    let looked = 0;
    fc.assert(
      fc.property(place, place, (at, also) => {
        const texts = [
          retype(canary)(at)(reference),
          insertNoise(canary)(at)(reference),
          deleteCharacter(also)(retype(canary)(at)(reference)),
        ];
        for (const text of texts.filter((one) => !isInName.test(one))) {
          looked += 1;
          const result = load(text);
          const said = result.ok ? [] : result.fault;
          expect(JSON.stringify(said)).not.toContain(canary);
        }
      }),
      { numRuns: 200 },
    );
    expect(looked).toBeGreaterThan(300);
  }, 120_000);
});
