import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { planCheck } from './planCheck.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-plan-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const run = async (options: OptionValues, positionals: readonly string[] = []) => {
  const { terminal, written } = keepingTerminal(cwd);
  const code = await planCheck.run({ options, positionals, terminal });
  return { code, ...written };
};

const example = resolve(import.meta.dirname, '../../../examples/pme/portfolio.yaml');

test('a valid portfolio ends with 0, for people and for programs', async () => {
  expect(await run({ portfolio: example })).toEqual({ code: 0, stdout: `${example} is valid\n`, stderr: '' });
  const { code, stdout } = await run({ portfolio: example, json: true });
  expect([code, JSON.parse(stdout)]).toEqual([0, { file: example, valid: true, faults: [], warnings: [] }]);
});

test('faults end with 2 and say where, also of a CSV beside the file', async () => {
  writeFileSync(
    join(cwd, 'portfolio.yaml'),
    'version: 1\nhorizon: { from: 2027-01-01, periods: 1 }\nvendors: { a: {} }\nclasses: { c: { demand: { series: { file: use.csv } } } }\nsources: [{ vendor: b, class: c, price: { perMTok: 1 } }]\n',
  );
  writeFileSync(join(cwd, 'use.csv'), 'month,c\n2027-01,many\n');
  const { code, stdout, stderr } = await run({});
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(
    'portfolio.yaml:4:35: line 2, column 9 of the CSV: no number of 0 or more, write a plain decimal\n',
  );
  expect(stderr).toContain('portfolio.yaml:5:21: no vendor has this name');
  expect((await run({ json: true }, ['portfolio.yaml'])).code).toBe(2);
});

test('a file that is not there is a fault', async () => {
  expect(await run({ portfolio: 'none.yaml' })).toEqual({
    code: 2,
    stdout: '',
    stderr: 'none.yaml:1:1: the file cannot be read (ENOENT), check its name and permissions\n',
  });
});
