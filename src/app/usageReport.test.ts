import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { usageGroups, type UsageGroup } from '../http/index.ts';
import { noonMs, openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { usageReport } from './usageReport.ts';

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
  groupBy: UsageGroup,
  organisations: readonly string[] = ['default', 'abroad'],
  bounds: { readonly fromMs: number | null; readonly toMs: number | null } = { fromMs: null, toMs: null },
): Promise<Report> =>
  JSON.parse(JSON.stringify(await usageReport(ledger.database, organisations, { groupBy, ...bounds })));

describe('the report of use', () => {
  test('adds the organisations up where they share a name, the dearest row first', async () => {
    await ledger.book(
      { amountNanoUsd: '5' },
      { amountNanoUsd: '10', organisation: 'abroad' },
      { amountNanoUsd: '900', organisation: 'abroad', vendor: 'borealis' },
      { amountNanoUsd: '7777', organisation: 'strangers' },
    );
    const report = await reportOf('vendor');
    expect(report).toMatchObject({
      rows: [
        { group: 'borealis', attempts: 1, amountNanoUsd: '900' },
        {
          group: 'aurora',
          attempts: 2,
          reported: 2,
          amountNanoUsd: '15',
          usage: { input: 20, output: 10, requests: 2 },
        },
      ],
      totalNanoUsd: '915',
    });
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

  test('is empty where nothing was used', async () => {
    expect(await reportOf('vendor')).toMatchObject({ rows: [], totalNanoUsd: '0' });
  });
});
