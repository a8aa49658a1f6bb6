import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { tally } from './tally.ts';
import { parseTestResults, readTestResults } from './testResults.ts';
import { plantTree } from './testing/plantTree.ts';

const report = (...statuses: string[]): string =>
  JSON.stringify({
    testResults: [
      {
        name: '/root/src/a.test.ts',
        status: statuses.includes('failed') ? 'failed' : 'passed',
        assertionResults: statuses.map((status, index) => ({ ancestorTitles: ['a'], title: `${index}`, status })),
      },
    ],
  });
const suite = (...statuses: string[]) => ({ path: 'a.json', results: parseTestResults(report(...statuses), '/root') });

test('suites are summed, and each failure is named', () => {
  expect(tally([suite('passed', 'passed'), suite('passed', 'failed')], [], true)).toEqual({
    passed: 3,
    failed: 1,
    notes: ['failed: src/a.test.ts › a › 1'],
  });
});

test('a skipped test is a failure in CI, and is told elsewhere', () => {
  expect(tally([suite('passed', 'skipped', 'todo')], [], true)).toMatchObject({ passed: 1, failed: 2 });
  const { failed, notes } = tally([suite('passed', 'pending')], [], false);
  expect(failed).toBe(0);
  expect(notes).toEqual(['skipped: src/a.test.ts › a › 1']);
});

test('a suite without a report, without tests or with skipped tests only is a failure', () => {
  expect(tally([{ path: 'a.json', results: null }], [], false).failed).toBe(1);
  expect(tally([suite()], [], false).failed).toBe(1);
  expect(tally([suite('skipped')], [], false).failed).toBe(1);
  expect(tally([], [], false).failed).toBe(1);
});

test('a step that is no suite counts as one failure', () => {
  expect(tally([suite('passed')], ['lint'], true)).toEqual({ passed: 1, failed: 1, notes: ['failed step: lint'] });
});

test('what vitest really writes is read: a broken file, a failed hook, a failed and a skipped test', () => {
  using tree = plantTree({
    'package.json': '{"type":"module"}',
    'broken.test.ts': "throw new Error('at import');\n",
    'hook.test.ts':
      "import { afterAll, test } from 'vitest';\nafterAll(() => {\n  throw new Error('hook');\n});\ntest('fine', () => {});\n",
    'mixed.test.ts':
      "import { describe, expect, test } from 'vitest';\ndescribe('group', () => {\n  test('good', () => {});\n  test('bad', () => expect(1).toBe(2));\n  test.skipIf(true)('left out', () => {});\n});\n",
  });
  const vitest = resolve(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const path = join(tree.root, 'report.json');
  spawnSync(process.execPath, [vitest, 'run', '--root', tree.root, '--reporter=json', `--outputFile=${path}`], {
    env: { PATH: process.env['PATH'] },
    timeout: 60_000,
  });
  expect(existsSync(path)).toBe(true);
  const results = readTestResults(path, tree.root);
  expect(results.brokenFiles.toSorted()).toEqual(['broken.test.ts', 'hook.test.ts']);
  expect(results.runs.map(({ file, titles, status }) => [file, ...titles, status].join(' › ')).toSorted()).toEqual([
    'hook.test.ts › fine › passed',
    'mixed.test.ts › group › bad › failed',
    'mixed.test.ts › group › good › passed',
    'mixed.test.ts › group › left out › skipped',
  ]);
  expect(tally([{ path, results }], [], true)).toMatchObject({ passed: 2, failed: 4 });
}, 90_000);

test('the last line of the command is the sum, alone, and its exit code tells', () => {
  using tree = plantTree({ 'good.json': report('passed', 'passed'), 'bad.json': report('failed') });
  const command = resolve(import.meta.dirname, 'tally.ts');
  const good = execFileSync(process.execPath, [command, join(tree.root, 'good.json')], { encoding: 'utf8' });
  expect(good.trimEnd().split('\n').at(-1)).toBe('2 passed, 0 failed');
  const bad = spawnSync(
    process.execPath,
    [command, '--failed-step', 'lint', join(tree.root, 'good.json'), join(tree.root, 'bad.json')],
    { encoding: 'utf8' },
  );
  expect(bad.stdout.trimEnd().split('\n').at(-1)).toBe('2 passed, 2 failed');
  expect(bad.status).toBe(1);
  const missing = spawnSync(process.execPath, [command, join(tree.root, 'none.json')], { encoding: 'utf8' });
  expect([missing.stdout.trimEnd().split('\n').at(-1), missing.status]).toEqual(['0 passed, 1 failed', 1]);
});
