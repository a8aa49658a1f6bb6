// `npm run check [-- --without-tests]`: all checks, one line each with its time. Every one runs; any failure fails the whole.
import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** One check: a name for its line, and what to run. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface CheckOutcome {
  readonly name: string;
  readonly ok: boolean;
  readonly durationMs: number;
  /** What it printed, both streams in order. */
  readonly output: string;
}

const node = (name: string, ...args: string[]): Check => ({ name, command: process.execPath, args });
const npm = (name: string, script: string): Check => ({ name, command: 'npm', args: ['run', '--silent', script] });

/** The checks before the tests, the quick ones that find most first. */
export const staticChecks: readonly Check[] = [
  npm('types', 'types'),
  npm('lint', 'lint'),
  npm('format', 'format:check'),
  npm('layers', 'layers'),
  npm('dead', 'dead'),
  npm('tidy', 'tidy'),
  node('claims', 'tools/claims.ts'),
  node('attacks', 'tools/attackTable.ts', '--check'),
];

const tests = npm('tests', 'test');

/** Runs a check to its end. A command that cannot be started is a failure with its reason. */
const runCheck = async ({ name, command, args }: Check, root: string): Promise<CheckOutcome> => {
  const startedMs = performance.now();
  const output: Buffer[] = [];
  const bin = join(root, 'node_modules', '.bin');
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    FORCE_COLOR: '0',
    NO_COLOR: '1',
  };
  const { promise, resolve: settle } = Promise.withResolvers<boolean>();
  const child = spawn(command, [...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => output.push(bytes));
  child.once('error', (error) => {
    output.push(Buffer.from(`${error.message}\n`));
    settle(false);
  });
  child.once('close', (code) => settle(code === 0));
  const ok = await promise;
  return { name, ok, durationMs: performance.now() - startedMs, output: Buffer.concat(output).toString('utf8') };
};

/** "ok      types     3.2 s" */
export const checkLine = ({ name, ok, durationMs }: CheckOutcome): string =>
  `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(8)} ${(durationMs / 1000).toFixed(1).padStart(6)} s`;

/**
 * Runs checks one after another, all of them, whatever fails.
 * @param print gets each line as soon as it is known, and what a failed check said.
 * @returns whether all were fine; no check at all is not fine.
 */
export const runChecks = async (
  checks: readonly Check[],
  root: string,
  print: (text: string) => void,
): Promise<boolean> => {
  const failed: string[] = [];
  for (const check of checks) {
    const outcome = await runCheck(check, root);
    print(checkLine(outcome));
    if (outcome.ok) continue;
    failed.push(check.name);
    if (outcome.output !== '') print(outcome.output.trimEnd().replaceAll(/^/gm, '    '));
  }
  if (failed.length > 0) print(`check: ${failed.length} of ${checks.length} failed: ${failed.join(', ')}`);
  return checks.length > 0 && failed.length === 0;
};

if (import.meta.main) {
  const { values } = parseArgs({ options: { 'without-tests': { type: 'boolean', default: false } } });
  const checks = values['without-tests'] ? staticChecks : [...staticChecks, tests];
  const fine = await runChecks(checks, resolve(import.meta.dirname, '..'), (text) => console.log(text));
  process.exitCode = fine ? 0 : 1;
}
