import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { principalsOfKeys, makeKeyTable } from '../../access/index.ts';
import { noPaces } from '../../gateway/index.ts';
import type { ControllerPorts, Job, JobAttempt } from '../../placement/index.ts';
import { hasAttempt, verifyLedger } from '../../store/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import { Balances } from '../Balances.ts';
import { contractsOf } from '../contractsOf.ts';
import { contractStandings } from '../contractStandings.ts';
import { openTestLedger, type TestLedger } from '../openTestLedger.fixture.ts';
import { hashOfNobody } from '../testConfiguration.fixture.ts';
import { usageReport } from '../usageReport.ts';
import { bookCapacity } from './bookCapacity.ts';
import { rereadJob } from './readJob.ts';
import { aJob, anAttempt, configurationWith, jobFile, noonMs, twoSites } from './testJobs.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(async () => {
  await drain();
  await ledger.empty();
});

const budget = { usd: '1000', window: 'month', hard: true };

/** A client's key is called as the admin key is by which the jobs are submitted. */
const configuration = configurationWith({
  organisations: { default: { budget }, abroad: { budget } },
  teams: { research: { budget }, far: { organisation: 'abroad', budget } },
  keys: [{ name: 'ops', hash: hashOfNobody('a'), team: 'research', budget }],
  contracts: [
    ...(twoSites['contracts'] as readonly object[]),
    {
      id: 'south-pool',
      vendor: 'borealis',
      covers: [{ site: 'south-1' }],
      kind: 'pool',
      usd: '120000',
      period: ['2026-01-01', '2027-01-01'],
      fulfil: 'total',
      shortfall: { rate: '1.0' },
      discount: '0.1',
    },
  ],
});

const south: Partial<JobAttempt> = {
  site: 'south-1',
  place: { vendor: 'borealis', region: null, hosts: { south: 1, north: 0.25 }, jurisdiction: null },
  basis: 'onDemand',
  contract: 'south-pool',
  price: { hourNanoUsd: '16200000000', listHourNanoUsd: '18000000000', discount: '0.1', source: 'file' },
};

const minute = { fromMs: noonMs, untilMs: noonMs + 60_000, certainUntilMs: noonMs + 60_000 };

/** Four accelerators for a minute at 16.20 dollars an hour. */
const minuteNanoUsd = 1_080_000_000n;

/** A process that counts: what it has in memory, and what it told its journal. */
interface Process {
  readonly balances: Balances;
  readonly told: readonly FinalRecord[];
  readonly book: ControllerPorts['book'];
  readonly spentBy: (scope: string) => bigint | undefined;
}

const openProcess = async ({ fails = false, contracts = contractsOf(configuration) } = {}): Promise<Process> => {
  const keys = makeKeyTable(principalsOfKeys(configuration.keys, configuration.teams, 'UTC'));
  if (!keys.ok) throw new Error('the keys are different');
  const balances = new Balances(ledger.database, configuration);
  await balances.configure(configuration, keys.value, noonMs);
  const told: FinalRecord[] = [];
  const book = bookCapacity({
    isKept: (organisation, attemptId) => hasAttempt(ledger.database, organisation, attemptId),
    journal: {
      append: (...records) => {
        if (fails) return Promise.reject(new Error('the spool is full'));
        told.push(...(records as readonly FinalRecord[]));
        return ledger.ledger.journal.append(...records);
      },
    },
    balances,
    paces: noPaces,
    contracts: () => contracts,
  });
  return { balances, told, book, spentBy: (scope) => balances.budgets.standing(scope, noonMs)?.spentNanoUsd };
};

const drain = (): Promise<void> => ledger.ledger.shipper.drain(AbortSignal.timeout(20_000));

let jobs = 0;

/** A job of its own, so that tests of one ledger do not meet. */
const freshJob = (more: Partial<Job> = {}): Job => {
  jobs += 1;
  return aJob({ id: `01a21aa4-b93d-732e-9a06-${String(jobs).padStart(12, '0')}`, ...more });
};

const spec = rereadJob(jobFile());

interface UsageRow {
  readonly group: string;
  readonly amountNanoUsd: string;
  readonly usage: Readonly<Record<string, number>>;
}

const usageBy = async (groupBy: 'provider' | 'model' | 'vendor' | 'key'): Promise<readonly UsageRow[]> => {
  const report = await usageReport(ledger.database, ['default', 'abroad'], { groupBy, fromMs: null, toMs: null });
  const { rows }: { readonly rows: readonly UsageRow[] } = JSON.parse(JSON.stringify(report));
  return rows;
};

