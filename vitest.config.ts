import { defineConfig } from 'vitest/config';

// `npm test`: at most five minutes, nothing but the clone.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/**/*.ci.test.ts', 'test/**/*.long.test.ts', 'node_modules/**', 'dist/**'],
    pool: 'forks',
    // Where a run looks for secrets in all that was written (tools/scanCanaries.ts).
    setupFiles: process.env['ARCHIPEL_CANARIES'] ? ['test/rigs/canaries/keepErrors.ts'] : [],
    // By itself it leaves one core free; most tests wait more than they compute.
    maxWorkers: 2,
    allowOnly: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
