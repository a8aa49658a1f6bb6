import { defineConfig } from 'vitest/config';

// `npm test`: at most five minutes, nothing but the clone.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/**/*.ci.test.ts', 'test/**/*.long.test.ts', 'node_modules/**', 'dist/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
