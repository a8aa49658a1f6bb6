import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { principalsOfKeys, makeKeyTable, type KeyTable } from '../access/index.ts';
import { CodedError, nanoUsd, zeroUsd } from '../kernel/index.ts';
import { Shares, shareDimensions } from '../ledger/index.ts';
import { storeErrors, type Database, type SqlValue } from '../store/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import { Balances, type SharedLedger } from './Balances.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { finalOf, noonMs, openTestLedger, type Attempt, type TestLedger } from './openTestLedger.fixture.ts';
import { hashOfNobody, testConfiguration, testFile } from './testConfiguration.fixture.ts';

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await openTestLedger();
});
afterAll(() => ledger.remove());
afterEach(() => ledger.empty());

const month = (usd: string): object => ({ usd, window: 'month', hard: true });

const fileKey = (name: string, digit: string, more: object = {}): object => ({
  name,
  hash: hashOfNobody(digit),
  team: 'research',
  ...more,
});

const configurationOf = (sections: Readonly<Record<string, unknown>>): ArchipelConfiguration =>
  testConfiguration(testFile(sections)).configuration;

const tableOf = ({ keys, teams, timeZone }: ArchipelConfiguration): KeyTable => {
  const table = makeKeyTable(principalsOfKeys(keys, teams, timeZone));
  if (!table.ok) throw new Error('the keys of a test do not clash');
  return table.value;
};

const balancesOf = async (configuration: ArchipelConfiguration, database = ledger.database): Promise<Balances> => {
  const balances = new Balances(database, configuration);
  await balances.configure(configuration, tableOf(configuration), noonMs);
  return balances;
};

const spentOf = (balances: Balances, id: string): bigint | undefined =>
  balances.budgets.standing(id, noonMs)?.spentNanoUsd;

