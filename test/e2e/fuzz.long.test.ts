import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import type { CountedProperty } from '../rigs/fuzz/countedFastCheck.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { removeFolder, temporaryFolder } from '../rigs/startServer.ts';

const repository = join(import.meta.dirname, '../..');
const seed = seedOf('fuzz.long');
const casesMin = 1_000_000;
/** Longest time of one property; there are about three hundred, two at a time. */
const propertyMs = Number(process.env['ARCHIPEL_FUZZ_MS'] ?? 4_000);

const folder = temporaryFolder();
afterAll(() => removeFolder(folder));

test('a million cases stop, mislead or crash no parser and no state machine [G18]', async () => {
  const counts = join(folder, 'counts.jsonl');
  const startedMs = performance.now();
  const runner = join(repository, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [runner, 'run', '--config', 'vitest.fuzz.config.ts', '--reporter=dot'], {
    cwd: repository,
    env: {
      ...process.env,
      ARCHIPEL_FUZZ_COUNTS: counts,
      ARCHIPEL_FUZZ_SEED: String(seed),
      ARCHIPEL_FUZZ_FACTOR: '10000',
      ARCHIPEL_FUZZ_MS: String(propertyMs),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const properties = readFileSync(counts, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): CountedProperty => JSON.parse(line));
  const casesByFile: Record<string, number> = {};
  for (const { file, cases } of properties) {
    const name = relative(join(repository, 'src'), file).replace('.test.ts', '');
    casesByFile[name] = (casesByFile[name] ?? 0) + cases;
  }
  const cases = properties.reduce((sum, property) => sum + property.cases, 0);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  keepResult('fuzz', seed, { cases, properties: properties.length, seconds, casesByFile });
  expect(code, `ARCHIPEL_SEED=${seed}`).toBe(0);
  expect(cases).toBeGreaterThanOrEqual(casesMin);
});
