// A program's money without its requests: real spool, journal, shipper and balances over a database in memory that can be away, and a count of its own.
import { randomFillSync } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeKeyTable, principalsOfKeys } from '../access/index.ts';
import { CodedError, nanoUsd, silentLog, silentMetrics, UuidV7Maker, type Clock } from '../kernel/index.ts';
import { budgetCharge, calendarWindow, type CalendarWindowName, type Hold } from '../ledger/index.ts';
import {
  openSpool,
  startShipper,
  storeErrors,
  TurnJournal,
  type Database,
  type Queries,
  type Shipper,
  type Spool,
} from '../store/index.ts';
import type { FinalRecord, IntentRecord } from '../vocabulary/index.ts';
import { Balances } from './Balances.ts';
import type { KeptBalances } from './KeptBalances.ts';
import { finalOf, noonMs } from './openTestLedger.fixture.ts';
import { hashOfNobody, testConfiguration, testFile } from './testConfiguration.fixture.ts';

/** Nano-dollars. Small, so that caps are met again and again. */
const cap = (amount: number): string => (amount / 1e9).toFixed(9);

const budget = (amount: number, window: string, hard = true): object => ({ usd: cap(amount), window, hard });

const { configuration } = testConfiguration(
  testFile({
    timeZone: 'UTC',
    organisations: { default: { budget: budget(600, 'total') } },
    teams: { research: { budget: budget(250, 'month') }, open: {} },
    keys: [
      { name: 'a', hash: hashOfNobody('a'), team: 'research', budget: budget(90, 'day') },
      { name: 'b', hash: hashOfNobody('b'), team: 'research', budget: budget(60, 'day', false) },
      { name: 'c', hash: hashOfNobody('c'), team: 'open' },
    ],
  }),
);

const teamOf: Readonly<Record<string, string>> = { a: 'research', b: 'research', c: 'open' };

/** Every budget, with its window. */
export const budgetIds: Readonly<Record<string, { readonly window: CalendarWindowName; readonly cap: bigint | null }>> =
  {
    'key:a': { window: 'day', cap: 90n },
    'key:b': { window: 'day', cap: null },
    'team:research': { window: 'month', cap: 250n },
    'organisation:default': { window: 'total', cap: 600n },
  };

const away = (): CodedError => new CodedError('database_unavailable', storeErrors.database_unavailable);

/** How the database is: there, away, or there but unable to tell whether what it was given is kept. */
export type Condition = 'there' | 'away' | 'ambiguous';

/** A database in memory that knows the statements that balances and the shipper put to it. */
class MemoryDatabase implements Database {
  condition: Condition = 'there';
  readonly rows = new Map<string, FinalRecord>();
  /** The range of the one spool that there is, which every life goes on with. */
  #noted: { readonly from: number; readonly to: number } | null = null;

  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    // As far away as any: what is appended meanwhile must be counted, too.
    await pause(0);
    if (this.condition !== 'there' && !sql.includes('ensure_month')) throw away();
    // tidy-allow cast: a database tells rows of any shape, and so does this one
    return this.#answer(sql, values) as unknown as readonly Row[];
  }

  async transaction<Value>(act: (queries: Queries) => Promise<Value>): Promise<Value> {
    await pause(0);
    if (this.condition === 'away') throw away();
    const given: FinalRecord[] = [];
    let noted = this.#noted;
    const value = await act({
      query: (sql: string, [first, from, to]: readonly unknown[] = []) => {
        if (sql.includes('INSERT INTO archipel.spool_range')) {
          noted = { from: Number(from), to: Math.max(Number(to), noted?.to ?? 0) };
          return Promise.resolve([]);
        }
        if (sql.includes('archipel.spool_range')) return Promise.resolve((noted === null ? [] : [noted]) as never);
        const records = JSON.parse(String(first)) as FinalRecord[];
        given.push(...records.filter(({ type }) => type === 'final'));
        return Promise.resolve([{ count: records.length }] as never);
      },
    });
    this.#noted = noted;
    for (const final of given) if (!this.rows.has(final.attemptId)) this.rows.set(final.attemptId, final);
    if (this.condition === 'ambiguous') throw away();
    return value;
  }

  exclusive(): Promise<never> {
    throw away();
  }

  session(): Promise<never> {
    throw away();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #answer(sql: string, values: readonly unknown[]): readonly object[] {
    if (sql.includes('RECURSIVE')) return this.rows.size === 0 ? [] : [{ organisation_id: 'default' }];
    if (!sql.includes('sum(')) return [];
    const [, fromMs, , keys] = values as readonly [string, number, number | null, readonly string[]];
    const groups = Map.groupBy(
      [...this.rows.values()].filter(({ startedAtMs }) => startedAtMs >= fromMs),
      (final) => JSON.stringify(this.#group(final, keys)),
    );
    return [...groups.values()].map((finals) => ({
      group: this.#group(finals[0]!, keys),
      piece: null,
      attempts: finals.length,
      tokens: '0',
      amount: sum(finals.map((final) => BigInt(final.amountNanoUsd))).toString(),
      up_to: '0',
      charge: sum(finals.map(budgetCharge)).toString(),
    }));
  }

  #group(final: FinalRecord, keys: readonly string[]): Readonly<Record<string, string | null>> {
    const all: Readonly<Record<string, string | null>> = {
      vendor: final.vendor,
      hosts: JSON.stringify(final.hosts),
      jurisdiction: final.jurisdiction,
      lab: final.lab,
      team: final.team,
      key: final.key,
    };
    return Object.fromEntries(keys.map((key) => [key, all[key] ?? null]));
  }
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);