describe('budgets that begin with what the ledger has', () => {
  test('have what was booked for their key, team and organisation in the running window, and nothing else', async () => {
    await ledger.book(
      { amountNanoUsd: '1' },
      { amountNanoUsd: '20', key: 'other' },
      { amountNanoUsd: '300', team: 'sales', key: 'seller' },
      { amountNanoUsd: '4000', organisation: 'abroad', team: 'far', key: 'demo' },
      { amountNanoUsd: '50000', startedAtMs: Date.UTC(2026, 9, 31, 23, 59, 59, 999) },
    );
    const balances = await balancesOf(
      configurationOf({
        organisations: { default: { budget: month('100') }, abroad: { budget: month('100') } },
        teams: { research: { budget: month('100') }, sales: { budget: { ...month('100'), window: 'total' } } },
        keys: [fileKey('demo', 'a', { budget: month('100') }), fileKey('other', 'b', { budget: month('100') })],
      }),
    );
    expect(spentOf(balances, 'key:demo')).toBe(1n);
    expect(spentOf(balances, 'key:other')).toBe(20n);
    expect(spentOf(balances, 'team:research')).toBe(21n);
    expect(spentOf(balances, 'team:sales')).toBe(300n);
    expect(spentOf(balances, 'organisation:default')).toBe(321n);
    expect(spentOf(balances, 'organisation:abroad')).toBe(4000n);
  });

  test('take the first instant of their window in their time zone, and not the one before', async () => {
    // Midnight in Paris, an hour before that of UTC.
    const fromMs = Date.UTC(2026, 9, 31, 23);
    await ledger.book({ amountNanoUsd: '7', startedAtMs: fromMs }, { amountNanoUsd: '500', startedAtMs: fromMs - 1 });
    const keys = [fileKey('demo', 'a', { budget: month('100') })];
    expect(spentOf(await balancesOf(configurationOf({ timeZone: 'Europe/Paris', keys })), 'key:demo')).toBe(7n);
    expect(spentOf(await balancesOf(configurationOf({ timeZone: 'UTC', keys })), 'key:demo')).toBe(0n);
  });

  test('count at its most what nobody knows, and at its amount what a vendor or an estimate says', async () => {
    const range = ['0', '900'] as const;
    await ledger.book(
      { amountNanoUsd: '0', basis: 'unknown', outcome: { kind: 'unknown' }, rangeNanoUsd: range },
      { amountNanoUsd: '30', basis: 'estimated', outcome: { kind: 'cancelled' }, rangeNanoUsd: range },
    );
    const keys = [fileKey('demo', 'a', { budget: month('100') })];
    expect(spentOf(await balancesOf(configurationOf({ keys })), 'key:demo')).toBe(930n);
  });

  test('refuse what would go beyond a cap that an earlier process has nearly reached', async () => {
    await ledger.book({ amountNanoUsd: '999999999' });
    const { budgets } = await balancesOf(configurationOf({ keys: [fileKey('demo', 'a', { budget: month('1') })] }));
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noonMs, 0).ok).toBe(true);
    expect(budgets.hold(['key:demo'], nanoUsd(1n), noonMs, 0)).toMatchObject({
      ok: false,
      fault: { scope: 'key:demo' },
    });
  });

  test('are read by one question for all keys of a window, however many there are', async () => {
    const asked: string[] = [];
    const counting: Database = {
      ...ledger.database,
      query: (sql: string, values?: readonly SqlValue[]) => {
        asked.push(sql);
        return ledger.database.query(sql, values);
      },
    };
    const keys = Array.from({ length: 40 }, (_, index) => ({
      ...fileKey(`key-${index}`, 'a', { budget: month('1') }),
      hash: `sha256:${String(index).padStart(64, '0')}`,
    }));
    await balancesOf(configurationOf({ keys }), counting);
    // The keys, the organisations, and the shares of the only one.
    expect(asked).toHaveLength(3);
  });

  test('have what a rolling window still has, by the piece in which it leaves, and only what is of their models', async () => {
    const hourMs = 3_600_000;
    await ledger.book(
      { amountNanoUsd: '1' },
      { amountNanoUsd: '20', startedAtMs: noonMs - 23 * hourMs, model: 'chat-mini' },
      { amountNanoUsd: '300', startedAtMs: noonMs - 24 * hourMs, model: 'other' },
      { amountNanoUsd: '4000', startedAtMs: noonMs - 24 * hourMs - 1 },
      { amountNanoUsd: '50000', wire: 'jobs', operation: 'compute', model: 'chat', team: 'research', key: 'admin/ops' },
    );
    const rolling = { usd: '100', window: { rolling: '24h' } };
    const balances = await balancesOf(
      configurationOf({
        teams: { research: { budgets: [rolling, { ...rolling, name: 'chat', models: ['chat', 'chat-*'] }] } },
        keys: [fileKey('demo', 'a', { budget: month('100'), budgets: [rolling] })],
      }),
    );
    expect(spentOf(balances, 'key:demo')).toBe(4321n);
    expect(spentOf(balances, 'key:demo/24h')).toBe(321n);
    expect(spentOf(balances, 'team:research/24h')).toBe(50_321n);
    expect(spentOf(balances, 'team:research/chat')).toBe(21n);
    const hourLater = balances.budgets.standing('team:research/chat', noonMs + 1.5 * hourMs);
    expect(hourLater?.spentNanoUsd).toBe(1n);
  });

  test('are one for a key and the key that took its name over', async () => {
    await ledger.book({ amountNanoUsd: '5' });
    const configuration = configurationOf({ keys: [fileKey('demo', 'a', { budget: month('100') })] });
    const [[hash, live] = ['', undefined]] = [...tableOf(configuration)];
    const replaced = { ...live!, budget: { ...live!.budget!, usd: nanoUsd(1n) } };
    // A table has live keys first.
    const keys = new Map([...tableOf(configuration), [`not ${hash}`, replaced] as const]);
    const balances = new Balances(ledger.database, configuration);
    await balances.configure(configuration, keys, noonMs);
    expect(balances.budgets.standing('key:demo', noonMs)).toMatchObject({
      spentNanoUsd: 5n,
      capNanoUsd: 100_000_000_000n,
    });
  });
});

