import { defineConfig } from 'vitest/config';

/** Suites that mostly wait, and judge nothing by how fast somebody was: two of them run at a time. All others have the machine to themselves. */
const besideOthers = [
  'access',
  'addVendor',
  'badInput',
  'canaries',
  'commandLine',
  'configuration',
  'conformance',
  'drain',
  'drills',
  'EvilVendor',
  'exampleJobs',
  'fidelity',
  'forbiddenAddresses',
  'jobs',
  'ledger',
  'libraries',
  'mutatedRecordings',
  'oldestNode',
  'operator',
  'passthrough',
  'plan',
  'planExamples',
  'planReport',
  'planTrack',
  'rawHttp',
  'replicas',
  'reconcile',
  'seams',
  'storedResponses',
  'toolRuns',
  'trainServeUse',
  'vertex',
].map((name) => `test/**/${name}.ci.test.ts`);

// The forms that need more time or services: `.ci/run` calls them after `npm test`.
export default defineConfig({
  test: {
    pool: 'forks',
    // Where a run looks for secrets in all that was written (tools/scanCanaries.ts).
    setupFiles: process.env['ARCHIPEL_CANARIES'] ? ['test/rigs/canaries/keepErrors.ts'] : [],
    allowOnly: false,
    // A test that asserts nothing cannot fail.
    expect: { requireAssertions: true },
    // The longest takes half of it: one that hangs leaves time for all others.
    testTimeout: 240_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'beside', include: besideOthers, sequence: { groupOrder: 1 } } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['test/**/*.ci.test.ts', 'sim/**/*.ci.test.ts'],
          exclude: besideOthers,
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
