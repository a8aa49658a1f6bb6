import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { z } from 'zod';

/** What we read of vitest's JSON report; the rest may change as it likes. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

/** One test and how it ended. */
export interface TestRun {
  /** Path from the root. */
  readonly file: string;
  /** Titles of its describe blocks, then its own. */
  readonly titles: readonly string[];
  readonly status: 'passed' | 'failed' | 'skipped';
}

export interface TestResults {
  readonly runs: readonly TestRun[];
  /** Files that failed as a whole (an import, a hook) although none of their tests did. */
  readonly brokenFiles: readonly string[];
}

/** "pending", "todo" and "disabled" are other words for a test that did not run. */
const statusOf = (status: string): TestRun['status'] =>
  status === 'passed' || status === 'failed' ? status : 'skipped';

/** Reads a report of vitest's json reporter. @throws where it is none. */
export const parseTestResults = (text: string, root: string): TestResults => {
  const { testResults } = reportSchema.parse(JSON.parse(text));
  const runs = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => ({
      file: relative(root, name).replaceAll('\\', '/'),
      titles: [...ancestorTitles, title],
      status: statusOf(status),
    })),
  );
  const brokenFiles = testResults
    .filter(
      ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
    )
    .map(({ name }) => relative(root, name).replaceAll('\\', '/'));
  return { runs, brokenFiles };
};

/** Reads a report from disk. @throws where the file is missing or is no report. */
export const readTestResults = (path: string, root: string): TestResults =>
  parseTestResults(readFileSync(path, 'utf8'), root);
