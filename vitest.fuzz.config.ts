import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const counted = resolve(import.meta.dirname, 'test/rigs/fuzz/countedFastCheck.ts');

/** What computes plans or runs databases and processes: their cases are worlds of their own, not bytes. */
const leftOut =
  /^src\/(?:planner\/(?:search|model|recourse|answers|linear)|store\/database|placement\/executors\/local\/Local)/;

// The properties of all parsers and state machines with many times their cases: test/e2e/fuzz.long.test.ts runs this and counts.
export default defineConfig({
  plugins: [
    {
      name: 'counted-fast-check',
      enforce: 'pre',
      resolveId: (source, importer) => (source === 'fast-check' && importer !== counted ? counted : null),
    },
  ],
  test: {
    include: globSync('src/**/*.test.ts', { cwd: import.meta.dirname }).filter(
      (path) =>
        !leftOut.test(path) && readFileSync(resolve(import.meta.dirname, path), 'utf8').includes("'fast-check'"),
    ),
    pool: 'forks',
    maxWorkers: 2,
    allowOnly: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