interface OpenRequest {
  readonly intent: IntentRecord;
  readonly hold: Hold;
}

/** One life of the program. */
interface Life {
  readonly directory: string;
  readonly spool: Spool;
  readonly journal: TurnJournal;
  readonly shipper: Shipper;
  readonly balances: Balances;
  readonly open: OpenRequest[];
}

export class MoneyOverCrashes {
  readonly database = new MemoryDatabase();
  readonly clock = { wallMs: noonMs };
  /** What lies on disk for the next start. */
  kept: KeptBalances | null = null;
  /** Every attempt that ended, as it was appended, by its id. The count that everything else is held against. */
  readonly #ended = new Map<string, FinalRecord>();
  readonly #ids = new UuidV7Maker((target) => void randomFillSync(target));
  readonly #root = mkdtempSync(join(tmpdir(), 'archipel-away-'));
  readonly #clock: Clock = { nowMs: () => this.clock.wallMs, monotonicMs: () => performance.now() };
  #lives = 0;
  #life: Life | null = null;
  /** Whether balances carry their place: off, they are the harm that this is about. */
  readonly #placed: boolean;

  constructor({ placed = true } = {}) {
    this.#placed = placed;
  }

  get balances(): Balances {
    return this.#alive.balances;
  }

  get #alive(): Life {
    if (this.#life === null) throw new Error('it does not run');
    return this.#life;
  }

