import { defineConfig } from 'vitest/config';

// The forms that need more time or services: `.ci/run` calls them after `npm test`.
export default defineConfig({
  test: {
    include: ['test/**/*.ci.test.ts'],
    pool: 'forks',
    allowOnly: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
