import { beforeAll, describe, expect, test } from 'vitest';
import { Chance } from '../../../test/rigs/Chance.ts';
import { nanoUsd, silentLog, silentMetrics } from '../../kernel/index.ts';
import { Budgets, type Hold } from '../../ledger/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import { correctSpend } from '../database/correctSpend.ts';
import { attemptTotals, databaseLimits, endUserSpends } from '../database/index.ts';
import type { Database, Queries } from '../database/index.ts';
import { storeError } from '../errors.ts';
import { exampleFinal, exampleIntent, noonMs } from '../exampleRecords.ts';
import { insertRecords } from '../ship/insertRecords.ts';
import { RecordShipping, shipmentsOf } from '../ship/RecordShipping.ts';
import { migratedPostgres } from '../migratedPostgres.fixture.ts';
import {
  countEndUsers,
  countSpends,
  leaseTurn,
  moveSpend,
  movesOfRows,
  releaseLeases,
  type LeaseQuestion,
} from './index.ts';

const { database } = migratedPostgres();
beforeAll(() => database.query(`SELECT archipel.ensure_month('2026-11-01')`));

const fromMs = Date.UTC(2026, 10, 15);
/** Not over when this is run. */
const untilMs = Date.UTC(2100, 0);
const [one, other, third] = [1, 2, 3].map((number) => `00000000-0000-4000-8000-00000000000${number}`) as [
  string,
  string,
  string,
];

const question = (change: Partial<LeaseQuestion> = {}): LeaseQuestion => ({
  organisation: 'default',
  scope: 'team:research',
  fromMs,
  untilMs,
  spentFromMs: fromMs,
  countedAs: 'day',
  isNamedByRecords: false,
  capNanoUsd: nanoUsd(100n),
  hard: true,
  usedNanoUsd: 0n,
  retainedNanoUsd: 0n,
  wantedNanoUsd: 0n,
  askedNanoUsd: 0n,
  ...change,
});

/** What the attempts of everybody in a window come to, whatever the budget. */
const count = async (queries: Queries, scopes: readonly string[]) => {
  const totals = await attemptTotals(queries, { organisation: 'default', fromMs, keys: [] });
  const pieces = new Map(totals.map(({ chargeNanoUsd }) => [fromMs, BigInt(chargeNanoUsd)]));
  return new Map(scopes.map((scope) => [scope, pieces]));
};

const turn = async (replica: string, change: Partial<LeaseQuestion> = {}) => {
  const asked = question(change);
  const [first] = await leaseTurn(database, replica, 60_000, [asked]);
  if (first!.isCounted) return first!;
  await countSpends(database, [asked], count);
  const [answer] = await leaseTurn(database, replica, 60_000, [asked]);
  return answer!;
};

const ship = async (queries: Queries, replica: string, finals: readonly FinalRecord[]) => {
  const payloads = finals.map((final) => Buffer.from(JSON.stringify(final)));
  const range = { spool: replica, fromSequence: 0, toSequence: 1 };
  const records = { journalId: crypto.randomUUID(), range, finals: payloads, requests: [], isShared: true };
  const { moves } = await insertRecords(queries, records);
  if (moves.length > 0) await moveSpend(queries, replica, moves);
  return movesOfRows(moves);
};

const finalOf = (amount: bigint, change: Partial<FinalRecord> = {}): FinalRecord =>
  exampleFinal(exampleIntent({ budgets: [['team:research', fromMs]] }), {
    amountNanoUsd: amount.toString(),
    ...change,
  });

const idsOf = ({ attemptId, requestId }: Pick<FinalRecord, 'attemptId' | 'requestId'>) => ({ attemptId, requestId });

