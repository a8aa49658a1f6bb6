import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { runCommand } from '../runCommand.ts';
import { savedPlan } from './savedPlan.fixture.ts';

const portfolio = `version: 1
horizon: { from: 2026-01-01, periods: 1 }
vendors: { north: { host: one } }
classes: { chat: { demand: { start: 1000 } } }
sources: [{ vendor: north, class: chat, price: { perMTok: "2" } }]
contracts:
  - { id: pool, vendor: north, kind: pool, amount: "24000", period: [2026-01-01, 2027-01-01] }
`;

const months = (mean: number, spread: number) =>
  Array.from({ length: 12 }, (_, index) => ({
    month: `2026-${String(index + 1).padStart(2, '0')}`,
    mean,
    low: mean - spread,
    high: mean + spread,
  }));

const year = { from: '2026-01-01', until: '2027-01-01' };

const plan = {
  ...savedPlan(portfolio),
  kept: [{ vendor: 'north', offer: 'pool', kind: 'pool', start: '2026-01-01', months: 12 }],
  horizon: year,
  forecast: {
    demand: [{ class: 'chat', unit: 'MTok', months: months(1_000, 200) }],
    spend: [{ vendor: 'north', months: months(2_000, 400) }],
    commitments: [
      {
        vendor: 'north',
        offer: 'pool',
        kind: 'pool',
        signed: true,
        start: '2026-01-01',
        until: '2027-01-01',
        months: months(2_000, 400),
        shortfalls: [{ ...year, mean: 0 }],
      },
    ],
  },
};

const head =
  'BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,EffectiveCost,ServiceProviderName,SkuMeter';
const row = (month: string, units: string, cost: string): string =>
  `USD,${cost},Usage,2026-${month}-01T00:00:00Z,${units},1M tokens,${cost},north,chat Input Tokens`;

let cwd = '';
const put = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-'));
  put('portfolio.yaml', portfolio);
  put('plan.json', JSON.stringify(plan));
  put('as-planned.csv', [head, row('01', '1000', '2000'), row('02', '1000', '2000.000000001')].join('\n'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = async (...args: readonly string[]) => {
  const { terminal, written } = keepingTerminal(cwd);
  const code = await runCommand(['plan', 'track', ...args], terminal);
  return { code, ...written };
};

describe('a plan against an export', () => {
  test('is tables and sentences for people', async () => {
    const { code, stdout, stderr } = await run('--plan', 'plan.json', '--usage', 'as-planned.csv');
    expect([code, stderr]).toEqual([0, 'as-planned.csv: FOCUS cost and usage; 2 rows: 2 used, 0 left out, 0 bad\n']);
    expect(stdout).toContain('Until 2026-03-01, that day left out');
    expect(stdout).toMatch(/^chat +MTok +2026-01 +1,000 +1,000 +800 +1,200 +within$/m);
    expect(stdout).toMatch(/^north +2026-02 +2,000 +2,000 +1,600 +2,400 +within$/m);
    expect(stdout).toMatch(/^pool +north +signed +2027-01-01 +24,000 +4,000 +4,000 +100 % +24,000 +0$/m);
    expect(stdout.endsWith('On track: nothing to act upon.\n')).toBe(true);
    expect(stdout).not.toMatch(/NaN|undefined|null/);
  });

  test('is one line of JSON with what was booked to the last digit', async () => {
    const { code, stdout } = await run('--plan', 'plan.json', 'as-planned.csv', '--json');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\{.*\}\n$/)]);
    expect(JSON.parse(stdout)).toMatchObject({
      asOf: '2026-03-01',
      currency: 'USD',
      demand: [{ class: 'chat', months: [{ month: '2026-01', actual: '1000', mean: 1_000 }, { partial: false }] }],
      spend: [{ vendor: 'north', toDate: { actual: '4000.000000001', planned: 4_000 } }],
      commitments: [
        { name: 'pool', status: 'signed', windows: [{ due: '24000', drawn: '4000.000000001', shortfall: 0 }] },
      ],
      findings: [],
      onTrack: true,
    });
  });

  test('ends with 5 where something is off and that was not to be, with all that there is to say', async () => {
    put('less.csv', [head, row('01', '1000', '1000'), row('02', '1000', '1000')].join('\n'));
    expect((await run('--plan', 'plan.json', 'as-planned.csv', '--require-on-track')).code).toBe(0);
    expect((await run('--plan', 'plan.json', 'less.csv')).code).toBe(0);
    const { code, stdout, stderr } = await run('--plan', 'plan.json', 'less.csv', '--require-on-track');
    expect(code).toBe(5);
    expect(stdout).toContain('Off track:\n! pool will fall short by USD 12,000 of USD 24,000');
    expect(stderr).toContain('that it is on it was required');
  });

  test('tells the running month as such', async () => {
    const { stdout } = await run('--plan', 'plan.json', 'as-planned.csv', '--as-of', '2026-02-15');
    expect(stdout).toMatch(/^chat +MTok +2026-02 \(so far\) +1,000 +500 +400 +600$/m);
  });

  test('tells no further than the exports do, whatever day is asked for', async () => {
    const { code, stdout, stderr } = await run('--plan', 'plan.json', 'as-planned.csv', '--as-of', '2026-05-01');
    expect(code).toBe(0);
    expect(stdout).toContain('Until 2026-03-01, that day left out');
    expect(stderr).toContain('note: usage is told until 2026-03-01 only; the plan is tracked until then\n');
  });

  test('says when the portfolio is not as it was', async () => {
    put('portfolio.yaml', `${portfolio}# signed since\n`);
    const { code, stderr } = await run('--plan', 'plan.json', 'as-planned.csv');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('note: portfolio.yaml was changed since it was planned'),
    ]);
  });
});