describe('budgets of end users', () => {
  const ann = 'team:research/user/a1';
  const ben = 'team:research/user/b2';
  const monthFromMs = Date.UTC(2026, 10, 1);
  const limited = (usd: string) => configurationOf({ teams: { research: { endUserBudget: month(usd) }, sales: {} } });

  test('begin with what records say was charged to them in the running window', async () => {
    await ledger.book(
      {
        amountNanoUsd: '1',
        budgets: [
          [ann, monthFromMs],
          ['team:research', monthFromMs],
        ],
      },
      { amountNanoUsd: '20', budgets: [[ann, monthFromMs]] },
      { amountNanoUsd: '300', budgets: [[ben, monthFromMs]] },
      { amountNanoUsd: '4000', budgets: [[ann, Date.UTC(2026, 9, 1)]], startedAtMs: Date.UTC(2026, 9, 31) },
      { amountNanoUsd: '50000', budgets: [['team:sales/user/a1', monthFromMs]], team: 'sales' },
      { amountNanoUsd: '600000' },
    );
    const balances = await balancesOf(limited('1'));
    expect([spentOf(balances, ann), spentOf(balances, ben), spentOf(balances, 'team:sales/user/a1')]).toEqual([
      21n,
      300n,
      undefined,
    ]);
    const next = limited('2');
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.budgets.standing(ann, noonMs)).toMatchObject({ spentNanoUsd: 21n, capNanoUsd: 2_000_000_000n });
  });

  test('that count something else since are counted by when attempts began and by their models, whatever window records name', async () => {
    const budgets = [[ann, monthFromMs]] as const;
    const todayMs = Date.UTC(2026, 10, 15);
    await ledger.book(
      { amountNanoUsd: '1', budgets, startedAtMs: todayMs - 1 },
      { amountNanoUsd: '20', budgets, startedAtMs: todayMs },
      { amountNanoUsd: '300', budgets, model: 'image-small' },
    );
    const daily = (budget: object) =>
      configurationOf({ teams: { research: { endUserBudget: { usd: '1', ...budget } } } });
    expect(spentOf(await balancesOf(daily({ window: 'day' })), ann)).toBe(320n);
    expect(spentOf(await balancesOf(daily({ window: 'day', models: ['chat*'] })), ann)).toBe(20n);
    expect(spentOf(await balancesOf(daily({ window: 'day', models: ['chat'] })), ann)).toBe(20n);
    const rolling = daily({ window: { rolling: '24h' } });
    expect(spentOf(await balancesOf(rolling), ann)).toBe(321n);
    const shared = new Balances(ledger.database, rolling, true);
    await shared.configure(rolling, tableOf(rolling), noonMs);
    expect(shared.takeNew()).toEqual(['team:research/user/']);
    expect(shared.endUserBeginnings()).toEqual(['team:research/user/']);
    expect(shared.endUserCount('team:sales/user/', noonMs)).toBeNull();
    const { windows, count } = shared.endUserCount('team:research/user/', noonMs)!;
    expect(windows).toMatchObject({
      beginning: 'team:research/user/',
      fromMs: 0,
      untilMs: Infinity,
      spentFromMs: noonMs - 86_400_000,
    });
    const counted = await count(ledger.database);
    expect(
      [...counted].map(([id, pieces]) => [id, [...pieces.values()].reduce((sum, amount) => sum + amount, 0n)]),
    ).toEqual([[ann, 321n]]);
    // What began by a clock that is ahead is of the next day.
    await ledger.book({ amountNanoUsd: '4000', budgets, startedAtMs: todayMs + 86_400_000 });
    expect(spentOf(await balancesOf(daily({ window: 'day' })), ann)).toBe(320n);
  });
});

