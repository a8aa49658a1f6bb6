import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Check, checkLine, runChecks, staticChecks } from './check.ts';

const root = resolve(import.meta.dirname, '..');
const script = (name: string, text: string): Check => ({ name, command: process.execPath, args: ['-e', text] });

const run = async (...checks: Check[]): Promise<{ fine: boolean; printed: string[] }> => {
  const printed: string[] = [];
  const fine = await runChecks(checks, root, (text) => printed.push(text));
  return { fine, printed };
};

test('checks that pass print a line each and nothing else', async () => {
  const { fine, printed } = await run(script('one', 'console.log("chatter")'), script('two', ''));
  expect(fine).toBe(true);
  expect(printed).toHaveLength(2);
  expect(printed[0]).toMatch(/^ok {6}one +\d+\.\d s$/);
});

test('a failure is shown, the rest still runs, and the whole fails', async () => {
  const { fine, printed } = await run(
    script('one', 'console.error("what went wrong"); process.exitCode = 3'),
    script('two', ''),
  );
  expect(fine).toBe(false);
  expect(printed.map((line) => line.trim().split(/\s+/)[0])).toEqual(['FAILED', 'what', 'ok', 'check:']);
  expect(printed.at(-1)).toBe('check: 1 of 2 failed: one');
});

test('a check that is killed or cannot start has failed', async () => {
  expect((await run(script('one', 'process.kill(process.pid, "SIGKILL")'))).fine).toBe(false);
  expect((await run({ name: 'one', command: 'no-such-command-here', args: [] })).fine).toBe(false);
});

test('no check at all is not fine', async () => {
  expect((await run()).fine).toBe(false);
});

test('each npm script that a check names exists', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')));
  const named = staticChecks.filter(({ command }) => command === 'npm').map(({ args }) => args.at(-1) ?? '');
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('a line reads as a table', () => {
  expect(checkLine({ name: 'types', ok: true, durationMs: 3249, output: '' })).toBe('ok      types       3.2 s');
});
