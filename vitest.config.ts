import { defineConfig } from 'vitest/config';

/** Rooms whose tests leave nothing behind in their process: many files share one, for a process a file costs more than most of them take. */
const together = [
  'kernel',
  'vocabulary',
  'config',
  'access',
  'wire',
  'market',
  'contracts',
  'router',
  'ledger',
  'providers',
  'planner',
  'gateway',
].map((room) => `src/${room}/**/*.test.ts`);

// `npm test`: at most five minutes, nothing but the clone.
export default defineConfig({
  test: {
    pool: 'forks',
    // Where a run looks for secrets in all that was written (tools/scanCanaries.ts).
    setupFiles: process.env['ARCHIPEL_CANARIES'] ? ['test/rigs/canaries/keepErrors.ts'] : [],
    // By itself it leaves one core free; most tests wait more than they compute.
    maxWorkers: 2,
    allowOnly: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // No test is judged by how fast it is: this ends what hangs.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'together', include: together, isolate: false } },
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts', 'sim/**/*.test.ts'],
          exclude: [
            ...together,
            '{test,sim}/**/*.ci.test.ts',
            '{test,sim}/**/*.long.test.ts',
            'node_modules/**',
            'dist/**',
          ],
        },
      },
    ],
  },
});
