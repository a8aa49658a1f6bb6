import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseUsd } from '../kernel/index.ts';
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

  test('by milestones tells what each cost that is over, and carries on what went beyond it', async () => {
    const milestones = [
      { by: '2026-04-01', usd: '100' },
      { by: '2026-10-01', usd: '300' },
    ];
    await ledger.book(
      { amountNanoUsd: '150000000000', contract: 'pool', startedAtMs: Date.UTC(2026, 1, 1) },
      { amountNanoUsd: '100000000000', contract: 'pool', startedAtMs: Date.UTC(2026, 4, 1), organisation: 'abroad' },
      { amountNanoUsd: '7', contract: 'pool', startedAtMs: Date.UTC(2026, 9, 1) },
    );
    const elsewhere = [{ usd: '20', period: ['2026-05-01', '2026-06-01'] }];
    expect(await standingsOf([pool({ milestones, elsewhere })], noonMs, ['default', 'abroad'])).toMatchObject([
      {
        windowFrom: '2026-10-01T00:00:00.000Z',
        dueNanoUsd: '900000000000',
        drawnNanoUsd: '7',
        shortfallNanoUsd: '899999999993',
        settled: [
          {
            until: '2026-04-01T00:00:00.000Z',
            dueNanoUsd: '100000000000',
            drawnNanoUsd: '150000000000',
            shortfallNanoUsd: '0',
          },
          { drawnNanoUsd: '120000000000', creditedNanoUsd: '50000000000', shortfallNanoUsd: '30000000000' },
        ],
      },
    ]);
  });

  test('is projected to the end of its interval from the days that the ledger knows, and not from a few', async () => {
    const days = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        amountNanoUsd: '2000000000',
        contract: 'pool',
        startedAtMs: noonMs - (count - index) * 86_400_000,
      }));
    await ledger.book(...days(27));
    expect(await standingsOf([pool()])).toMatchObject([{ drawnNanoUsd: '54000000000', projection: null }]);
    await ledger.empty();
    await ledger.book(...days(35));
    // 70 dollars, and two a day until the year is over, 46.5 days from noon.
    expect(await standingsOf([pool()])).toMatchObject([
      {
        projection: {
          confidence: 0.8,
          historyDays: 35,
          spentLowNanoUsd: '163000000000',
          spentExpectedNanoUsd: '163000000000',
          shortfallHighNanoUsd: '1037000000000',
        },
      },
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

describe('a floor of another kind', () => {
  const floor = (change: object): object => ({
    id: 'floor',
    vendor: 'aurora',
    covers: [{ provider: 'a' }],
    kind: 'floor',
    period: ['2026-11-15', '2027-01-01'],
    ...change,
  });

  test('by the hour lets a busy minute of an hour make up for an idle one, and no hour for another', async () => {
    const minute = (hour: number, at: number) => Date.UTC(2026, 10, 15, hour, at);
    await ledger.book(
      { amountNanoUsd: '900000000', contract: 'floor', startedAtMs: minute(1, 0) },
      { amountNanoUsd: '300000000', contract: 'floor', startedAtMs: minute(1, 59) },
      { amountNanoUsd: '200000000', contract: 'floor', startedAtMs: minute(2, 0) },
    );
    expect(await standingsOf([floor({ unit: 'usdPerHour', quantity: '1' })])).toMatchObject([
      { drawnNanoUsd: '1200000000', spilledNanoUsd: '200000000', commitment: '$1.00 an hour', unusedShare: 0.9 },
    ]);
  });

  test('is one for all organisations that share it', async () => {
    await ledger.book(
      { amountNanoUsd: '40000000', contract: 'floor', startedAtMs: noonMs - 60_000 },
      { amountNanoUsd: '40000000', contract: 'floor', startedAtMs: noonMs - 59_000, organisation: 'abroad' },
    );
    const shared = [floor({ unit: 'usdPerMinute', quantity: '0.05' })];
    expect(await standingsOf(shared, noonMs, ['default', 'abroad'])).toMatchObject([
      { drawnNanoUsd: '50000000', spilledNanoUsd: '30000000' },
    ]);
  });

  test('takes nothing of what its vendor says was served beyond it, however much room there was', async () => {
    await ledger.book(
      { amountNanoUsd: '20000000', contract: 'floor', startedAtMs: noonMs - 60_000, servedTier: 'spillover' },
      { amountNanoUsd: '30000000', contract: 'floor', startedAtMs: noonMs - 59_000 },
    );
    expect(await standingsOf([floor({ unit: 'usdPerMinute', quantity: '0.05' })])).toMatchObject([
      { drawnNanoUsd: '30000000', spilledNanoUsd: '20000000' },
    ]);
  });

  test('in units of its vendor is counted by what tokens weigh there, a part of them at a time', async () => {
    const usage = { input: 4_000, output: 1_000, reasoning: 500, cacheRead: 70_000, requests: 1 };
    await ledger.book(
      { amountNanoUsd: '30000000', contract: 'floor', startedAtMs: noonMs - 60_000, usage },
      { amountNanoUsd: '1000000', contract: 'floor', startedAtMs: noonMs - 120_000, usage: { input: 500 } },
    );
    const ptu = floor({
      unit: 'ptu',
      quantity: '2',
      tokensPerUnit: '2500',
      burndown: { input: 1, cacheRead: 0, output: 4 },
      fee: { usd: '2', per: 'hour' },
    });
    // 10,000 where a minute takes 5,000; twelve hours take 3,600,000.
    expect(await standingsOf([ptu])).toMatchObject([
      {
        commitment: '2 PTU',
        drawnNanoUsd: '16000000',
        spilledNanoUsd: '15000000',
        feeNanoUsd: '24000000000',
        meters: [{ name: 'tokens', capacityTokens: 3_600_000, withinTokens: 5_500, spilledTokens: 5_000 }],
      },
    ]);
  });
});

describe('floors inside a pool', () => {
  const ptu = (id: string, quantity: string, period: readonly string[]): object => ({
    id,
    vendor: 'aurora',
    covers: [{ provider: 'a', model: 'm-1' }],
    kind: 'floor',
    unit: 'ptu',
    quantity,
    tokensPerUnit: '2500',
    burndown: { input: 1, output: 4 },
    fee: { usd: '2', per: 'hour' },
    period,
  });
  const minuteMs = 60_000;
  const use = (contract: string, minute: number, usd: string, input: number, more: object = {}) => ({
    amountNanoUsd: parseUsd(usd).toString(),
    contract,
    provider: 'a',
    targetModel: 'm-1',
    startedAtMs: noonMs - minute * minuteMs,
    usage: { input },
    ...more,
  });

  test('draw it by their fees and by what is beyond them, and not by what they took', async () => {
    await ledger.book(
      // 10,000 tokens where a minute takes 5,000, a minute with room, and what the vendor itself served beyond.
      use('ptu', 3, '0.1', 10_000),
      use('ptu', 2, '0.02', 2_000),
      use('ptu', 2, '0.03', 100, { servedTier: 'spillover' }),
      // Before the floor was there, and what it does not cover.
      use('pool', 2_000, '0.5', 7),
      use('pool', 1, '0.25', 7, { targetModel: 'm-2' }),
    );
    // Half of the ten cents, and 3; 75 without a floor; twelve hours at 2 dollars.
    const monthly = pool({ fulfil: 'monthly' });
    expect(await standingsOf([monthly, ptu('ptu', '2', ['2026-11-15', '2027-01-01'])])).toMatchObject([
      { id: 'pool', drawnNanoUsd: parseUsd('24.83').toString() },
      {
        id: 'ptu',
        drawnNanoUsd: parseUsd('0.07').toString(),
        spilledNanoUsd: parseUsd('0.08').toString(),
        feeNanoUsd: parseUsd('24').toString(),
        meters: [{ withinTokens: 7_000, spilledTokens: 5_000 }],
      },
    ]);
    // A true-up that is over keeps what was beyond floors in it.
    const later = Date.UTC(2026, 11, 2);
    const tenMonths = Array.from({ length: 10 }, () => ({ drawnNanoUsd: '0' }));
    expect(await standingsOf([monthly, ptu('ptu', '2', ['2026-11-15', '2026-11-16'])], later)).toMatchObject([
      { drawnNanoUsd: '0', settled: [...tenMonths, { drawnNanoUsd: parseUsd('48.83').toString() }] },
      { id: 'ptu' },
    ]);
  });

  test('leave to it what names them before they begin or once they are over, and what names a floor that the file does not have', async () => {
    const dayMs = 86_400_000;
    await ledger.book(
      use('ptu', 3, '0.02', 2_000),
      // Three days later, and one before, under the same name; another name, and what the pool does not cover.
      use('ptu', 0, '0.3', 2_000, { startedAtMs: noonMs + 3 * dayMs }),
      use('ptu', 0, '0.1', 2_000, { startedAtMs: noonMs - dayMs }),
      use('taken-out', 2, '0.04', 2_000),
      use('taken-out', 2, '5', 2_000, { provider: 'b' }),
      // In the interval before.
      use('taken-out', 0, '0.007', 2_000, { startedAtMs: Date.UTC(2026, 9, 31) }),
    );
    const later = noonMs + 4 * dayMs;
    const nine = Array.from({ length: 9 }, () => ({ drawnNanoUsd: '0' }));
    // 30 + 10 + 4 cents, and 24 hours at 2 dollars; what fits the floor draws nothing.
    expect(
      await standingsOf([pool({ fulfil: 'monthly' }), ptu('ptu', '2', ['2026-11-15', '2026-11-16'])], later),
    ).toMatchObject([
      {
        drawnNanoUsd: parseUsd('48.44').toString(),
        settled: [...nine, { drawnNanoUsd: parseUsd('0.007').toString() }],
      },
      { id: 'ptu', drawnNanoUsd: parseUsd('0.02').toString(), meters: [{ withinTokens: 2_000 }] },
    ]);
  });

  test('are filled one after the other where they cover the same, also for what records named before', async () => {
    const first = ptu('first', '1', ['2026-11-15', '2026-11-16']);
    const second = ptu('second', '2', ['2026-11-15', '2027-01-01']);
    await ledger.book(use('first', 3, '0.1', 10_000), use('second', 2, '0.02', 2_000));
    expect(await standingsOf([second, pool(), first])).toMatchObject([
      { id: 'second', drawnNanoUsd: parseUsd('0.07').toString(), meters: [{ withinTokens: 7_000 }] },
      { id: 'pool', drawnNanoUsd: parseUsd('48.025').toString() },
      { id: 'first', drawnNanoUsd: parseUsd('0.025').toString(), meters: [{ spilledTokens: 7_500 }] },
    ]);
  });

  test('have each interval settled once where it lies across the border between two steps in which the ledger is read', async () => {
    const every = (seconds: number, quantity: string): object => ({
      id: `every-${seconds}`,
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      unit: 'tokensPerMinute',
      quantity,
      burndown: { input: 1 },
      intervalSeconds: seconds,
      fee: { usd: '2', per: 'hour' },
      period: ['2026-11-01', '2027-01-01'],
    });
    // The first step has 625 intervals of 240 seconds, and ends a minute after one of 180 begins.
    const borderMs = Date.UTC(2026, 10, 1) + 625 * 240_000;
    await ledger.book(
      use('every-180', 0, '0.015', 1_500, { startedAtMs: borderMs - minuteMs }),
      use('every-120', 0, '0.05', 5_000, { startedAtMs: borderMs }),
    );
    // 2,000 of 5,000; 1,500 of 1,500 and the 3,000 that are left; 1,000 of the 3,000 that are left of those.
    const cents = (usd: string): string => parseUsd(usd).toString();
    expect(await standingsOf([every(120, '1000'), every(180, '500'), every(240, '250')])).toMatchObject([
      { id: 'every-120', drawnNanoUsd: cents('0.02'), spilledNanoUsd: cents('0.03') },
      { id: 'every-180', drawnNanoUsd: cents('0.015'), spilledNanoUsd: cents('0.03') },
      { id: 'every-240', drawnNanoUsd: cents('0.01'), spilledNanoUsd: cents('0.02') },
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
