import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CodedError, errorMessage } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import type { CopySession, Database, Queries, SessionOptions, SqlValue } from './Database.ts';
import { isMigrated, migrate } from './migrate.ts';
import { openBooks } from './openBooks.ts';

/** Why a database is not used. */
export interface DatabaseAbsence {
  /** Of the store's table: `database_unavailable` where it does not answer, another where it may not be used as it is. */
  readonly code: string;
  readonly message: string;
  /** Unix milliseconds. */
  readonly sinceMs: number;
}

/** A database, and what must be ended with it. */
export interface OpenedDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

export interface AwaitedDatabaseOptions {
  /** Finds the database; for the embedded one, starts it. Nothing is asked of it yet. @throws CodedError of the store's table */
  readonly open: (signal: AbortSignal) => Promise<OpenedDatabase>;
  readonly clock: Clock;
  readonly log: Log;
  /** Pause before it is tried again, doubled up to the largest. Milliseconds. */
  readonly againMs?: number;
  readonly againMsMax?: number;
}

const againMs = 100;
const againMsMax = 2_000;

/** Failures that say that the database must not be used as it is, however well it answers. */
const unfit: ReadonlySet<string> = new Set(['database_newer', 'migration_changed']);

const stateOf = (cause: unknown): string => (cause instanceof pg.DatabaseError ? (cause.code ?? '') : '');

/** A server that answers, but not with what was asked: it writes nothing now, somebody else was faster, it has no room for more, it took too long. It is the same one as before. */
const sameServer = /^(25|40|53|55|57014)/;
/** One that answers, and may be another than before: it has not our tables, or not for us. */
const otherTables = /^(3F000|42P01|42501)$/;

const isUnavailable = (error: unknown): error is CodedError =>
  error instanceof CodedError && error.code === 'database_unavailable';

const faultOf = (error: unknown): CodedError =>
  error instanceof CodedError ? error : storeError('database_unavailable', errorMessage(error), { cause: error });

/**
 * A database that need not be there. It is looked for until it is found, and nothing is asked of it before its schema is what this program knows:
 * the schema is brought there when it comes, and looked at again after each failure, since what answers then may be another one.
 */
export class AwaitedDatabase implements Database {
  readonly #options: AwaitedDatabaseOptions;
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;
  #booking: Promise<void> | null = null;
  #isProbing = false;
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<() => void>();
  #opened: OpenedDatabase | null = null;
  #isTrusted = false;
  #absence: DatabaseAbsence | null;
  #fault: CodedError | null = null;

