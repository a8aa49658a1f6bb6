import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deleteCharacter, insertNoise, mutantOf, place, retype } from '../../test/rigs/mutantOf.ts';
import { loadConfiguration } from './loadConfiguration.ts';

const reference = readFileSync(new URL('../../examples/reference.yaml', import.meta.url), 'utf8');

const canary = 'canary-61c7e0';

/** Every secret that the file asks for has the canary as its value. */
const env = Object.fromEntries([...reference.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, canary]));

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
      fc.property(mutantOf(reference), (text) => {
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
      { numRuns: 100 },
    );
    // Both halves were met, or the mutants prove nothing.
    expect(valid).toBeGreaterThan(3);
    expect(refused).toBeGreaterThan(20);
  });

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
      { numRuns: 15 },
    );
    expect(looked).toBeGreaterThan(20);
  });
});
