import { expect, test } from 'vitest';
import { type ClaimsInput, claimFindings } from './claims.ts';
import { plainTests } from './claims/plainTests.ts';
import type { TestRun } from './testResults.ts';

const readme = `# Archipel

- not a claim

## What it does today

- Fails over before the first token,
  unseen by the client. [C1]
- Books each attempt once. [C2] [C3]

### Details

1. Starts without a database of yours. [C4]

## What it does not do

- Cook.
`;

const table = `# Claims

| claim | command | test |
| --- | --- | --- |
| C1: fails over | \`npm start\` | \`test/failover.test.ts\` › failover › moves on unseen |
| C2: books once | \`npm run --silent archipel -- usage\` | test/ledger.test.ts › books each attempt once |
| C3: after a kill \\| too | npm test | test/ledger.test.ts › keeps all after a kill |
| C4: starts alone | npm test -- test/start.test.ts | test/failover.test.ts › starts |
`;

const files: Record<string, string> = {
  'README.md': readme,
  'docs/claims.md': table,
  'test/failover.test.ts':
    "describe('failover', () => {\n  test.skipIf(none)('moves on unseen', async () => {});\n});\nit('starts', () => {});\n",
  'test/ledger.test.ts':
    "test('books each attempt once', () => {});\ndescribe('spool', () => {\n  test(`keeps all after a kill`, () => {});\n});\n",
};

const run = (file: string, status: TestRun['status'], ...titles: string[]): TestRun => ({ file, titles, status });

const allPassed: readonly TestRun[] = [
  run('test/failover.test.ts', 'passed', 'failover', 'moves on unseen'),
  run('test/failover.test.ts', 'passed', 'starts'),
  run('test/ledger.test.ts', 'passed', 'books each attempt once'),
  run('test/ledger.test.ts', 'passed', 'spool', 'keeps all after a kill'),
];

const judge = (changed: Record<string, string | null>, runs: ClaimsInput['runs'] = allPassed): string[] =>
  claimFindings({
    read: (path) => (path in changed ? (changed[path] ?? null) : (files[path] ?? null)),
    scripts: ['start', 'test', 'archipel'],
    runs,
  }).map(({ file, line, rule, what }) => `${file}:${line} ${rule}: ${what}`);

test('claims that are listed, exist and passed are fine, with results and without', () => {
  expect(judge({})).toEqual([]);
  expect(judge({}, null)).toEqual([]);
});

test('a claim of the README without an id or without a row is found', () => {
  expect(judge({ 'README.md': readme.replace(' [C1]', '') })).toEqual([
    'README.md:7 claim-id: a claim without an id',
    'docs/claims.md:5 claim-row: C1 is claimed nowhere in README.md',
  ]);
  expect(judge({ 'README.md': readme.replace('[C2]', '[C2] [C9]') })).toEqual([
    'README.md:9 claim-row: C9 has no row in docs/claims.md',
  ]);
});

test('a claim whose file or test is not there is found', () => {
  expect(judge({ 'test/ledger.test.ts': null })).toEqual([
    'docs/claims.md:6 claim-test: C2: test/ledger.test.ts does not exist',
    'docs/claims.md:7 claim-test: C3: test/ledger.test.ts does not exist',
  ]);
  expect(judge({ 'docs/claims.md': table.replace('› starts', '› starts quickly') })).toEqual([
    'docs/claims.md:8 claim-test: C4: no test "starts quickly" in test/failover.test.ts',
  ]);
  expect(judge({ 'docs/claims.md': table.replace(' › starts', '') })).toEqual([
    'docs/claims.md:8 claim-test: C4: names no test',
  ]);
});

test('a name that two tests bear proves nothing', () => {
  const twice = "describe('a', () => it('starts', () => {}));\ndescribe('b', () => it('starts', () => {}));\n";
  expect(judge({ 'test/failover.test.ts': `${files['test/failover.test.ts']}${twice}` })).toEqual([
    'docs/claims.md:8 claim-test: C4: "starts" are 3 tests in test/failover.test.ts',
  ]);
});

test.each(['failed', 'skipped'] as const)('a claim whose test %s is no claim', (status) => {
  const runs = allPassed.map((one) => (one.titles.includes('starts') ? { ...one, status } : one));
  expect(judge({}, runs)).toEqual([`docs/claims.md:8 claim-test: C4: its test ${status}`]);
});

test('a claim whose test did not run is no claim', () => {
  expect(judge({}, allPassed.slice(1))).toEqual(['docs/claims.md:5 claim-test: C1: its test did not run']);
});

test('a command must be there, and its npm script too', () => {
  expect(judge({ 'docs/claims.md': table.replace('`npm start`', ' ').replace('archipel --', 'harbour --') })).toEqual([
    'docs/claims.md:5 claim-command: C1 names no command',
    'docs/claims.md:6 claim-command: C2: package.json has no script "harbour"',
  ]);
});

test('missing files and a README that claims nothing are found', () => {
  expect(judge({ 'README.md': null, 'docs/claims.md': null })).toEqual([
    'README.md:1 claim-file: there is no such file',
    'docs/claims.md:1 claim-file: there is no such file',
  ]);
  expect(judge({ 'README.md': '# Archipel\n', 'docs/claims.md': '# Claims\n' })).toEqual([
    'README.md:1 claim-file: claims nothing under "What it does today"',
  ]);
});

test('parametrised tests and computed names are no plain tests', () => {
  expect(
    plainTests("test.each([1])('n %i', () => {});\ntest(`a ${b}`, () => {});\ntest.for([1])('x', () => {});\n"),
  ).toEqual([]);
  expect(plainTests("describe.skipIf(x)('a', () => {\n  test.concurrent('b', () => {});\n});\n")).toEqual([['a', 'b']]);
});