  constructor(options: AwaitedDatabaseOptions) {
    this.#options = options;
    this.#absence = {
      code: 'database_unavailable',
      message: 'the database was not reached yet',
      sinceMs: options.clock.nowMs(),
    };
    this.#seek();
  }

  /** Why nothing is asked of it now; null while it is used. */
  get absence(): DatabaseAbsence | null {
    return this.#absence;
  }

  /** What the last look for it came to; null where it was found, or while the first look goes on. */
  get fault(): CodedError | null {
    return this.#fault;
  }

  /** Resolves once it is there, or after so many milliseconds, or when it is found to be unfit. @returns whether it is there. */
  async isThereWithin(ms: number): Promise<boolean> {
    if (this.#absence === null) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#waiting.add(resolve);
    await promise;
    this.#waiting.delete(resolve);
    clearTimeout(timer);
    return this.#absence === null;
  }

  /** Tells each time that it is there again, or for the first time. */
  onThere(listener: () => void): void {
    this.#listeners.add(listener);
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#use((database) => database.query<Row>(sql, values));
  }

  transaction<Value>(act: (queries: Queries) => Promise<Value>): Promise<Value> {
    return this.#use((database) => database.transaction(act));
  }

  exclusive<Value>(act: (queries: Queries) => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    return this.#useBeside((database, ending) => database.exclusive(act, ending), signal);
  }

  session(options: SessionOptions): Promise<CopySession> {
    return this.#useBeside((database, signal) => database.session({ ...options, signal }), options.signal);
  }

  /** Ends the search, and with it the connections, those beside the pool too, and what was started. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#booking;
    await this.#opened?.close();
    this.#opened = null;
  }

  /** Looks for the database, unless that is under way. */
  #seek(): void {
    this.#running ??= this.#find().finally(() => {
      this.#running = null;
      // It was lost again while the search was coming to its end.
      if (!this.#isTrusted && !this.#stopped.signal.aborted) this.#seek();
    });
  }

  async #find(): Promise<void> {
    const { signal } = this.#stopped;
    let pauseMs = this.#options.againMs ?? againMs;
    // Not before the caller has seen what it came from.
    await Promise.resolve();
    while (!signal.aborted && !this.#isTrusted) {
      try {
        this.#opened ??= await this.#options.open(signal);
        await this.#lookAt(this.#opened.database);
        return;
      } catch (error) {
        this.#isAway(faultOf(error));
      }
      await pause(pauseMs, undefined, { signal }).catch(() => {
        // Aborted: the wait is over.
      });
      pauseMs = Math.min(pauseMs * 2, this.#options.againMsMax ?? againMsMax);
    }
  }

  #inUse(): Database {
    const database = this.#opened?.database;
    // It is being looked for: who asks meanwhile is told at once, and need not wait for a server that hangs.
    if (database === undefined || !this.#isTrusted) throw this.#unavailable();
    return database;
  }

  async #use<Value>(act: (database: Database) => Promise<Value>): Promise<Value> {
    const database = this.#inUse();
    try {
      return await act(database);
    } catch (error) {
      if (isUnavailable(error)) this.#doubt(error);
      throw error;
    }
  }

  /**
   * Uses a connection beside the pool. It may fail for reasons of its own: there are too many, a log-in is slow, what was asked takes too long. So whether the
   * database is away then is asked of the pool.
   */
  async #useBeside<Value>(
    act: (database: Database, signal: AbortSignal) => Promise<Value>,
    signal?: AbortSignal,
  ): Promise<Value> {
    const database = this.#inUse();
    const stopped = this.#stopped.signal;
    const ending = signal === undefined ? stopped : AbortSignal.any([stopped, signal]);
    try {
      return await act(database, ending);
    } catch (error) {
      if (isUnavailable(error) && !ending.aborted) {
        if (otherTables.test(stateOf(error.cause))) this.#doubt(error);
        else void this.#probe();
      }
      throw error;
    }
  }

  /** Nobody waits for it: what it comes to is seen by whether the database is used. A transaction's statements are given up sooner than others. */
  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    await this.transaction(() => Promise.resolve()).catch(() => {
      // It is doubted now.
    });
    this.#isProbing = false;
  }

  #doubt(error: CodedError): void {
    const state = stateOf(error.cause);
    if (sameServer.test(state)) return;
    if (otherTables.test(state)) this.#isTrusted = false;
    else this.#isAway(error);
    this.#seek();
  }

  /** Makes sure that the schema is what this program knows. */
  async #lookAt(database: Database): Promise<void> {
    if (!(await isMigrated(database))) {
      const { applied } = await migrate(database);
      this.#options.log.info('the schema of the database was brought up to date', { applied: applied.join(', ') });
    }
    if (this.#fault !== null) this.#options.log.info('the database is there again');
    const wasAway = this.#absence !== null;
    this.#isTrusted = true;
    this.#absence = null;
    this.#fault = null;
    this.#tell();
    this.#booking ??= this.#openBooks(database).finally(() => (this.#booking = null));
    if (wasAway) for (const listener of this.#listeners) listener();
  }

  /** Nobody waits for it, and what fails is left to the next look. */
  async #openBooks(database: Database): Promise<void> {
    const { signal } = this.#stopped;
    try {
      const months = await openBooks(database, signal);
      if (months.length > 0)
        this.#options.log.info('attempts of before there were journals are booked', { months: months.join(', ') });
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.warn('attempts of before there were journals are not all booked; the next start goes on', {
        message: errorMessage(error),
      });
    }
  }

  #isAway(fault: CodedError): void {
    const isNews = this.#absence?.code !== fault.code || this.#fault === null;
    if (isNews && !this.#stopped.signal.aborted) {
      const { log } = this.#options;
      if (unfit.has(fault.code)) log.error('the database must not be used; records wait', { message: fault.message });
      else log.warn('the database is away; requests are served and records wait', { message: fault.message });
    }
    const sinceMs = this.#absence?.sinceMs ?? this.#options.clock.nowMs();
    this.#absence = { code: fault.code, message: fault.message, sinceMs };
    this.#fault = fault;
    this.#isTrusted = false;
    // Waiting longer mends nothing where people must.
    if (fault.row.status === 2) this.#tell();
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve();
  }

  #unavailable(): CodedError {
    const cause = this.#fault;
    const message = cause?.message ?? 'The database is being looked for.';
    return storeError('database_unavailable', message, { cause });
  }
}
