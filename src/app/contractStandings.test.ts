import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contractsOf } from './contractsOf.ts';
import { contractStandings } from './contractStandings.ts';
import { noonMs, openTestLedger, type TestLedger } from './openTestLedger.fixture.ts';
import { testConfiguration, testFile } from './testConfiguration.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.empty());

const standingsOf = async (
  contracts: readonly object[],
  nowMs = noonMs,
  organisations: readonly string[] = ['default'],
): Promise<readonly Record<string, unknown>[]> => {
  const { configuration } = testConfiguration(testFile({ contracts }));
  const answer = await contractStandings(ledger.database, organisations, contractsOf(configuration), nowMs);
  const parsed: { contracts: Record<string, unknown>[] } = JSON.parse(JSON.stringify(answer));
  return parsed.contracts;
};

const pool = (change: object = {}): object => ({
  id: 'pool',
  vendor: 'aurora',
  covers: [{ provider: 'a' }],
  kind: 'pool',
  usd: '1200',
  period: ['2026-01-01', '2027-01-01'],
  fulfil: 'total',
  shortfall: { rate: '1.0' },
  ...change,
});

describe('a pool', () => {
  test('of 38 billion dollars is drawn down to the last nano-dollar', async () => {
    const half = 19_000_000_000_000_000_000n;
    await ledger.book(
      { amountNanoUsd: half.toString(), contract: 'pool' },
      { amountNanoUsd: (half - 1n).toString(), contract: 'pool' },
    );
    const [standing] = await standingsOf([pool({ usd: '38000000000', period: ['2025-11-03', '2032-11-03'] })]);
    expect(standing).toMatchObject({
      committedNanoUsd: '38000000000000000000',
      dueNanoUsd: '38000000000000000000',
      drawnNanoUsd: '37999999999999999999',
      remainingNanoUsd: '1',
      shortfallNanoUsd: '1',
      phase: 'open',
      periodFrom: '2025-11-03T00:00:00.000Z',
      periodUntil: '2032-11-03T00:00:00.000Z',
    });
  });

  test('counts what was spent in its running interval, from its first instant on, under its own name', async () => {
    const fromMs = Date.UTC(2026, 10, 1);
    await ledger.book(
      { amountNanoUsd: '1', contract: 'pool', startedAtMs: fromMs },
      { amountNanoUsd: '20', contract: 'pool', startedAtMs: fromMs - 1 },
      { amountNanoUsd: '300', contract: 'pool', organisation: 'abroad' },
      { amountNanoUsd: '4000', contract: 'other' },
      { amountNanoUsd: '50000' },
    );
    const monthly = [pool({ fulfil: 'monthly' })];
    expect(await standingsOf(monthly, noonMs, ['default', 'abroad'])).toMatchObject([
      { drawnNanoUsd: '301', dueNanoUsd: '100000000000', windowFrom: '2026-11-01T00:00:00.000Z' },
    ]);
    expect(await standingsOf(monthly)).toMatchObject([{ drawnNanoUsd: '1' }]);
  });

  test('counts the fees of a floor that it covers', async () => {
    const floor = {
      id: 'floor',
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      unit: 'usdPerMinute',
      quantity: '0.001',
      period: ['2026-11-15', '2027-01-01'],
    };
    // Twelve hours of it until noon.
    expect(await standingsOf([pool(), floor])).toMatchObject([
      { id: 'pool', drawnNanoUsd: '720000000' },
      { id: 'floor', commitment: '$0.001 a minute' },
    ]);
  });

  test('that has not begun, or is over, says so and has drawn nothing of it', async () => {
    const past = pool({ id: 'past', period: ['2024-01-01', '2025-01-01'] });
    const future = pool({ id: 'future', period: ['2027-01-01', '2028-01-01'] });
    expect(await standingsOf([past, future])).toMatchObject([
      { id: 'past', phase: 'ended', elapsedShare: 1, drawnNanoUsd: '0' },
      { id: 'future', phase: 'future', elapsedShare: 0, drawnNanoUsd: '0' },
    ]);
  });
});

describe('a floor', () => {
  test('takes at most its quantity of each minute, so that a busy one does not make up for an idle one', async () => {
    const minute = (at: number) => Date.UTC(2026, 10, 15, 11, at);
    const floor = {
      id: 'floor',
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      unit: 'usdPerMinute',
      quantity: '0.05',
      period: ['2026-11-15', '2027-01-01'],
    };
    await ledger.book(
      { amountNanoUsd: '90000000', contract: 'floor', startedAtMs: minute(1) },
      { amountNanoUsd: '90000000', contract: 'floor', startedAtMs: minute(1) + 30_000 },
      { amountNanoUsd: '7', contract: 'floor', startedAtMs: minute(2) },
    );
    expect(await standingsOf([floor])).toMatchObject([
      { kind: 'floor', drawnNanoUsd: '50000007', committedNanoUsd: null, commitment: '$0.05 a minute' },
    ]);
  });
});

describe('a slot', () => {
  test('is said in accelerators, and is no money', async () => {
    const sites = { lab: { executor: 'local', vendor: 'aurora', accelerators: [{ kind: 'GB200', count: 8 }] } };
    const slot = {
      id: 'slot',
      vendor: 'aurora',
      covers: [{ site: 'lab' }],
      kind: 'slot',
      accelerator: 'GB200',
      count: 8,
      period: ['2026-11-15', '2026-11-16'],
    };
    const { configuration } = testConfiguration(testFile({ sites, contracts: [slot] }));
    const answer = await contractStandings(ledger.database, ['default'], contractsOf(configuration), noonMs);
    expect(answer).toMatchObject({
      contracts: [
        { commitment: '8 x GB200', committedNanoUsd: null, dueNanoUsd: null, reservedHours: 96, committedHours: 192 },
      ],
    });
  });

  test('says the accelerator-hours that jobs of all organisations drew of it, since it began and by its own name', async () => {
    const sites = { lab: { executor: 'local', vendor: 'aurora', accelerators: [{ kind: 'GB200', count: 8 }] } };
    const slot = {
      id: 'slot',
      vendor: 'aurora',
      covers: [{ site: 'lab' }],
      kind: 'slot',
      accelerator: 'GB200',
      count: 8,
      period: ['2026-11-15', '2026-11-16'],
    };
    const hour = { contract: 'slot', operation: 'compute', usage: { acceleratorSeconds: 28_800 } } as const;
    await ledger.book(
      { ...hour, amountNanoUsd: '24000000000' },
      { ...hour, amountNanoUsd: '3', organisation: 'abroad', usage: { acceleratorSeconds: 1_800 } },
      { ...hour, amountNanoUsd: '5', contract: 'other' },
      { ...hour, amountNanoUsd: '7', startedAtMs: Date.UTC(2026, 10, 14, 23, 59) },
    );
    const { configuration } = testConfiguration(testFile({ sites, contracts: [slot, pool()] }));
    const answer = await contractStandings(ledger.database, ['default', 'abroad'], contractsOf(configuration), noonMs);
    expect(answer).toMatchObject({
      contracts: [
        {
          drawnHours: 8.5,
          drawnNanoUsd: '24000000003',
          reservedHours: 96,
          remainingHours: 96,
          committedHours: 192,
        },
        { id: 'pool', drawnNanoUsd: '0' },
      ],
    });
    expect(answer).not.toHaveProperty('contracts.1.drawnHours');
  });
});