  async start(): Promise<void> {
    const before = this.#life;
    const directory = join(this.#root, String((this.#lives += 1)));
    // A kill leaves all that was handed to the operating system, at this very moment.
    if (before !== null)
      cpSync(before.directory, directory, { recursive: true, filter: (path) => !path.endsWith('.lock') });
    this.#life = null;
    if (before !== null) await this.#bury(before);
    const { spool } = await openSpool({
      directory,
      clock: this.#clock,
      log: silentLog,
      durability: 'group',
      limits: { segmentBytes: 6_000, reserveBytes: 65_536, groupMs: 0, retainedSegments: 1 },
    });
    for (const { intent } of before?.open ?? []) this.#endUnknown(intent);
    const { database } = this;
    const limits = { lingerMs: 0, backoffMs: 1, backoffMsMax: 2, batchRecords: 7, checkpointMs: 0 };
    const shipper = startShipper({
      spool,
      database,
      clock: this.#clock,
      log: silentLog,
      metrics: silentMetrics,
      limits,
    });
    const isDrained = await shipper.drain(AbortSignal.timeout(database.condition === 'there' ? 5_000 : 1)).then(
      () => true,
      () => false,
    );
    const balances = new Balances(database, configuration);
    balances.begin(isDrained, {
      kept: this.kept,
      spool: spool.instance,
      finalsBehind: (sequence, visit) => spool.finalsBehind(this.#placed ? sequence : 0, visit),
    });
    const keys = makeKeyTable(principalsOfKeys(configuration.keys, configuration.teams, 'UTC'));
    if (!keys.ok) throw new Error('the keys of a test do not clash');
    await balances.configure(configuration, keys.value, this.clock.wallMs);
    this.#life = { directory, spool, journal: new TurnJournal(spool), shipper, balances, open: [] };
    spool.beforeDrop(() => this.keep());
  }

  /** Asks for a hold and writes the intent, as a request does. @returns why not, or null. */
  async begin(key: string, most: number): Promise<'exhausted' | 'unknown' | null> {
    const { balances, journal, open } = this.#alive;
    const team = teamOf[key]!;
    const atMs = this.clock.wallMs;
    const holding = balances.budgets.hold(
      [`key:${key}`, `team:${team}`, 'organisation:default'],
      nanoUsd(BigInt(most)),
      atMs,
      0,
    );
    if (!holding.ok) return holding.fault.isKnown ? 'exhausted' : 'unknown';
    const {
      type: _type,
      durationMs: _duration,
      ...final
    } = finalOf({
      amountNanoUsd: '0',
      attemptId: this.#ids.next(atMs),
      startedAtMs: atMs,
      key,
      team,
    });
    const { firstContentMs: _first, outcome: _outcome, usage: _usage, basis: _basis, ...more } = final;
    const {
      lines: _lines,
      amountNanoUsd: _amount,
      listNanoUsd: _list,
      rangeNanoUsd: _range,
      edits: _edits,
      ...who
    } = more;
    const intent: IntentRecord = { type: 'intent', ...who, holdNanoUsd: String(most) };
    open.push({ intent, hold: holding.value });
    await journal.append(intent);
    return null;
  }

  /** Ends one of the requests under way for a part of what it held. */
  async end(which: number, share: number): Promise<void> {
    const { open, journal, balances } = this.#alive;
    const [request] = open.splice(which % Math.max(1, open.length), 1);
    if (request === undefined) return;
    const { type: _type, holdNanoUsd, ...who } = request.intent;
    const amountNanoUsd = String(Math.floor(Number(holdNanoUsd) * share));
    const final = finalOf({ ...who, amountNanoUsd });
    const appended = journal.append(final);
    this.#ended.set(final.attemptId, final);
    await appended;
    balances.budgets.settle(request.hold, budgetCharge(final));
    balances.shares.add(final);
  }

  async keep(): Promise<void> {
    const life = this.#alive;
    const kept = await life.balances.keep(life.spool, this.#clock);
    // The dead write nothing.
    if (life === this.#life) this.kept = kept;
  }

  /** Has the database confirm the balances, where it can within a moment. @returns whether it did. */
  async confirm(withinMs: number): Promise<boolean> {
    const { shipper, balances, spool } = this.#alive;
    return shipper
      .between((shipped) => balances.confirm(shipped, spool, this.#clock), AbortSignal.timeout(withinMs))
      .then(
        () => true,
        () => false,
      );
  }

  async drain(): Promise<void> {
    await this.#alive.shipper.drain(AbortSignal.timeout(10_000));
  }

  /** What a budget's running window has come to, by the count of its own. */
  spent(id: string, window = budgetIds[id]!.window): bigint {
    const { fromMs, untilMs } = calendarWindow(window, this.clock.wallMs, 'UTC');
    const mine = [...this.#ended.values()].filter(
      ({ key, team, organisation, startedAtMs }) =>
        [`key:${key}`, `team:${team}`, `organisation:${organisation}`].includes(id) &&
        startedAtMs >= fromMs &&
        startedAtMs < untilMs,
    );
    return sum(mine.map(budgetCharge));
  }

  /** Where a budget stands now in memory. */
  standing(id: string): ReturnType<Balances['budgets']['standing']> {
    return this.#alive.balances.budgets.standing(id, this.clock.wallMs);
  }

  /** What the shares come to in the running month, in memory and by the count of its own. */
  shares(): readonly [believed: bigint, counted: bigint] {
    const { fromMs, untilMs } = calendarWindow('month', this.clock.wallMs, 'UTC');
    const mine = [...this.#ended.values()].filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < untilMs);
    const counted = sum(mine.map(({ amountNanoUsd }) => BigInt(amountNanoUsd)));
    return [this.#alive.balances.shares.snapshot(this.clock.wallMs).totalNanoUsd, counted];
  }

  /** Attempts that ended and are not in the database, and those in it that never ended. */
  strayed(): readonly string[] {
    const ended = new Set(this.#ended.keys());
    const rows = new Set(this.database.rows.keys());
    return [...ended.symmetricDifference(rows)];
  }

  async remove(): Promise<void> {
    if (this.#life !== null) await this.#bury(this.#life);
    rmSync(this.#root, { recursive: true, force: true });
  }

  #endUnknown(intent: IntentRecord): void {
    const { type: _type, holdNanoUsd, ...who } = intent;
    const nothing = { outcome: { kind: 'unknown' }, lines: [], amountNanoUsd: '0' } as const;
    this.#ended.set(intent.attemptId, {
      ...finalOf({ ...who, amountNanoUsd: '0' }),
      ...nothing,
      rangeNanoUsd: ['0', holdNanoUsd],
    });
  }

  /** What is dead writes nothing any more that the next one would see. */
  async #bury({ shipper, spool, directory }: Life): Promise<void> {
    const { database } = this;
    const { condition } = database;
    database.condition = 'away';
    spool.beforeDrop(() => Promise.resolve());
    await shipper.stop();
    await spool.close();
    database.condition = condition;
    rmSync(directory, { recursive: true, force: true });
  }
}