test('a portfolio that takes over from an archipel.yaml is read with it', async () => {
  const [, contract = ''] = portfolio.split('contracts:\n');
  put(
    'archipel.yaml',
    `version: 1
providers: { north: { wire: openai, vendor: north, baseUrl: https://north.example/v1, credentials: { apiKey: "\${env:NEVER}" }, host: one } }
models: { chat: { deployments: [{ provider: north, model: big, price: { inputPerMTok: "1", outputPerMTok: "2" } }] } }
contracts:
${contract.replace('amount', 'covers: [{ provider: north }], usd')}`,
  );
  put('portfolio.yaml', portfolio.replace(contract, '').replace('contracts:\n', 'from: ./archipel.yaml\n'));
  const { code, stdout, stderr } = await run('--plan', 'plan.json', 'as-planned.csv', '--json');
  expect([code, stderr]).toEqual([0, expect.stringContaining('archipel.yaml was changed since it was planned')]);
  expect(JSON.parse(stdout)).toMatchObject({ commitments: [{ name: 'pool', windows: [{ due: '24000' }] }] });
});

describe('wrong use ends with 2, with nothing on stdout', () => {
  test('a bad row by its place', async () => {
    put('bad.csv', [head, row('01', 'many', '2000'), row('02', '1000', '2000')].join('\n'));
    const { code, stdout, stderr } = await run('--plan', 'plan.json', 'bad.csv');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('bad.csv:2:37: "many" is no number');
    expect(stderr).toContain('nothing is tracked: mend these rows, or leave them out with --skip-bad-rows');
    expect((await run('--plan', 'plan.json', 'bad.csv', '--skip-bad-rows')).code).toBe(0);
  });

  test('a faulty portfolio by its place', async () => {
    put('portfolio.yaml', portfolio.replace('"24000"', '"much"'));
    const { code, stderr } = await run('--plan', 'plan.json', 'as-planned.csv');
    expect([code, stderr]).toEqual([2, expect.stringContaining('portfolio.yaml:7:')]);
  });

  test('a plan that does not tell what it expects', async () => {
    put('old.json', JSON.stringify({ ...plan, forecast: undefined }));
    const { code, stderr } = await run('--plan', 'old.json', 'as-planned.csv');
    expect([code, stderr]).toEqual([2, expect.stringContaining('does not tell what it expects month by month')]);
  });

  test.each([
    [[], '--plan takes the file of a plan'],
    [['--plan', 'none.json'], 'none.json cannot be read'],
    [['--plan', 'portfolio.yaml'], 'this is no JSON'],
    [['--plan', 'plan.json', '--usage', 'none.csv'], 'none.csv cannot be read'],
    [['--plan', 'plan.json', '--usage', 'plan.json'], 'plan.json:1:1: no report of usage'],
    [['--plan', 'plan.json', '--as-of', '2026-02-30'], '--as-of takes a day'],
    [['--plan', 'plan.json', '--as-of', '2999-01-01'], '--as-of takes no day after tomorrow'],
    [['--plan', 'plan.json', 'as-planned.csv', '--as-of', '2999-01-01'], '--as-of takes no day after tomorrow'],
    [['--plan', 'plan.json', '--months', '0'], '--months takes a whole number'],
    [['--plan', 'plan.json', '--rate', '0'], '--rate takes'],
    [['--plan', 'plan.json', '--map', 'chat'], '--map takes'],
    [['--plan', 'plan.json', 'as-planned.csv', '--map', 'big=speech'], '"big" cannot be of class "speech"'],
  ])('%j', async (args, said) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });
});