describe('budgets at a reload', () => {
  const keysOf = (demo: object | null, other: object | null) => ({
    keys: [
      fileKey('demo', 'a', demo === null ? {} : { budget: demo }),
      fileKey('other', 'b', other === null ? {} : { budget: other }),
    ],
  });

  test('keep what memory knows; those that are new begin with the ledger', async () => {
    await ledger.book({ amountNanoUsd: '5' }, { amountNanoUsd: '60', key: 'other' });
    const balances = await balancesOf(configurationOf(keysOf(month('100'), null)));
    const hold = balances.budgets.hold(['key:demo', 'key:other'], nanoUsd(1_000n), noonMs, 0);
    if (hold.ok) balances.budgets.settle(hold.value, nanoUsd(400n));
    const next = configurationOf(keysOf(month('200'), month('200')));
    await balances.configure(next, tableOf(next), noonMs);
    expect(spentOf(balances, 'key:demo')).toBe(405n);
    expect(spentOf(balances, 'key:other')).toBe(60n);
  });

  test('are read anew where their window changes', async () => {
    await ledger.book({ amountNanoUsd: '5' }, { amountNanoUsd: '60', startedAtMs: Date.UTC(2026, 10, 2) });
    const balances = await balancesOf(configurationOf(keysOf({ ...month('100'), window: 'day' }, null)));
    expect(spentOf(balances, 'key:demo')).toBe(5n);
    const next = configurationOf(keysOf(month('100'), null));
    await balances.configure(next, tableOf(next), noonMs);
    expect(spentOf(balances, 'key:demo')).toBe(65n);
  });

  test('stay as they were where the ledger does not answer, and are read whole the next time', async () => {
    await ledger.book({ amountNanoUsd: '5' }, { amountNanoUsd: '60', key: 'other' });
    let isAway = false;
    const database: Database = {
      ...ledger.database,
      query: (sql: string, values?: readonly SqlValue[]) => {
        if (isAway) throw new CodedError('database_unavailable', storeErrors.database_unavailable);
        return ledger.database.query(sql, values);
      },
    };
    const balances = await balancesOf(configurationOf(keysOf(month('100'), null)), database);
    const next = configurationOf(keysOf(month('1'), month('200')));
    isAway = true;
    await expect(balances.configure(next, tableOf(next), noonMs)).rejects.toMatchObject({
      code: 'database_unavailable',
    });
    expect(balances.budgets.standing('key:demo', noonMs)?.capNanoUsd).toBe(100_000_000_000n);
    expect(balances.budgets.standing('key:other', noonMs)).toBeNull();
    isAway = false;
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.budgets.standing('key:demo', noonMs)?.capNanoUsd).toBe(1_000_000_000n);
    expect(spentOf(balances, 'key:other')).toBe(60n);
  });
});

