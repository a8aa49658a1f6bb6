import { defineConfig } from 'vitest/config';

// The forms that need more time or services: `.ci/run` calls them after `npm test`.
export default defineConfig({
  test: {
    include: ['test/**/*.ci.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
