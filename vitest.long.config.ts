import { defineConfig } from 'vitest/config';

// `npm run test:long`: full figures, run by hand; results are kept as JSON lines with commit and seed.
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts', 'sim/**/*.long.test.ts'],
    pool: 'forks',
    // What is kept can only be weighed after a collection.
    execArgv: ['--expose-gc'],
    allowOnly: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    fileParallelism: false,
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