describe('a piece of use', () => {
  test('reaches the journal, the shares and the budgets, once', async () => {
    const { book, told, balances, spentBy } = await openProcess();
    const [job, attempt] = [freshJob(), anAttempt(south)];
    const booked = { acceleratorSeconds: 240, amountNanoUsd: minuteNanoUsd.toString() };
    expect(await book(job, spec, attempt, minute)).toEqual(booked);
    expect(await book(job, spec, attempt, minute)).toEqual(booked);
    expect(told).toMatchObject([
      {
        type: 'final',
        requestId: job.id,
        operation: 'compute',
        wire: 'jobs',
        provider: 'south-1',
        targetModel: 'GB200',
        model: 'own-small',
        team: 'research',
        contract: 'south-pool',
        usage: { acceleratorSeconds: 240 },
        basis: 'reported',
      },
    ]);
    const { totalNanoUsd, spentNanoUsd } = balances.shares.snapshot(noonMs);
    expect(totalNanoUsd).toBe(minuteNanoUsd);
    expect(spentNanoUsd.vendor.get('borealis')).toBe(minuteNanoUsd);
    // What nobody knows is counted whole, so that a cap holds whatever the truth is.
    expect([...spentNanoUsd.host]).toEqual([
      ['south', minuteNanoUsd],
      ['north', minuteNanoUsd / 4n],
    ]);
    expect([spentBy('team:research'), spentBy('organisation:default')]).toEqual([minuteNanoUsd, minuteNanoUsd]);
  });

  test('is charged to team and organisation of its job, and never to a key of clients that is called like the admin key', async () => {
    const { book, told, spentBy } = await openProcess();
    await book(
      freshJob({ organisation: 'abroad', submittedBy: 'ops' }),
      { ...spec, team: 'far' },
      anAttempt(south),
      minute,
    );
    await book(freshJob({ submittedBy: 'ops' }), spec, anAttempt(south), minute);
    expect(told.map(({ key, organisation }) => [key, organisation])).toEqual([
      ['admin/ops', 'abroad'],
      ['admin/ops', 'default'],
    ]);
    for (const scope of ['team:research', 'organisation:default', 'team:far', 'organisation:abroad'])
      expect(spentBy(scope), scope).toBe(minuteNanoUsd);
    expect(spentBy('key:ops')).toBe(0n);
    // A start reads the same out of the ledger.
    await drain();
    const next = await openProcess();
    for (const scope of ['team:research', 'organisation:default', 'team:far', 'organisation:abroad'])
      expect(next.spentBy(scope), scope).toBe(minuteNanoUsd);
    expect(next.spentBy('key:ops')).toBe(0n);
    expect(next.balances.shares.snapshot(noonMs).totalNanoUsd).toBe(2n * minuteNanoUsd);
  });

  test('names what is in force when it begins, as contracts end and begin while its job runs', async () => {
    const of = (id: string, period: readonly string[], terms: object): object => ({
      id,
      vendor: 'borealis',
      covers: [{ site: 'south-1' }],
      period,
      ...terms,
    });
    const hourly = { kind: 'floor', unit: 'usdPerHour', quantity: '10' };
    const { contracts } = configurationWith({
      contracts: [
        ...(twoSites['contracts'] as readonly object[]),
        of('pool', ['2026-11-01', '2026-11-18'], { kind: 'pool', usd: '1200', shortfall: { rate: '1.0' } }),
        of('ended', ['2026-11-01', '2026-11-16'], hourly),
        of('begun', ['2026-11-17', '2026-11-19'], hourly),
      ],
    });
    const { book, told } = await openProcess({ contracts: contractsOf({ contracts, providers: [] }) });
    const [job, attempt] = [freshJob(), anAttempt({ ...south, contract: 'ended' })];
    for (const day of [15, 16, 17, 19]) {
      const fromMs = Date.UTC(2026, 10, day, 12);
      await book(job, spec, attempt, { fromMs, untilMs: fromMs + 60_000, certainUntilMs: fromMs + 60_000 });
    }
    await book(job, spec, anAttempt({ number: 2 }), minute);
    expect(told.map(({ contract }) => contract)).toEqual(['ended', 'pool', 'begun', null, 'north-slot']);
  });

  test('that the ledger has already is told again after a crash, and added nowhere', async () => {
    const first = await openProcess();
    const [job, attempt] = [freshJob(), anAttempt(south)];
    const booked = await first.book(job, spec, attempt, minute);
    await drain();
    const second = await openProcess();
    expect(await second.book(job, spec, attempt, minute)).toEqual(booked);
    expect(second.told).toEqual([]);
    expect(second.spentBy('team:research')).toBe(minuteNanoUsd);
    expect(second.balances.shares.snapshot(noonMs).totalNanoUsd).toBe(minuteNanoUsd);
    // The next one is new, and is.
    const next = { fromMs: minute.untilMs, untilMs: minute.untilMs + 60_000, certainUntilMs: minute.untilMs + 60_000 };
    await second.book(job, spec, attempt, next);
    expect(second.told).toHaveLength(1);
    expect(second.spentBy('team:research')).toBe(2n * minuteNanoUsd);
    await drain();
    expect(await usageBy('provider')).toMatchObject([{ group: 'south-1', usage: { acceleratorSeconds: 480 } }]);
  });

  test('of another attempt that begins at the same moment is another piece', async () => {
    const { book, told } = await openProcess();
    const job = freshJob();
    await book(job, spec, anAttempt(south), minute);
    await book(job, spec, anAttempt({ ...south, number: 2 }), minute);
    expect(new Set(told.map(({ attemptId }) => attemptId)).size).toBe(2);
  });

  test('that the journal does not take is in no balance, and can be told again', async () => {
    const full = await openProcess({ fails: true });
    const [job, attempt] = [freshJob(), anAttempt(south)];
    await expect(full.book(job, spec, attempt, minute)).rejects.toThrow('the spool is full');
    await expect(full.book(job, spec, attempt, minute)).rejects.toThrow('the spool is full');
    expect(full.spentBy('team:research')).toBe(0n);
    expect(full.balances.shares.snapshot(noonMs).totalNanoUsd).toBe(0n);
  });

  test('whose end nobody saw is an estimate, with the range within which it lies', async () => {
    const { book, told } = await openProcess();
    const uncertain = { ...minute, certainUntilMs: noonMs + 30_000 };
    await book(freshJob(), spec, anAttempt({ ...south, fenced: true }), uncertain);
    expect(told[0]).toMatchObject({
      basis: 'estimated',
      amountNanoUsd: minuteNanoUsd.toString(),
      rangeNanoUsd: [(minuteNanoUsd / 2n).toString(), minuteNanoUsd.toString()],
    });
  });

  test('of an hour of a slot costs nothing more, and has its seconds', async () => {
    const { book, spentBy } = await openProcess();
    const booked = await book(freshJob(), spec, anAttempt(), minute);
    expect(booked).toEqual({ acceleratorSeconds: 240, amountNanoUsd: '0' });
    expect(spentBy('team:research')).toBe(0n);
  });
});

