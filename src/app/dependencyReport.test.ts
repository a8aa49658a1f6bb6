import { describe, expect, test } from 'vitest';
import { settleCapacity, Shares, type CapacityPiece } from '../ledger/index.ts';
import { PriceBook } from '../market/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import { dependencyReport } from './dependencyReport.ts';
import { finalOf, noonMs } from './openTestLedger.fixture.ts';
import { priceOf, testConfiguration, testFile } from './testConfiguration.fixture.ts';

const endpoint = (vendor: string, more: object): object => ({
  wire: 'openai',
  vendor,
  baseUrl: 'https://x.example/v1',
  credentials: { apiKey: '${env:A_KEY}' },
  ...more,
});

const deployment = (provider: string, lab: string): object => ({ provider, model: 'm', lab, price: priceOf('1', '1') });

const { configuration, secrets } = testConfiguration(
  testFile({
    providers: {
      a: endpoint('aurora', { host: 'north', jurisdiction: 'EU' }),
      b: endpoint('borealis', {
        host: [
          { name: 'south', share: 'unknown' },
          { name: 'north', share: 'unknown' },
        ],
      }),
    },
    models: { chat: { deployments: [deployment('a', 'one'), deployment('b', 'two')] } },
    policy: { concentration: { vendor: '0.4', host: '0.6', window: 'month' } },
  }),
);

const snapshot = buildSnapshot({
  configuration,
  secrets,
  keys: new Map(),
  areKeysKnown: true,
  book: new PriceBook([]),
  nowMs: noonMs,
  sandbox: false,
  served: [],
});

interface Row {
  readonly name: string;
  readonly spentNanoUsd: string;
  readonly share: number;
  readonly cap: number | null;
  readonly over: boolean;
}

interface Report {
  readonly from: string;
  readonly until: string | null;
  readonly totalNanoUsd: string;
  readonly measuredAtLeastNanoUsd: string;
  readonly dimensions: Readonly<Record<string, readonly Row[]>>;
}

const reportOf = (...spent: readonly (readonly [vendor: string, dollars: number])[]): Report => {
  const shares = new Shares({ window: 'month', timeZone: 'UTC' });
  for (const [vendor, dollars] of spent)
    shares.add(finalOf({ vendor, hosts: { north: 1 }, amountNanoUsd: `${dollars * 1e9}` }));
  return JSON.parse(JSON.stringify(dependencyReport(shares.snapshot(noonMs), { ...snapshot, forecastUsd: 1000 })));
};

/** An hour of eight accelerators at three dollars. */
const capacityOf = (where: Partial<CapacityPiece['identity']>): FinalRecord =>
  settleCapacity({
    identity: {
      jobId: '01a1df13-33a0-7abc-8def-0123456789ab',
      job: 'train',
      attempt: 1,
      organisation: 'default',
      team: 'research',
      key: 'ops',
      site: 'lab',
      accelerator: 'GB200',
      vendor: 'self',
      hosts: { lab: 1 },
      jurisdiction: null,
      region: null,
      contract: null,
      ...where,
    },
    accelerators: 8,
    price: { hourNanoUsd: '3000000000', listHourNanoUsd: '3000000000', discount: '0', source: 'file' },
    billableSinceMs: noonMs,
    fromMs: noonMs,
    untilMs: noonMs + 3_600_000,
    endsBetweenMs: null,
  });

const namesOf = ({ dimensions }: Report, dimension: string) => dimensions[dimension]?.map(({ name }) => name);

describe('the report of dependency', () => {
  test('has every name of the configuration and its cap before anything is spent', () => {
    const report = reportOf();
    expect(report).toMatchObject({ from: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' });
    expect(namesOf(report, 'vendor')).toEqual(['aurora', 'borealis']);
    expect(namesOf(report, 'host')).toEqual(['north', 'south']);
    expect(namesOf(report, 'jurisdiction')).toEqual(['EU']);
    expect(namesOf(report, 'lab')).toEqual(['one', 'two']);
    const nothing = { spentNanoUsd: '0', share: 0, over: false };
    expect(report.dimensions['vendor']).toMatchObject([
      { ...nothing, cap: 0.4 },
      { ...nothing, cap: 0.4 },
    ]);
    expect(report.dimensions['lab']).toMatchObject([
      { ...nothing, cap: null },
      { ...nothing, cap: null },
    ]);
  });

  test('has every name of the sites that jobs run on, once, and counts the capacity they used', () => {
    const shares = new Shares({ window: 'month', timeZone: 'UTC' });
    const site = { vendor: 'borealis', hosts: { south: 1 }, jurisdiction: 'US', lab: null };
    const sites = [site, { ...site, vendor: 'self', hosts: { lab: 0.5, north: 0.5 } }];
    const reportNow = (): Report =>
      JSON.parse(JSON.stringify(dependencyReport(shares.snapshot(noonMs), snapshot, sites)));
    const before = reportNow();
    expect(namesOf(before, 'vendor')).toEqual(['aurora', 'borealis', 'self']);
    expect(namesOf(before, 'host')).toEqual(['north', 'south', 'lab']);
    expect(namesOf(before, 'jurisdiction')).toEqual(['EU', 'US']);
    expect(namesOf(before, 'lab')).toEqual(['one', 'two']);
    shares.add(capacityOf({ hosts: { lab: 0.5, north: 0.5 }, vendor: 'self' }));
    const after = reportNow();
    expect(after.totalNanoUsd).toBe('24000000000');
    expect(after.dimensions['vendor']?.[0]).toMatchObject({ name: 'self', share: 1, over: true });
    expect(after.dimensions['host']?.slice(0, 2)).toMatchObject([
      { spentNanoUsd: '12000000000' },
      { spentNanoUsd: '12000000000' },
    ]);
    expect(after.dimensions['lab']?.every(({ spentNanoUsd }) => spentNanoUsd === '0')).toBe(true);
  });

  test('puts first who has most, and keeps who has left the configuration while the window remembers', () => {
    const report = reportOf(['borealis', 30], ['cascade', 60], ['aurora', 10]);
    expect(report.totalNanoUsd).toBe('100000000000');
    expect(report.dimensions['vendor']).toEqual([
      { name: 'cascade', spentNanoUsd: '60000000000', share: 0.6, cap: 0.4, over: true },
      { name: 'borealis', spentNanoUsd: '30000000000', share: 0.3, cap: 0.4, over: false },
      { name: 'aurora', spentNanoUsd: '10000000000', share: 0.1, cap: 0.4, over: false },
    ]);
  });

  test('calls nobody over a cap for a share of nearly nothing: it measures as the guard does', () => {
    // 3 % of 1,000 dollars are 30: of these 0.4 are 12.
    const early = reportOf(['aurora', 12]);
    expect(early.measuredAtLeastNanoUsd).toBe('30000000000');
    expect(early.dimensions['vendor']?.[0]).toMatchObject({ share: 1, over: false });
    expect(reportOf(['aurora', 13]).dimensions['vendor']?.[0]).toMatchObject({ share: 1, over: true });
  });
});