describe('a plan against the ledger', () => {
  /** A control plane that tells the same of every month. */
  const withServer = async (
    answer: (query: URLSearchParams) => readonly [status: number, body: object],
    act: (url: string) => Promise<void>,
  ) => {
    const server = createServer((request, response) => {
      const [status, body] = answer(new URL(request.url ?? '/', 'http://localhost').searchParams);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      await new Promise((resolve) => void server.close(resolve));
    }
  };

  test('asks month by month, for each vendor, model and contract', async () => {
    const asked: string[] = [];
    await withServer(
      (query) => {
        asked.push(`${query.get('groupBy')} ${query.get('from')?.slice(0, 10)} ${query.get('to')?.slice(0, 10)}`);
        const groups = { vendor: 'north', model: 'chat', contract: 'pool' };
        const usage = { input: 900_000_000, output: '100000000' };
        const rows = [{ group: 'north, chat, pool', groups, usage, amountNanoUsd: '2000000000001', listNanoUsd: '0' }];
        return [200, { groupBy: query.get('groupBy'), from: query.get('from'), to: query.get('to'), rows }];
      },
      async (url) => {
        const options = ['--url', url, '--admin-key', 'key', '--as-of', '2026-03-01'];
        const { code, stdout, stderr } = await run('--plan', 'plan.json', ...options, '--json');
        expect([code, stderr]).toEqual([0, '']);
        expect(JSON.parse(stdout)).toMatchObject({
          demand: [{ complete: true, months: [{ actual: '1000' }, { actual: '1000' }] }],
          commitments: [{ windows: [{ drawn: '4000.000000002' }] }],
          onTrack: true,
        });
      },
    );
    expect(asked).toEqual([
      'vendor,model,contract 2026-01-01 2026-02-01',
      'vendor,model,contract 2026-02-01 2026-03-01',
    ]);
  });

  test('ends with 4 where the key is not taken, and with 1 where the ledger cannot be read', async () => {
    for (const [status, code] of [
      [401, 4],
      [403, 4],
      [503, 1],
    ] as const)
      await withServer(
        () => [status, { error: { code: 'some', message: 'Not for you.' } }],
        async (url) => {
          const ended = await run('--plan', 'plan.json', '--url', url, '--admin-key', 'no', '--as-of', '2026-03-01');
          expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('Not for you.') });
        },
      );
  });
});