describe('a turn of leases', () => {
  test('gives what is asked, and of what is only wanted an equal share, one of which stays with nobody', async () => {
    expect(await turn(one, { wantedNanoUsd: 90n })).toMatchObject({ grantedNanoUsd: 50n, shareNanoUsd: 50n });
    expect(await turn(other, { wantedNanoUsd: 10n })).toMatchObject({ grantedNanoUsd: 10n, shareNanoUsd: 33n });
    expect(await turn(other, { askedNanoUsd: 45n })).toMatchObject({ grantedNanoUsd: 45n, isAwaited: false });
    expect(await turn(one, { usedNanoUsd: 20n, retainedNanoUsd: 13n, wantedNanoUsd: 90n })).toMatchObject({
      grantedNanoUsd: 46n,
      shareNanoUsd: 26n,
    });
  });

  test('gives no more than nobody has, tells the others who waits, and leaves them what they use', async () => {
    await turn(one, { askedNanoUsd: 80n });
    expect(await turn(other, { askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 20n });
    expect(await turn(one, { usedNanoUsd: 30n, wantedNanoUsd: 50n })).toMatchObject({
      grantedNanoUsd: 30n,
      isAwaited: true,
    });
    expect(await turn(other, { askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 50n, othersNanoUsd: 30n });
    expect(await turn(one, { usedNanoUsd: 30n })).toMatchObject({ isAwaited: false });
  });

  test('gives of two that wait for more than there is what there is to one', async () => {
    await turn(one, { askedNanoUsd: 80n });
    expect(await turn(other, { askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 20n });
    expect(await turn(one, { usedNanoUsd: 40n, askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 80n });
    expect(await turn(other, { askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 0n });
    expect(await turn(one, { usedNanoUsd: 40n, askedNanoUsd: 50n })).toMatchObject({ grantedNanoUsd: 90n });
  });

  test('takes back what is idle, and forgets who has nothing', async () => {
    await turn(one, { askedNanoUsd: 80n });
    expect(await turn(one)).toMatchObject({ grantedNanoUsd: 0n });
    expect(await database.query('SELECT FROM archipel.budget_lease')).toHaveLength(0);
    expect(await turn(other, { askedNanoUsd: 100n })).toMatchObject({ grantedNanoUsd: 100n });
  });

  test('gives nothing of a window before it was counted from the attempts of before, which is done once', async () => {
    const { budgets: _none, ...before } = finalOf(30n);
    const lost = finalOf(0n, { lines: [], basis: 'unknown', outcome: { kind: 'unknown' }, rangeNanoUsd: ['0', '7'] });
    await ship(database, one, [before, finalOf(20n), lost]);
    const asked = question({ askedNanoUsd: 100n });
    expect(await leaseTurn(database, one, 60_000, [asked])).toMatchObject([{ grantedNanoUsd: 0n, isCounted: false }]);
    await countSpends(database, [asked], count);
    await countSpends(database, [asked], () => Promise.resolve(new Map([[asked.scope, new Map([[fromMs, 99n]])]])));
    expect(await turn(one, { askedNanoUsd: 100n })).toMatchObject({ spentNanoUsd: 57n, grantedNanoUsd: 43n });
    // Under the same start it is a window of something else now.
    expect(await turn(one, { countedAs: 'month' })).toMatchObject({ spentNanoUsd: 57n });
    await ship(database, one, [{ ...before, ...idsOf(exampleIntent()) }]);
    expect(await turn(one, { countedAs: 'month' })).toMatchObject({ spentNanoUsd: 57n });
    expect(await turn(one, { countedAs: 'year' })).toMatchObject({ spentNanoUsd: 87n });
  });

  test('adds the pieces of a rolling window up from the first that counts, and moves what is shipped from its one lease', async () => {
    const rolling = (spentFromMs: number, askedNanoUsd = 0n) =>
      turn(one, { scope: 'key:demo', fromMs: 0, untilMs: Infinity, spentFromMs, countedAs: 'rolling', askedNanoUsd });
    const piece = (at: number, amount: bigint) =>
      finalOf(amount, { ...idsOf(exampleIntent()), budgets: [['key:demo', fromMs + at]] });
    expect(await rolling(fromMs, 60n)).toMatchObject({ spentNanoUsd: 0n, grantedNanoUsd: 60n });
    await ship(database, one, [piece(0, 10n), piece(10, 20n)]);
    expect(
      await turn(other, {
        scope: 'key:demo',
        fromMs: 0,
        untilMs: Infinity,
        spentFromMs: fromMs,
        countedAs: 'rolling',
        askedNanoUsd: 99n,
      }),
    ).toMatchObject({
      spentNanoUsd: 30n,
      grantedNanoUsd: 40n,
    });
    expect(await rolling(fromMs + 10)).toMatchObject({ spentNanoUsd: 20n });
  });

  test('of a rolling window leaves out what others were granted so long ago that nothing spent under it still counts', async () => {
    const rolling = { scope: 'key:demo', fromMs: 0, untilMs: Infinity, countedAs: 'rolling' };
    await turn(one, { ...rolling, spentFromMs: 1, askedNanoUsd: 60n });
    const asks = (spentFromMs: number) => turn(other, { ...rolling, spentFromMs, askedNanoUsd: 99n });
    expect(await asks(1)).toMatchObject({ grantedNanoUsd: 40n });
    expect(await asks(untilMs)).toMatchObject({ grantedNanoUsd: 99n });
  });

  test('while a rolling window is counted lets what was spent of other budgets be shipped', async () => {
    const asked = question({ scope: 'key:demo', fromMs: 0, untilMs: Infinity, countedAs: 'rolling' });
    await leaseTurn(database, one, 60_000, [asked]);
    await countSpends(database, [asked], async (queries, scopes) => {
      await ship(database, other, [finalOf(5n)]);
      return count(queries, scopes);
    });
    expect(await leaseTurn(database, one, 60_000, [asked])).toMatchObject([{ isCounted: true, spentNanoUsd: 5n }]);
  });

  test('counts again, where that is asked, what was spent since without naming the budget', async () => {
    await turn(one);
    const { budgets: _none, ...unnamed } = finalOf(30n);
    await ship(database, other, [unnamed]);
    expect(await turn(one)).toMatchObject({ spentNanoUsd: 0n });
    await countSpends(database, [question()], count, new Set([question().scope]));
    expect(await turn(one)).toMatchObject({ spentNanoUsd: 30n });
  });

  test('forgets windows that ended long ago', async () => {
    const scope = 'team:research/user/3f1a';
    await turn(one, { scope, isNamedByRecords: true });
    await turn(one, { scope, isNamedByRecords: true, fromMs: 1, spentFromMs: 1, untilMs: 2 });
    expect(await database.query('SELECT bucket_from_ms::float8 AS from FROM archipel.budget_spend')).toEqual([
      { from: fromMs },
    ]);
  });

  test('counts nothing of before for a budget that only records themselves name', async () => {
    await ship(database, one, [finalOf(30n), finalOf(20n, { budgets: [] })]);
    const asked = question({ askedNanoUsd: 100n, isNamedByRecords: true });
    const [answer] = await leaseTurn(database, one, 60_000, [asked]);
    expect(answer).toMatchObject({ isCounted: true, spentNanoUsd: 30n, grantedNanoUsd: 70n });
  });

  test('counts all end users of somebody anew whose budgets are of another window since, and leaves those that are right', async () => {
    const monthMs = Date.UTC(2026, 10);
    const [ann, ben] = ['team:research/user/ann', 'team:research/user/ben'] as const;
    const ofDay = (scope: string, amount: bigint) =>
      finalOf(amount, { ...idsOf(exampleIntent()), budgets: [[scope, fromMs]] });
    await ship(database, one, [ofDay(ann, 30n), ofDay(ann, 4n), ofDay(ben, 7n)]);
    const month = { organisation: 'default', beginning: 'team:research/user/', countedAs: 'month', fromMs: monthMs };
    const recount = (
      spentFromMs = monthMs,
      from = monthMs,
      meanwhile: () => Promise<unknown> = () => Promise.resolve(),
    ) =>
      countEndUsers(database, () => ({
        windows: { ...month, fromMs: from, spentFromMs, untilMs: from === 0 ? Infinity : untilMs },
        count: async (queries) => {
          const alike = { organisation: 'default', beginnings: [month.beginning], pieceMs: null, models: null };
          const spends = await endUserSpends(queries, { ...alike, fromMs: spentFromMs, untilMs: null });
          await meanwhile();
          return new Map(
            spends.map(({ scope, chargeNanoUsd }) => [scope, new Map([[spentFromMs, BigInt(chargeNanoUsd)]])]),
          );
        },
      }));
    const leased = { isNamedByRecords: true, askedNanoUsd: 100n, fromMs: monthMs, spentFromMs: monthMs };
    expect(await turn(one, { ...leased, scope: ann })).toMatchObject({ spentNanoUsd: 0n, grantedNanoUsd: 100n });
    // What is shipped while it is counted waits for nothing, and is counted once; who counts at the same time waits, and finds it counted.
    const second = Promise.withResolvers<readonly string[]>();
    const isWaiting = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'";
    const meanwhile = async () => {
      await ship(database, one, [finalOf(6n, { ...idsOf(exampleIntent()), budgets: [[ann, monthMs]] })]);
      second.resolve(recount());
      while ((await database.query(isWaiting)).length === 0);
    };
    expect((await recount(monthMs, monthMs, meanwhile)).toSorted()).toEqual([ann, ben]);
    expect(await second.promise).toEqual([]);
    // Also of those who are never leased again, so that they are forgotten one day.
    const ends = 'SELECT window_until_ms::float8 AS until FROM archipel.budget_spend WHERE bucket_from_ms = $1';
    expect(await database.query(ends, [monthMs])).toEqual([{ until: untilMs }, { until: untilMs }]);
    expect(await recount()).toEqual([]);
    expect(await turn(one, { ...leased, scope: ann })).toMatchObject({ spentNanoUsd: 40n, grantedNanoUsd: 60n });
    expect(await turn(one, { ...leased, scope: ben })).toMatchObject({ spentNanoUsd: 7n });
    // A rolling one has its lease at 0; what its attempts no longer say is nothing.
    expect(await recount(fromMs, 0)).toEqual([ann]);
    await database.query('UPDATE archipel.budget_spend SET spent_nano_usd = 9 WHERE scope = $1', [ben]);
    expect(await recount(fromMs, 0)).toEqual([ben]);
    const rolling = { isNamedByRecords: true, fromMs: 0, untilMs: Infinity, spentFromMs: fromMs };
    expect(await turn(one, { ...rolling, scope: ann })).toMatchObject({ spentNanoUsd: 40n });
  });

  test('counts end users in the window that runs once nobody else counts, though another ran when it was asked', async () => {
    const ann = 'team:research/user/ann';
    const [dayMs, nextMs] = [fromMs, fromMs + 86_400_000];
    let clockMs = nextMs - 1;
    const spent = (atMs: number, amount: bigint) =>
      finalOf(amount, {
        ...idsOf(exampleIntent()),
        startedAtMs: atMs,
        budgets: [[ann, atMs < nextMs ? dayMs : nextMs]],
      });
    await ship(database, one, [spent(dayMs, 30n), spent(nextMs, 5n)]);
    const recount = () =>
      countEndUsers(database, () => {
        const runsMs = clockMs < nextMs ? dayMs : nextMs;
        const [organisation, beginning] = ['default', 'team:research/user/'];
        const window = { fromMs: runsMs, untilMs: runsMs + 86_400_000 };
        const asked = { organisation, beginnings: [beginning], pieceMs: null, models: null, ...window };
        return {
          windows: { organisation, beginning, countedAs: 'day', spentFromMs: runsMs, ...window },
          count: async (queries) =>
            new Map(
              (await endUserSpends(queries, asked)).map((spend) => [
                spend.scope,
                new Map([[runsMs, BigInt(spend.chargeNanoUsd)]]),
              ]),
            ),
        };
      });
    // What the next day has spent is none of this one.
    expect(await recount()).toEqual([]);
    const waiting = await database.exclusive(async (queries) => {
      await queries.query("SELECT pg_advisory_lock(hashtext('archipel.count_end_users'))");
      const counting = recount();
      while ((await database.query("SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")).length === 0);
      clockMs = nextMs;
      return { counting };
    });
    expect(await waiting.counting).toEqual([]);
    const rows = `SELECT bucket_from_ms::float8 AS from, spent_nano_usd AS spent FROM archipel.budget_spend ORDER BY 1`;
    expect(await database.query(rows)).toEqual([
      { from: dayMs, spent: '30' },
      { from: nextMs, spent: '5' },
    ]);
  });

  test('sets many end users right part by part, and after a part that failed only those that are left', async () => {
    const scopes = Array.from({ length: 1_200 }, (_, number) => `team:research/user/${number}`);
    const windows = { organisation: 'default', beginning: 'team:research/user/', countedAs: 'day', fromMs, untilMs };
    const right = new Map(scopes.map((scope) => [scope, new Map([[fromMs, 7n]])]));
    const begin = () => ({ windows: { ...windows, spentFromMs: fromMs }, count: () => Promise.resolve(right) });
    let [adding, failing] = [0, 2];
    const flaky: Database = {
      ...database,
      exclusive: (act) =>
        database.exclusive((queries) =>
          act({
            query: (sql, values) => {
              if (sql.includes('INSERT INTO archipel.budget_spend') && (adding += 1) === failing)
                return Promise.reject(storeError('database_unavailable', 'PostgreSQL is away on purpose.'));
              return queries.query(sql, values);
            },
          }),
        ),
    };
    const spends = 'SELECT count(*)::int AS users FROM archipel.budget_spend WHERE spent_nano_usd = 7';
    await expect(countEndUsers(flaky, begin)).rejects.toThrow('on purpose');
    expect(await database.query(spends)).toEqual([{ users: 1_000 }]);
    failing = 0;
    expect(await countEndUsers(flaky, begin)).toHaveLength(200);
    expect(await database.query(spends)).toEqual([{ users: 1_200 }]);
    expect(adding).toBe(3);
  });

  test('tells of a soft budget what was spent, and leases nothing', async () => {
    await ship(database, one, [finalOf(30n)]);
    expect(await turn(one, { hard: false, wantedNanoUsd: 9n })).toMatchObject({
      spentNanoUsd: 30n,
      grantedNanoUsd: 0n,
    });
    expect(await database.query('SELECT FROM archipel.budget_lease')).toHaveLength(0);
  });

  test('moves an attempt from what was granted to what is spent once, however often it is shipped', async () => {
    await turn(one, { askedNanoUsd: 50n });
    const final = finalOf(30n);
    expect(await ship(database, one, [final])).toEqual([
      { organisation: 'default', scope: 'team:research', fromMs, amountNanoUsd: 30n },
    ]);
    expect(await ship(database, one, [final])).toEqual([]);
    expect(await turn(other, { askedNanoUsd: 100n })).toMatchObject({ spentNanoUsd: 30n, grantedNanoUsd: 50n });
  });

  test('hears once what a range has spent, also where a bad record halves it and the database goes between the halves', async () => {
    let [transactions, failing] = [0, 4];
    const flaky: Database = {
      ...database,
      transaction: (act) => {
        transactions += 1;
        if (transactions !== failing) return database.transaction(act);
        return Promise.reject(storeError('database_unavailable', 'PostgreSQL is away on purpose.'));
      },
    };
    const shipping = new RecordShipping({
      database: flaky,
      log: silentLog,
      metrics: silentMetrics,
      makeJournalId: () => crypto.randomUUID(),
      heldBehind: () => 0,
      isShared: true,
    });
    const bad = { ...finalOf(7n), basis: 'nonsense' };
    const payloads = [finalOf(5n), bad].map((record) => Buffer.from(JSON.stringify(record)));
    const range = { spool: one, fromSequence: 0, toSequence: 2, shipments: shipmentsOf(payloads, 0) };
    const told: bigint[] = [];
    const ship = () => shipping.ship(range, (moves) => told.push(...moves.map(({ amountNanoUsd }) => amountNanoUsd)));
    // Whole and once more, then the first half; the second finds nobody.
    await expect(ship()).rejects.toThrow('on purpose');
    expect([transactions, told]).toEqual([4, []]);
    failing = 0;
    await ship();
    expect(told).toEqual([5n]);
    expect(await database.query('SELECT spent_nano_usd FROM archipel.budget_spend')).toEqual([{ spent_nano_usd: '5' }]);
  });

  test('moves what is shipped from the lease of its own window, not from that of another that the budget counts by since', async () => {
    const monthMs = Date.UTC(2026, 10);
    const month = { fromMs: monthMs, spentFromMs: monthMs, countedAs: 'month' };
    await turn(one, { usedNanoUsd: 30n });
    await turn(one, { ...month, usedNanoUsd: 30n });
    await ship(database, one, [finalOf(30n)]);
    expect(await turn(other, { ...month, askedNanoUsd: 100n })).toMatchObject({ grantedNanoUsd: 70n });
    expect(await turn(other, { askedNanoUsd: 100n })).toMatchObject({ spentNanoUsd: 30n, grantedNanoUsd: 70n });
  });

  test('lets a shipment and a correction of a budget that never ends wait for each other', async () => {
    const total = { organisation: 'default', scope: 'key:demo', fromMs: 0 };
    await turn(one, { ...total, spentFromMs: 0, countedAs: 'total' });
    const waiting = () => database.query('SELECT FROM pg_locks WHERE NOT granted');
    const correcting: Promise<void>[] = [];
    await database.transaction(async (queries) => {
      // As far as a shipment has come that is about to move what was spent.
      await queries.query('SELECT FROM archipel.budget_spend WHERE bucket_from_ms = 0 FOR UPDATE');
      correcting.push(database.transaction((session) => correctSpend(session, [{ ...total, amount: '7' }])));
      await expect.poll(waiting, { timeout: 5_000 }).not.toEqual([]);
      await moveSpend(queries, one, [{ ...total, amount: '5' }]);
    });
    await Promise.all(correcting);
    expect(await database.query('SELECT spent_nano_usd AS spent FROM archipel.budget_spend')).toEqual([
      { spent: '12' },
    ]);
  });

  test('has PostgreSQL end a count that takes too long', async () => {
    const asked = question();
    await turn(one);
    const counting = countSpends(
      database,
      [asked],
      async (queries) => {
        const [row] = await queries.query<{ ms: string }>(
          `SELECT setting AS ms FROM pg_settings WHERE name = 'statement_timeout'`,
        );
        // Before this process gives up waiting, and takes the database for away.
        expect(Number(row?.ms)).toBeLessThan(databaseLimits.writeMs);
        await queries.query(`SET LOCAL statement_timeout = 1`);
        await queries.query('SELECT pg_sleep(5)');
        return new Map();
      },
      new Set([asked.scope]),
    );
    await expect(counting).rejects.toMatchObject({ code: 'database_unavailable', cause: { code: '57014' } });
    expect(await turn(one)).toMatchObject({ isCounted: true });
  });

  test('that releases a replica leaves what it names, and what others have', async () => {
    await turn(one, { askedNanoUsd: 30n });
    await turn(one, { askedNanoUsd: 30n, scope: 'key:demo' });
    await turn(other, { askedNanoUsd: 30n });
    expect(await releaseLeases(database, one, [question()])).toBe(1);
    expect(await turn(third, { askedNanoUsd: 100n })).toMatchObject({ grantedNanoUsd: 40n });
    expect(await releaseLeases(database, one)).toBe(1);
    expect(await turn(third, { askedNanoUsd: 100n })).toMatchObject({ grantedNanoUsd: 70n });
  });
});

/** One replica: its budgets in memory, and the records on its disk that the database does not have. */
class Replica {
  readonly #id: string;
  readonly #chance: Chance;
  readonly #scopes: readonly string[];
  readonly #cap: bigint;
  #budgets: Budgets;
  /** On disk: they outlive the process. */
  readonly #finals: FinalRecord[] = [];
  readonly #open = new Map<Hold, FinalRecord>();
  spent = 0n;

  constructor(id: string, chance: Chance, scopes: readonly string[], cap: bigint) {
    this.#id = id;
    this.#chance = chance;
    this.#scopes = scopes;
    this.#cap = cap;
    this.#budgets = this.#freshBudgets();
  }

  async act(): Promise<void> {
    await this.#pick([
      () => this.#turn(0n),
      () => this.#turn(BigInt(this.#chance.below(40))),
      () => this.#hold(),
      () => this.#hold(),
      () => this.#settle(),
      () => this.#ship('whole'),
      () => this.#ship(this.#pick(['whole', 'rolled back', 'unknown'])),
      () => (this.#chance.below(4) === 0 ? this.#restart() : Promise.resolve()),
    ])();
  }

  async end(): Promise<void> {
    await this.#restart();
  }

  #pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.#chance.below(values.length)] ?? values[0];
  }

  #freshBudgets(): Budgets {
    const budgets = new Budgets({ isShared: true });
    budgets.configure(
      this.#scopes.map((id) => ({ id, capNanoUsd: nanoUsd(this.#cap), window: 'day', hard: true, timeZone: 'UTC' })),
    );
    return budgets;
  }

  async #turn(asked: bigint): Promise<void> {
    const questions = this.#budgets.draws(this.#scopes, noonMs).map((draw) => {
      const usedNanoUsd = draw.heldNanoUsd + draw.unshippedNanoUsd;
      const free = draw.grantedNanoUsd - usedNanoUsd;
      const retainedNanoUsd = free > 0n ? free / 2n : 0n;
      this.#allow(draw.scope.id, usedNanoUsd + retainedNanoUsd);
      return question({
        scope: draw.scope.id,
        capNanoUsd: nanoUsd(this.#cap),
        usedNanoUsd,
        retainedNanoUsd,
        wantedNanoUsd: 30n,
        askedNanoUsd: asked,
      });
    });
    // Whoever asks in whatever order.
    const answers = await leaseTurn(database, this.#id, 60_000, this.#pick([questions, questions.toReversed()]));
    for (const { scope, grantedNanoUsd } of answers) this.#allow(scope, grantedNanoUsd);
  }

  #allow(scope: string, grantedNanoUsd: bigint): void {
    this.#budgets.allow(scope, fromMs, { grantedNanoUsd, untilMonotonicMs: Infinity });
  }

  #hold(): Promise<void> {
    const held = this.#budgets.hold(this.#scopes, nanoUsd(BigInt(this.#chance.below(20))), noonMs, 0);
    if (held.ok) {
      const final = exampleFinal(exampleIntent({ budgets: held.value.buckets }));
      this.#open.set(held.value, final);
    }
    return Promise.resolve();
  }

  #settle(): Promise<void> {
    const [entry] = this.#open;
    if (entry) {
      const [hold, final] = entry;
      this.#open.delete(hold);
      const actual = (hold.amountNanoUsd * BigInt(this.#chance.below(101))) / 100n;
      this.#budgets.settle(hold, nanoUsd(actual));
      this.#write(final, actual);
    }
    return Promise.resolve();
  }

  #write(final: FinalRecord, actual: bigint): void {
    this.spent += actual;
    const lines = final.lines.map((line) => ({ ...line, amountNanoUsd: actual.toString() }));
    this.#finals.push({ ...final, amountNanoUsd: actual.toString(), lines });
  }

  async #ship(end: 'whole' | 'rolled back' | 'unknown'): Promise<void> {
    const batch = this.#finals.slice(0, 1 + this.#chance.below(4));
    const shipping = database.transaction(async (queries) => {
      const moves = await ship(queries, this.#id, batch);
      if (end === 'rolled back') throw new Error('killed');
      return moves;
    });
    const moves = await shipping.catch(() => null);
    // Nobody heard of the commit: the same records are shipped again.
    if (moves === null || end === 'unknown') return;
    this.#finals.splice(0, batch.length);
    const spentBy = new Map<string, bigint>();
    for (const final of batch) {
      for (const [scope] of final.budgets ?? [])
        spentBy.set(scope, (spentBy.get(scope) ?? 0n) + BigInt(final.amountNanoUsd));
    }
    for (const [scope, amount] of spentBy) this.#budgets.shipped(scope, fromMs, amount);
  }

  /** What was under way is taken for spent whole; all is drained, and the leases end. */
  async #restart(): Promise<void> {
    for (const [{ amountNanoUsd }, final] of this.#open) this.#write(final, amountNanoUsd);
    this.#open.clear();
    await database.transaction((queries) => ship(queries, this.#id, this.#finals));
    this.#finals.length = 0;
    await releaseLeases(database, this.#id);
    this.#budgets = this.#freshBudgets();
  }
}

const overCap = `
SELECT scope, spent_nano_usd, granted FROM archipel.budget_spend AS spend
CROSS JOIN LATERAL (
  SELECT coalesce(sum(greatest(granted_nano_usd, 0)), 0) AS granted FROM archipel.budget_lease AS lease
  WHERE lease.organisation_id = spend.organisation_id AND lease.scope = spend.scope AND window_from_ms = bucket_from_ms
) AS leases
WHERE spent_nano_usd + granted > $1`;

describe('replicas on one PostgreSQL', () => {
  test('never have more spent and granted together than the cap, whatever breaks off, and all that they spent is there once', async () => {
    const chance = new Chance(20_261_128);
    const scopes = ['team:research', 'organisation:default', 'key:demo'];
    const cap = 600n;
    await countSpends(
      database,
      scopes.map((scope) => question({ scope })),
      count,
    );
    const replicas = [one, other, third].map((id) => new Replica(id, chance, scopes, cap));
    let samples = 0;
    let isOver = false;
    const sample = async (): Promise<void> => {
      const rows = await database.query(overCap, [cap]);
      samples += 1;
      isOver ||= rows.length > 0;
    };
    const running = replicas.map(async (replica) => {
      for (let step = 0; step < 120; step += 1) {
        await replica.act();
        if (step % 3 === 0) await sample();
      }
    });
    await Promise.all(running);
    for (const replica of replicas) await replica.end();
    await sample();
    expect([isOver, samples]).toEqual([false, 121]);
    const spent = replicas.reduce((sum, replica) => sum + replica.spent, 0n);
    const rows = await database.query<{ spent_nano_usd: string }>('SELECT spent_nano_usd FROM archipel.budget_spend');
    expect(rows.map((row) => BigInt(row.spent_nano_usd))).toEqual([spent, spent, spent]);
    expect(spent).toBeGreaterThan(cap / 2n);
    expect(spent).toBeLessThanOrEqual(cap);
    // The negative control: what was granted beside the books shows.
    await database.query('UPDATE archipel.budget_spend SET spent_nano_usd = 601');
    await sample();
    expect(isOver).toBe(true);
  });
});
