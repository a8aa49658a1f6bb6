import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { plantTree } from './testing/plantTree.ts';

const root = resolve(import.meta.dirname, '..');
const ours = (path: string): [string, string] => [path, readFileSync(join(root, path), 'utf8')];

const report = (...statuses: string[]): string =>
  JSON.stringify({
    testResults: [
      {
        name: 'a.test.ts',
        status: statuses.includes('failed') ? 'failed' : 'passed',
        assertionResults: statuses.map((status, index) => ({ ancestorTitles: [], title: `${index}`, status })),
      },
    ],
  });

/** How each part of the planted run ends; what is not named goes well. */
interface Plan {
  readonly install?: number;
  readonly check?: number;
  readonly canaries?: number;
  readonly claims?: number;
  readonly freshClone?: number;
  /** A suite's report (null: none is written) and exit code. */
  readonly unit?: readonly [report: string | null, code: number];
  readonly ci?: readonly [report: string | null, code: number];
}

/** An npm of a few lines: installs nothing, and writes the planned report of a suite where it is asked to. */
const plannedNpm = ({
  install = 0,
  unit = [report('passed'), 0],
  ci = [report('passed', 'passed'), 0],
}: Plan): string => `#!/bin/bash
[[ $1 == ci ]] && exit ${install}
for argument in "$@"; do
  case $argument in --outputFile.json=*) file="\${argument#*=}" ;; esac
done
case $3 in
  test) ${unit[0] === null ? ':' : `printf '%s' '${unit[0]}' > "$file"`}; exit ${unit[1]} ;;
  test:ci) ${ci[0] === null ? ':' : `printf '%s' '${ci[0]}' > "$file"`}; exit ${ci[1]} ;;
esac
exit 99
`;

/** Runs our .ci/run over planted parts. */
const runCi = (plan: Plan): { last: string; code: number | null; output: string } => {
  const exits = (code = 0): string => `process.exitCode = ${code};\n`;
  using tree = plantTree({
    ...Object.fromEntries([ours('.ci/run'), ours('tools/tally.ts'), ours('tools/testResults.ts')]),
    'package.json': '{"type":"module"}',
    'tools/check.ts': exits(plan.check),
    'tools/scanCanaries.ts': exits(plan.canaries),
    'tools/claims.ts': exits(plan.claims),
    'tools/freshClone.ts': exits(plan.freshClone),
    'bin/npm': plannedNpm(plan),
    // No package is installed by a test.
    'bin/dpkg': '#!/bin/bash\nexit 0\n',
  });
  for (const name of ['bin/npm', 'bin/dpkg', '.ci/run']) chmodSync(join(tree.root, name), 0o755);
  // The planted npm is found first: node_modules/.bin, which the run puts before it, has none.
  const { stdout, status } = spawnSync('bash', ['.ci/run'], {
    cwd: tree.root,
    encoding: 'utf8',
    env: { PATH: `${join(tree.root, 'bin')}${delimiter}${process.env['PATH']}`, HOME: process.env['HOME'] },
    timeout: 60_000,
  });
  return { last: stdout.trimEnd().split('\n').at(-1) ?? '', code: status, output: stdout };
};

test('a run in which all goes well ends with the sum and 0', () => {
  const { last, code, output } = runCi({});
  expect([last, code]).toEqual(['3 passed, 0 failed', 0]);
  expect(output).toMatch(/^-- unit tests: \d+\.\d min, ok$/m);
  expect(output).toMatch(/^-- CI tests: \d+\.\d min, ok$/m);
}, 60_000);

test.each<[string, Plan, string]>([
  ['the installation', { install: 1 }, '0 passed, 1 failed'],
  ['a check', { check: 1 }, '3 passed, 1 failed'],
  ['a secret that was written somewhere', { canaries: 1 }, '3 passed, 1 failed'],
  ['the claims', { claims: 1 }, '3 passed, 1 failed'],
  ['the fresh clone', { freshClone: 1 }, '3 passed, 1 failed'],
  ['a unit test', { unit: [report('passed', 'failed'), 1] }, '3 passed, 1 failed'],
  ['a CI test', { ci: [report('failed'), 1] }, '1 passed, 1 failed'],
  ['a suite without a report', { ci: [null, 1] }, '1 passed, 1 failed'],
  ['a suite without tests', { ci: [report(), 0] }, '1 passed, 1 failed'],
  ['a suite that skips', { ci: [report('passed', 'skipped'), 0] }, '2 passed, 1 failed'],
  ['a suite that ends badly although its tests passed', { unit: [report('passed'), 1] }, '3 passed, 1 failed'],
])(
  'a run fails with %s',
  (_, plan, expected) => {
    const { last, code } = runCi(plan);
    expect([last, code]).toEqual([expected, 1]);
  },
  60_000,
);
