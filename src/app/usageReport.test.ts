import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { usageGroups, type UsageQuestion } from '../http/index.ts';
import { priceUsage } from '../ledger/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import { importPrices } from './prices/importPrices.ts';
import { openPrices } from './prices/openPrices.ts';
import { noonMs, openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { usageReport } from './usageReport.ts';
import { planTrack, readPortfolio, readSavedPlan, readUsageReports } from '../planner/index.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.empty());

interface Report {
  readonly rows: readonly Record<string, unknown>[];
  readonly totalNanoUsd: string;
  readonly from: string | null;
  readonly to: string | null;
}

const reportOf = async (
  groupBy: UsageQuestion['groupBy'],
  organisations: readonly string[] = ['default', 'abroad'],
  bounds: { readonly fromMs: number | null; readonly toMs: number | null } = { fromMs: null, toMs: null },
): Promise<Report> =>
  JSON.parse(JSON.stringify(await usageReport(ledger.database, organisations, { groupBy, ...bounds })));

describe('the report of use', () => {
  test('adds the organisations up where they share a name, the dearest row first', async () => {
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '10', organisation: 'abroad' },
      {
        amountNanoUsd: '900',
        organisation: 'abroad',
        vendor: 'borealis',
        usage: { input: 30, cacheRead: 10, output: 5 },
      },
      { amountNanoUsd: '7777', organisation: 'strangers' },
    );
    const report = await reportOf('vendor');
    expect(report).toMatchObject({
      rows: [
        { group: 'borealis', attempts: 1, amountNanoUsd: '900', cacheReadShare: 0.25 },
        {
          group: 'aurora',
          attempts: 2,
          reported: 2,
          amountNanoUsd: '15',
          usage: { input: 20, output: 10, requests: 2 },
          cacheReadShare: 0,
        },
      ],
      totalNanoUsd: '915',
    });
  });

  test('tells the bounds of what was not reported, by target and day as by anything else', async () => {
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '0', basis: 'unknown', rangeNanoUsd: ['0', '90'] },
      { amountNanoUsd: '7', provider: 'other', startedAtMs: Date.UTC(2026, 10, 14) },
    );
    expect(await reportOf(['target', 'day'])).toMatchObject({
      rows: [
        {
          groups: { target: 'other/aurora-large', day: '2026-11-14' },
          rangeLowNanoUsd: '7',
          rangeHighNanoUsd: '7',
        },
        {
          groups: { target: 'aurora/aurora-large', day: '2026-11-15' },
          unknown: 1,
          amountNanoUsd: '5',
          rangeLowNanoUsd: '5',
          rangeHighNanoUsd: '95',
        },
      ],
    });
    expect((await reportOf('host')).rows).toMatchObject([{ rangeLowNanoUsd: '12', rangeHighNanoUsd: '102' }]);
  });

  test.each(usageGroups)('by %s has rows whose sum is the whole', async (groupBy) => {
    await ledger.book(
      { amountNanoUsd: '5', hosts: { north: 0.5, south: 0.5 } },
      { amountNanoUsd: '11', contract: 'pool', model: 'other', key: 'second', hosts: { north: 1, south: 1 } },
      { amountNanoUsd: '7', organisation: 'abroad', team: 'far', provider: 'b', vendor: 'borealis' },
      { amountNanoUsd: '3', startedAtMs: Date.UTC(2026, 10, 14) },
    );
    const { rows, totalNanoUsd } = await reportOf(groupBy);
    expect(totalNanoUsd).toBe('26');
    expect(rows.reduce((sum, { amountNanoUsd }) => sum + BigInt(String(amountNanoUsd)), 0n)).toBe(26n);
    expect(rows.length).toBeGreaterThan(1);
  });

  test('by several groups has a row for each vendor with each model, by name', async () => {
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '10', organisation: 'abroad' },
      { amountNanoUsd: '11', contract: 'pool', model: 'other' },
      { amountNanoUsd: '7', provider: 'b', vendor: 'borealis' },
    );
    expect(await reportOf(['vendor', 'model', 'contract'])).toMatchObject({
      groupBy: 'vendor,model,contract',
      rows: [
        { group: 'aurora, chat, none', groups: { vendor: 'aurora', model: 'chat', contract: null }, attempts: 2 },
        { group: 'aurora, other, pool', groups: { vendor: 'aurora', model: 'other', contract: 'pool' } },
        { group: 'borealis, chat, none', amountNanoUsd: '7' },
      ],
      totalNanoUsd: '33',
    });
    expect((await reportOf('vendor')).rows[0]).not.toHaveProperty('groups');
  });

  test('keeps what a request was booked at when its price is changed from the same day on', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'archipel-repriced-'));
    try {
      const file = [
        'version: 1',
        'providers: { a: { wire: openai, vendor: north, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
        'models: { m: { deployments: [{ provider: a, model: x }] } }',
        'prices: [ { file: prices.csv } ]',
      ].join('\n');
      writeFileSync(join(cwd, 'archipel.yaml'), file);
      writeFileSync(join(cwd, 'prices.csv'), 'vendor,model,input,output\nnorth,x,2,8\n');
      const place = { config: undefined, env: { A: 'key' }, cwd };
      const filter = { vendor: undefined, model: undefined, all: false };
      /** What a million tokens are booked at by the prices that the file has now. */
      const booked = async (): Promise<{ amountNanoUsd: string; lines: FinalRecord['lines']; vendor: string }> => {
        const opened = await openPrices(place);
        const price = opened.ok
          ? opened.value.book.find({ vendor: 'north', model: 'x', region: null, atMs: noonMs })
          : null;
        if (price === null) throw new Error('no price');
        const bill = priceUsage({ price, usage: { input: 1_000_000 }, discount: null });
        if (!bill.ok) throw new Error('no bill');
        const { amountNanoUsd, lines } = bill.value;
        return { vendor: 'north', amountNanoUsd: String(amountNanoUsd), lines };
      };
      await ledger.book(await booked());
      const offer = {
        kind: 'file',
        file: 's.csv',
        currency: 'USD',
        text: 'vendor,model,input,output\nnorth,x,3,8\n',
      } as const;
      const fromMs = Date.UTC(2026, 10, 15);
      expect(await importPrices({ ...place, ...filter, offer, list: undefined, fromMs, dryRun: false })).toMatchObject({
        value: { written: 1 },
      });
      expect(await reportOf('vendor')).toMatchObject({ totalNanoUsd: '2000000000' });
      await ledger.book(await booked());
      expect(await reportOf('vendor')).toMatchObject({
        rows: [{ group: 'north', attempts: 2, amountNanoUsd: '5000000000' }],
      });
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  test('calls what no contract covers "none"', async () => {
    await ledger.book({ amountNanoUsd: '5' }, { amountNanoUsd: '1', contract: 'pool' });
    expect((await reportOf('contract')).rows.map(({ group }) => group)).toEqual(['none', 'pool']);
  });

  test('takes its first instant in and leaves its last one out', async () => {
    await ledger.book(
      { amountNanoUsd: '1', startedAtMs: noonMs - 1 },
      { amountNanoUsd: '20', startedAtMs: noonMs },
      { amountNanoUsd: '300', startedAtMs: noonMs + 999 },
      { amountNanoUsd: '4000', startedAtMs: noonMs + 1_000 },
    );
    const report = await reportOf('vendor', ['default'], { fromMs: noonMs, toMs: noonMs + 1_000 });
    expect(report).toMatchObject({
      totalNanoUsd: '320',
      from: '2026-11-15T12:00:00.000Z',
      to: '2026-11-15T12:00:01.000Z',
    });
  });

  test('keeps apart what was reported, estimated and is unknown, and says how much the latter may cost beyond', async () => {
    const range = ['0', '500'] as const;
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '100', basis: 'estimated', rangeNanoUsd: range, outcome: { kind: 'cancelled' } },
      { amountNanoUsd: '0', basis: 'unknown', rangeNanoUsd: range, outcome: { kind: 'unknown' } },
    );
    expect((await reportOf('vendor')).rows).toMatchObject([
      { attempts: 3, reported: 1, estimated: 1, unknown: 1, amountNanoUsd: '105', unknownUpToNanoUsd: '900' },
    ]);
  });

  test('says units as text once a number could not hold them', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    await ledger.book(
      { amountNanoUsd: '1', usage: { input: most, output: most } },
      { amountNanoUsd: '1', usage: { input: 1 }, organisation: 'abroad' },
    );
    const [row] = (await reportOf('vendor')).rows;
    expect(row).toMatchObject({ usage: { input: '9007199254740992', output: most } });
  });

  test('tells accelerator-seconds beside tokens, as a bucket of their own', async () => {
    const compute = { operation: 'compute', provider: 'north-1', model: 'train' } as const;
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '40', ...compute, usage: { acceleratorSeconds: 28_800 } },
      { amountNanoUsd: '2', ...compute, usage: { acceleratorSeconds: 3_600 }, organisation: 'abroad' },
    );
    expect((await reportOf('vendor')).rows).toMatchObject([
      {
        group: 'aurora',
        attempts: 3,
        usage: { input: 10, output: 5, requests: 1, acceleratorSeconds: 32_400 },
        amountNanoUsd: '47',
        capacityNanoUsd: '42',
        capacityListNanoUsd: '42',
      },
    ]);
    expect((await reportOf(['vendor', 'model'])).rows).toMatchObject([
      { group: 'aurora, train', usage: { input: 0, output: 0, requests: 0, acceleratorSeconds: 32_400 } },
      { group: 'aurora, chat', usage: { acceleratorSeconds: 0 }, capacityNanoUsd: '0' },
    ]);
  });

  test('is empty where nothing was used', async () => {
    expect(await reportOf('vendor')).toMatchObject({ rows: [], totalNanoUsd: '0' });
  });
});