describe('shares that begin with what the ledger has', () => {
  const booked: readonly Attempt[] = [
    { amountNanoUsd: '1000' },
    { amountNanoUsd: '700', vendor: 'borealis', hosts: { south: 1 }, jurisdiction: null, lab: null },
    { amountNanoUsd: '333', vendor: 'cascade', hosts: { north: 0.5, south: 0.5 }, lab: 'aurora' },
    // Nobody knows how much runs where: each host has the most that it can have.
    { amountNanoUsd: '90', vendor: 'cascade', hosts: { north: 1, south: 1 } },
    { amountNanoUsd: '11', organisation: 'abroad' },
  ];

  test('are what they would be had this process counted all along', async () => {
    const finals = await ledger.book(...booked);
    const configuration = configurationOf({ organisations: { default: {}, abroad: {} } });
    const counted = new Shares({ window: 'month', timeZone: 'UTC' });
    counted.load(finals);
    const { shares } = await balancesOf(configuration);
    const [loaded, expected] = [shares.snapshot(noonMs), counted.snapshot(noonMs)];
    expect(loaded.totalNanoUsd).toBe(2134n);
    expect(loaded.totalNanoUsd).toBe(expected.totalNanoUsd);
    for (const dimension of shareDimensions) {
      expect(loaded.spentNanoUsd[dimension], dimension).toEqual(expected.spentNanoUsd[dimension]);
    }
    expect(loaded.spentNanoUsd.host.get('north')).toBe(1000n + 166n + 90n + 11n);
  });

  test('leave out what is older than the window of the caps, and are counted anew when a reload changes it', async () => {
    await ledger.book({ amountNanoUsd: '3' }, { amountNanoUsd: '40', startedAtMs: Date.UTC(2026, 10, 2) });
    const capped = (window: string) =>
      configurationOf({ policy: { concentration: { vendor: 0.5, basis: 'spend', window } } });
    const balances = await balancesOf(capped('day'));
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(3n);
    const next = capped('month');
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(43n);
    // The same again changes nothing.
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(43n);
  });

  test('hold what an organisation spent that the file no longer names, at the start and when they are counted anew', async () => {
    await ledger.book({ amountNanoUsd: '3' }, { amountNanoUsd: '40', organisation: 'removed' });
    const balances = await balancesOf(configurationOf({}));
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(43n);
    const next = configurationOf({ policy: { concentration: { vendor: 0.5, basis: 'spend', window: 'day' } } });
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(43n);
  });

  test('take in an organisation that a reload brings', async () => {
    await ledger.book({ amountNanoUsd: '3' });
    const balances = await balancesOf(configurationOf({}));
    // As another replica books it, which had the new file before.
    await ledger.book({ amountNanoUsd: '40', organisation: 'abroad' });
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(3n);
    const next = configurationOf({ organisations: { default: {}, abroad: {} } });
    await balances.configure(next, tableOf(next), noonMs);
    expect(balances.shares.snapshot(noonMs).totalNanoUsd).toBe(43n);
  });

  describe('and learn what others spend,', () => {
    /** What is on its way from a replica, and what happens right behind the moment that is read. */
    interface OwnSpool {
      readonly onTheirWay: readonly FinalRecord[];
      readonly behind?: () => Promise<unknown>;
    }

    const sharedWith = ({ onTheirWay, behind }: OwnSpool): SharedLedger => ({
      database: ledger.database,
      shipper: {
        between: async (act) => {
          const value = await act({ segment: 0, offset: 0, sequence: 7 });
          await behind?.();
          return value;
        },
      },
      spool: {
        instance: '',
        appendedSequence: 7 + onTheirWay.length,
        flush: () => Promise.resolve(),
        finalsBetween: (_after, _until, visit) => Promise.resolve(onTheirWay.forEach(visit)),
      },
    });
    const learn = (balances: Balances, own: OwnSpool): Promise<boolean> =>
      balances.learnShares(sharedWith(own), ledger.clock, AbortSignal.timeout(5_000));
    const totalOf = (balances: Balances): bigint => balances.shares.snapshot(noonMs).totalNanoUsd;

    test('each amount once: what is here alone, what is in the database alone, and what is shipped while it is read', async () => {
      await ledger.book({ amountNanoUsd: '1000' });
      const balances = await balancesOf(configurationOf({}));
      const own = finalOf({ amountNanoUsd: '7' });
      balances.shares.add(own);
      await ledger.book({ amountNanoUsd: '300', vendor: 'borealis' });
      // Own and of others: neither is seen at that moment.
      const behind = () => ledger.book(own, { amountNanoUsd: '50' });
      expect(await learn(balances, { onTheirWay: [own], behind })).toBe(true);
      expect(totalOf(balances)).toBe(1307n);
      expect(balances.shares.snapshot(noonMs).spentNanoUsd.vendor.get('borealis')).toBe(300n);
      await learn(balances, { onTheirWay: [] });
      expect(totalOf(balances)).toBe(1357n);
      expect(balances.shares.corrections, 'what others spend counts as spent').toBe(1);
    });

    test('and not where they were set right by somebody else meanwhile', async () => {
      const balances = await balancesOf(configurationOf({}));
      await ledger.book({ amountNanoUsd: '40', organisation: 'abroad' });
      const next = configurationOf({ organisations: { default: {}, abroad: {} } });
      const behind = () => balances.configure(next, tableOf(next), noonMs);
      expect(await learn(balances, { onTheirWay: [], behind }), 'nothing was learnt').toBe(false);
      expect(totalOf(balances)).toBe(40n);
    });
  });

  test('are nothing where nothing was booked', async () => {
    const { shares } = await balancesOf(configurationOf({}));
    expect(shares.snapshot(noonMs).totalNanoUsd).toBe(zeroUsd);
  });
});
