// `node tools/tally.ts [--failed-step NAME]... REPORT...`: sums the reports of all suites into the last line of a CI run.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readTestResults, type TestResults, type TestRun } from './testResults.ts';

/** The report of one suite: its path, and its results where it could be read. */
export interface SuiteReport {
  readonly path: string;
  readonly results: TestResults | null;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Why, one line each. */
  readonly notes: readonly string[];
}

const count = (runs: readonly TestRun[], status: TestRun['status']): number =>
  runs.filter((run) => run.status === status).length;

const named = ({ file, titles }: TestRun): string => [file, ...titles].join(' › ');

/** A suite that ran nothing proved nothing: it counts as one failure. In CI a skipped test is one too: its service is missing. */
const suiteTally = ({ path, results }: SuiteReport, skipsFail: boolean): Tally => {
  if (!results) return { passed: 0, failed: 1, notes: [`${path}: no report, so the suite did not come to its end`] };
  const { runs, brokenFiles } = results;
  const skipped = runs.filter((run) => run.status === 'skipped');
  const idle = runs.length === skipped.length;
  return {
    passed: count(runs, 'passed'),
    failed: count(runs, 'failed') + brokenFiles.length + (skipsFail ? skipped.length : 0) + (idle ? 1 : 0),
    notes: [
      ...runs.filter((run) => run.status === 'failed').map((run) => `failed: ${named(run)}`),
      ...brokenFiles.map((file) => `failed as a whole: ${file}`),
      ...skipped.map((run) => `${skipsFail ? 'failed, skipped in CI' : 'skipped'}: ${named(run)}`),
      ...(idle ? [`${path}: no test was run`] : []),
    ],
  };
};

/**
 * Sums suites and other steps.
 * @param failedSteps names of steps that are no suites, or suites that ended badly for another reason than a test.
 * @param skipsFail whether a skipped test counts as failed.
 */
export const tally = (suites: readonly SuiteReport[], failedSteps: readonly string[], skipsFail: boolean): Tally => {
  const parts = suites.map((suite) => suiteTally(suite, skipsFail));
  const nothing = suites.length === 0 ? ['no suite was run'] : [];
  return {
    passed: parts.reduce((sum, part) => sum + part.passed, 0),
    failed: parts.reduce((sum, part) => sum + part.failed, 0) + failedSteps.length + nothing.length,
    notes: [...parts.flatMap((part) => part.notes), ...failedSteps.map((step) => `failed step: ${step}`), ...nothing],
  };
};

const readSuite = (path: string, root: string): SuiteReport => {
  try {
    return { path, results: readTestResults(path, root) };
  } catch {
    return { path, results: null };
  }
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'failed-step': { type: 'string', multiple: true, default: [] } },
  });
  const root = resolve(import.meta.dirname, '..');
  const suites = positionals.map((path) => readSuite(path, root));
  const { passed, failed, notes } = tally(suites, values['failed-step'], process.env['CI'] === 'true');
  for (const note of notes) console.log(note);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}
