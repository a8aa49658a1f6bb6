// A million recorded answers of every wire with random bytes changed: none crashes, hangs or leaks (mutatedRecordings.ci.test.ts has fewer).
import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { playMutants, subjects } from '../rigs/playMutants.ts';

const seed = seedOf('mutatedRecordings.long');
const mutants = 1_000_000;
/** They are played in parts, after each of which what is kept is weighed. */
const parts = 5;
/** What may be kept beyond the first part, of a million answers. */
const grownMibMax = 16;

const keptMib = (): number => {
  if (globalThis.gc === undefined) throw new Error('run by vitest.long.config.ts, which exposes the collector');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
};

test('a million mutants crash nothing, hang nothing, leak nothing', () => {
  const mutantsOfWire = mutants / parts / subjects.length;
  const ends: Record<string, number> = {};
  const kept: number[] = [];
  let slowestMs = 0;
  const startedMs = performance.now();
  for (let part = 0; part < parts; part++) {
    for (const subject of subjects) {
      const played = playMutants(subject, mutantsOfWire, seed + part);
      slowestMs = Math.max(slowestMs, played.slowestMs);
      for (const [end, count] of played.ends) ends[end] = (ends[end] ?? 0) + count;
    }
    kept.push(keptMib());
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  const grownMib = Math.max(...kept) - kept[0]!;
  keepResult('mutatedRecordings', seed, {
    mutants,
    seconds,
    slowestMs: Math.round(slowestMs),
    grownMib: Math.round(grownMib * 10) / 10,
    ends,
  });
  expect(Object.values(ends).reduce((sum, count) => sum + count, 0)).toBe(mutants);
  expect(grownMib, `ARCHIPEL_SEED=${seed}`).toBeLessThan(grownMibMax);
});
