// `node tools/claims.ts [REPORT...]`: what README.md says the program does today is proven by tests that passed.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { plainTests } from './claims/plainTests.ts';
import { type Claim, claimRows, readmeClaims } from './claims/readClaims.ts';
import { type Finding, reportFindings } from './Finding.ts';
import { readTestResults, type TestRun } from './testResults.ts';

const readmePath = 'README.md';
const tablePath = 'docs/claims.md';

export interface ClaimsInput {
  /** Text of a file from the root, null where there is none. */
  read(path: string): string | null;
  /** Names of package.json's scripts. */
  readonly scripts: readonly string[];
  /** What ran, or null where only the table is checked. */
  readonly runs: readonly TestRun[] | null;
}

const separator = ' › ';

const fault = (file: string, line: number, rule: string, what: string, cure: string): Finding => ({
  file,
  line,
  rule,
  what,
  cure,
});

/** README and table name the same claims. */
const agreement = (made: readonly Claim[], rows: readonly Claim[], undone: readonly number[]): Finding[] => {
  const cure = `keep one line in ${readmePath} and one row in ${tablePath} for each claim, under one id such as [C3]`;
  const unproven = made.filter(({ id }) => !rows.some((row) => row.id === id));
  const unmade = rows.filter(({ id }) => !made.some((claim) => claim.id === id));
  return [
    ...undone.map((line) => fault(readmePath, line, 'claim-id', 'a claim without an id', cure)),
    ...unproven.map(({ id, line }) => fault(readmePath, line, 'claim-row', `${id} has no row in ${tablePath}`, cure)),
    ...unmade.map(({ id, line }) =>
      fault(tablePath, line, 'claim-row', `${id} is claimed nowhere in ${readmePath}`, cure),
    ),
  ];
};

/** npm scripts that a command names, "npm run archipel" or "npm test". */
const scriptsOf = (command: string): string[] =>
  [...command.matchAll(/\bnpm (?:(?:--?[\w-]+ )*(?:run|run-script) (?:--?[\w-]+ )*([\w:-]+)|(start|test)\b)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );

const commandFindings = (row: Claim, input: ClaimsInput): Finding[] => {
  const cure = 'write the command with which a reader can see it';
  if (row.command === '') return [fault(tablePath, row.line, 'claim-command', `${row.id} names no command`, cure)];
  return scriptsOf(row.command)
    .filter((script) => !input.scripts.includes(script))
    .map((script) =>
      fault(tablePath, row.line, 'claim-command', `${row.id}: package.json has no script "${script}"`, cure),
    );
};

const endsWith = (titles: readonly string[], tail: readonly string[]): boolean =>
  titles.length >= tail.length && tail.every((title, index) => titles[titles.length - tail.length + index] === title);

const testFindings = (row: Claim, input: ClaimsInput): Finding[] => {
  const at = (what: string, cure: string): Finding[] => [
    fault(tablePath, row.line, 'claim-test', `${row.id}: ${what}`, cure),
  ];
  const [file = '', ...tail] = row.test.split(separator);
  if (tail.length === 0) return at('names no test', `write path${separator}name of the test`);
  const text = input.read(file);
  if (text === null) return at(`${file} does not exist`, 'name the file from the root of the repository');
  const matching = plainTests(text).filter((titles) => endsWith(titles, tail));
  if (matching.length === 0)
    return at(
      `no test "${tail.join(separator)}" in ${file}`,
      'copy the name as it is written in test(...); a parametrised test is none',
    );
  if (matching.length > 1)
    return at(
      `"${tail.join(separator)}" are ${matching.length} tests in ${file}`,
      'write the titles of its describe blocks before it',
    );
  if (!input.runs) return [];
  const run = input.runs.find((one) => one.file === file && endsWith(one.titles, tail));
  if (run?.status === 'passed') return [];
  return at(`its test ${run ? run.status : 'did not run'}`, 'mend the program, or take the claim out of README.md');
};

/** Everything that is wrong with the claims. */
export const claimFindings = (input: ClaimsInput): Finding[] => {
  const readme = input.read(readmePath);
  const table = input.read(tablePath);
  const missing = [...(readme === null ? [readmePath] : []), ...(table === null ? [tablePath] : [])];
  if (readme === null || table === null)
    return missing.map((path) =>
      fault(path, 1, 'claim-file', 'there is no such file', 'write it: CONTRIBUTING.md says how'),
    );
  const { claims, withoutId } = readmeClaims(readme);
  const rows = claimRows(table);
  const none =
    claims.length === 0
      ? [fault(readmePath, 1, 'claim-file', 'claims nothing under "What it does today"', 'list what it does')]
      : [];
  return [
    ...none,
    ...agreement(claims, rows, withoutId),
    ...rows.flatMap((row) => [...commandFindings(row, input), ...testFindings(row, input)]),
  ];
};

const manifestSchema = z.object({ scripts: z.record(z.string(), z.string()) });

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const { positionals } = parseArgs({ allowPositionals: true, options: {} });
  const read = (path: string): string | null =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null;
  const { scripts } = manifestSchema.parse(JSON.parse(read('package.json') ?? '{}'));
  const runs = positionals.length === 0 ? null : positionals.flatMap((path) => readTestResults(path, root).runs);
  const findings = claimFindings({ read, scripts: Object.keys(scripts), runs });
  const seen = `${claimRows(read(tablePath) ?? '').length} claims${runs ? `, ${runs.length} tests run` : ''}`;
  process.exitCode = reportFindings('claims', findings, seen);
}