describe('a plan is tracked by the report of a real ledger', () => {
  const portfolioText = `version: 1
horizon: { from: 2026-11-01, periods: 1, periodMonths: 1 }
vendors: { aurora: {}, borealis: {} }
classes: { chat: { demand: { start: 2 } } }
sources:
  - { vendor: aurora, class: chat, price: { perMTok: "2" } }
  - { vendor: borealis, class: chat, price: { perMTok: "2" } }
contracts:
  - { id: pool, vendor: aurora, kind: pool, amount: "10", period: [2026-11-01, 2026-12-01], fulfil: monthly }
`;
  const month = (mean: number) => [{ month: '2026-11', mean, low: mean, high: mean }];
  const planText = JSON.stringify({
    upperBound: 1,
    lowerBound: 1,
    gap: 0,
    currency: 'USD',
    decisions: [],
    kept: [],
    vendors: [],
    classes: ['chat'],
    inputs: { file: 'portfolio.yaml', sha256: '', seed: 1, version: '0', madeAt: '' },
    search: { feasible: true, interrupted: false, scenarios: 1 },
    horizon: { from: '2026-11-01', until: '2026-12-01' },
    risk: { cvarWeight: 0, beta: 0.9 },
    outOfSample: null,
    dependency: null,
    certificate: [],
    forecast: {
      demand: [{ class: 'chat', unit: 'MTok', months: month(2) }],
      spend: [
        { vendor: 'aurora', months: month(8) },
        { vendor: 'borealis', months: month(1) },
      ],
      commitments: [],
    },
  });

  test('to the last nano-dollar, by vendor, class and contract', async () => {
    await ledger.book(
      { amountNanoUsd: '6000000001', contract: 'pool', usage: { input: 900_000, cacheRead: 50_000, output: 50_000 } },
      { amountNanoUsd: '1', contract: 'pool', organisation: 'abroad', usage: { input: 1 } },
      { amountNanoUsd: '70000000', provider: 'b', vendor: 'borealis', usage: { output: 1_000_000 } },
      { amountNanoUsd: '5000000000', contract: 'pool', startedAtMs: Date.UTC(2026, 9, 31, 23) },
    );
    const bounds = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) };
    const report = await reportOf(['vendor', 'model', 'contract'], ['default', 'abroad'], bounds);
    const reading = readUsageReports(JSON.stringify(report), 'ledger', { vendor: null });
    const portfolio = readPortfolio(portfolioText, 'portfolio.yaml');
    const plan = readSavedPlan(planText);
    if (!reading.ok || !portfolio.ok || !plan.ok) throw new Error(JSON.stringify([reading, plan]));
    const track = planTrack({
      plan: plan.value,
      portfolio: portfolio.value.portfolio,
      lines: reading.value.lines,
      asOf: '2026-12-01',
      classOf: new Map(),
      rate: null,
      monthsOutside: 1,
    });
    expect(track).toMatchObject({
      ok: true,
      value: {
        demand: [{ class: 'chat', complete: true, months: [{ actual: '2.000001', position: 'within' }] }],
        spend: [
          { vendor: 'aurora', months: [{ actual: '6.000000002', position: 'below' }] },
          { vendor: 'borealis', months: [{ actual: '0.07', position: 'below' }] },
        ],
        commitments: [{ name: 'pool', windows: [{ due: '10', drawn: '6.000000002', ended: true }] }],
        onTrack: false,
      },
    });
  });

  test('and what jobs used of accelerators, in hours', async () => {
    await ledger.book(
      { amountNanoUsd: '37500000000', model: 'train', operation: 'compute', usage: { acceleratorSeconds: 45_000 } },
      { amountNanoUsd: '6000000000', usage: { input: 2_000_000 } },
    );
    const bounds = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 11, 1) };
    const report = await reportOf(['vendor', 'model', 'contract'], ['default'], bounds);
    const reading = readUsageReports(JSON.stringify(report), 'ledger', { vendor: null });
    const portfolio = readPortfolio(
      portfolioText
        .replace('chat: { demand: { start: 2 } }', '$&, train: { unit: gpuHour, demand: { start: 10 } }')
        .replace('contracts:', '  - { vendor: aurora, class: train, price: { perGpuHour: "3" } }\ncontracts:'),
      'portfolio.yaml',
    );
    const hours = { class: 'train', unit: 'gpuHour', months: month(10) };
    const plan = readSavedPlan(planText.replace('"demand":[', `$&${JSON.stringify(hours)},`));
    if (!reading.ok || !portfolio.ok || !plan.ok) throw new Error(JSON.stringify([reading, portfolio, plan]));
    const track = planTrack({
      plan: plan.value,
      portfolio: portfolio.value.portfolio,
      lines: reading.value.lines,
      asOf: '2026-12-01',
      classOf: new Map(),
      rate: null,
      monthsOutside: 1,
    });
    if (!track.ok) throw new Error(JSON.stringify(track));
    expect(track.value.spend).toMatchObject([{ vendor: 'aurora', months: [{ actual: '43.5' }] }, {}]);
    expect(track.value.demand).toMatchObject([
      { class: 'train', unit: 'gpuHour', complete: true, months: [{ actual: '12.5', position: 'above' }] },
      { class: 'chat', months: [{ actual: '2', position: 'within' }] },
    ]);
    expect(track.value.unplanned).toEqual([]);
  });
});