describe('the ledger', () => {
  test('tells capacity with everything else: use by site and job, slots by the hour, pools by the dollar', async () => {
    const { book } = await openProcess();
    await ledger.book({ amountNanoUsd: '500', provider: 'aurora', vendor: 'aurora' });
    await book(freshJob(), spec, anAttempt(), minute);
    await book(freshJob(), spec, anAttempt(south), minute);
    await drain();
    const bySite = new Map((await usageBy('provider')).map((row) => [row.group, row]));
    expect(bySite.get('north-1')).toMatchObject({ amountNanoUsd: '0', usage: { acceleratorSeconds: 240 } });
    expect(bySite.get('south-1')).toMatchObject({
      amountNanoUsd: minuteNanoUsd.toString(),
      usage: { acceleratorSeconds: 240 },
    });
    expect(bySite.get('aurora')).toMatchObject({ amountNanoUsd: '500', usage: { acceleratorSeconds: 0, output: 5 } });
    expect(await usageBy('vendor')).toMatchObject([
      { group: 'borealis', amountNanoUsd: minuteNanoUsd.toString() },
      { group: 'aurora', amountNanoUsd: '500' },
    ]);
    expect((await usageBy('model')).find(({ group }) => group === 'own-small')?.usage).toMatchObject({
      acceleratorSeconds: 480,
    });
    const contracts = contractsOf(configuration);
    const answer = await contractStandings(ledger.database, ['default', 'abroad'], contracts, noonMs + 60_000);
    const { contracts: standings }: { readonly contracts: readonly Record<string, unknown>[] } = JSON.parse(
      JSON.stringify(answer),
    );
    const byId = new Map(standings.map((one) => [one['id'], one]));
    expect(byId.get('north-slot')?.['drawnHours']).toBeCloseTo(240 / 3_600, 9);
    expect(byId.get('south-pool')).toMatchObject({ drawnNanoUsd: minuteNanoUsd.toString() });
  });

  test('has nothing wrong with it, whoever told a piece how often', async () => {
    const [job, attempt] = [freshJob(), anAttempt(south)];
    const ids: string[] = [];
    for (const round of [1, 2, 3]) {
      const { book, told } = await openProcess();
      await book(job, spec, attempt, minute);
      await book(job, spec, attempt, minute);
      ids.push(...told.map(({ attemptId }) => attemptId));
      expect(ids, `round ${round}`).toHaveLength(1);
      await drain();
    }
    // Other tests took their rows out of the database; what this one told is in both places.
    const { faults } = await verifyLedger(ledger.database, ledger.ledger.spool.directory);
    expect(faults.filter(({ id }) => ids.includes(id))).toEqual([]);
    expect(await usageBy('provider')).toMatchObject([{ amountNanoUsd: minuteNanoUsd.toString() }]);
  });
});
