import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPortfolio } from '../../planner/index.ts';
import { UsageError, type OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { planFromUsage } from './planFromUsage.ts';

let cwd = '';
beforeEach(() => void (cwd = mkdtempSync(join(tmpdir(), 'archipel-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = async (options: OptionValues, positionals: readonly string[] = []) => {
  const { terminal, written } = keepingTerminal(cwd);
  return { code: await planFromUsage.run({ options, positionals, terminal }), ...written };
};

const head = 'start_time,model,input_tokens,output_tokens\n';

test('an export becomes a valid portfolio, and every row is counted', async () => {
  writeFileSync(
    join(cwd, 'usage.csv'),
    `${head}2026-09-01,large,3000000,1000000\n2026-10-01,large,6000000,2000000\n2026-10-01,,1,1\n`,
  );
  const { code, stdout, stderr } = await run({ csv: 'usage.csv', vendor: 'north', from: '2027-01-01' });
  expect(code).toBe(0);
  expect(stderr).toContain('usage.csv: tokens by model; 3 rows: 2 used, 1 left out, 0 bad');
  expect(stderr).toContain('no cost was told for these, write their prices: north/large');
  expect(readPortfolio(stdout, 'portfolio.yaml')).toMatchObject({ ok: true, value: { warnings: [] } });
  expect(stdout).toContain('history: { from: 2026-09-01, monthly: ["4", "8"] }');
});

test('a bad row is told by its place, and nothing is written unless that is asked for', async () => {
  writeFileSync(join(cwd, 'usage.csv'), `${head}2026-09-01,large,many,1\n2026-09-01,large,1000000,1000000\n`);
  const refused = await run({ vendor: 'north' }, ['usage.csv']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('usage.csv:2:18: "many" is no number, write a plain decimal with a point');
  const skipped = await run({ vendor: 'north', 'skip-bad-rows': true, out: 'portfolio.yaml' }, ['usage.csv']);
  expect(skipped.code).toBe(0);
  expect(readPortfolio(readFileSync(join(cwd, 'portfolio.yaml'), 'utf8'), 'portfolio.yaml').ok).toBe(true);
  await expect(run({ vendor: 'north', 'skip-bad-rows': true, out: 'portfolio.yaml' }, ['usage.csv'])).rejects.toThrow(
    UsageError,
  );
});

test.each([
  [{ csv: 'none.csv' }, 'none.csv cannot be read'],
  [{ csv: 'usage.csv', vendor: '"' }, '--vendor takes a short name'],
  [{ csv: 'usage.csv', vendor: 'a', years: '0' }, '--years takes a whole number'],
  [{ csv: 'usage.csv', vendor: 'a', from: '2199-01-15' }, 'a plan begins on the first of a month'],
  [{ usage: 'usage.csv' }, 'no JSON'],
])('wrong use is told in words: %j', async (options, said) => {
  writeFileSync(join(cwd, 'usage.csv'), `${head}2026-09-01,large,1000000,1000000\n`);
  const refused = await run(options).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(String(refused)).toContain(said);
});

test('a running server is asked month by month', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    const groupBy = query.get('groupBy');
    asked.push(String(query.get('from')));
    const row = {
      group: 'north, large-1',
      groups: { vendor: 'north', model: 'large-1' },
      usage: { input: 3_000_000, output: 1_000_000 },
      amountNanoUsd: '8000000000',
      listNanoUsd: '12000000000',
    };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ groupBy, from: query.get('from'), to: query.get('to'), rows: [row], totalNanoUsd: '1' }),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await run({ url: `http://127.0.0.1:${port}`, 'admin-key': 'key', months: '3' });
    expect(code).toBe(0);
    expect(stdout).toContain('"large-1": { inputShare: 0.75, demand: { history: { from: ');
    expect(stdout).toContain('monthly: ["4", "4", "4"]');
    expect(stdout).toContain('price: { perMTok: "3" } } # list cost / quantity');
    expect(stdout).toContain('{ vendor: "north", class: "large-1", price: ');
    expect(asked.length).toBeGreaterThanOrEqual(3);
  } finally {
    await new Promise((resolve) => void server.close(resolve));
  }
});
