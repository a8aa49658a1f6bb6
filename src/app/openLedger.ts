import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, Log, Metrics, Secret } from '../kernel/index.ts';
import {
  AwaitedDatabase,
  openDatabase,
  openSpool,
  startEmbeddedPostgres,
  startShipper,
  TurnJournal,
  type Durability,
  type OpenedDatabase,
  type Recovered,
  type Shipper,
  type Spool,
} from '../store/index.ts';
import { undoAll, type Undo } from './undoAll.ts';

/** How long a start waits for a database of somebody else: shortly where it can do without. */
const databaseMs = 10_000;
const dispensableDatabaseMs = 3_000;
/** How long a start that can do without waits for the embedded database, which it starts itself. */
const embeddedDatabaseMs = 10_000;
/** How long a start waits for the embedded database where nothing is known without it: a first one is made meanwhile. */
const firstDatabaseMs = 120_000;
/** How long a start waits for what an earlier process left in its spool, where it can do without, and where not. */
const drainMs = 5_000;
const firstDrainMs = 120_000;
/** How long a stop waits for the spool to be in the database; what is left is shipped by the next start. */
const lastDrainMs = 10_000;
/** How long a stop waits for a shipment that is under way: a database that hangs does not hold it up. */
const lastShipmentMs = 5_000;

/** The ledger's place: spool, database, and the way from one to the other. */
export interface OpenLedger {
  readonly database: AwaitedDatabase;
  readonly spool: Spool;
  /** Where the gateway's records go on their way to the spool. */
  readonly journal: TurnJournal;
  readonly shipper: Shipper;
  readonly recovered: Recovered;
  /** Whether all that earlier processes left was in the database when this one began: then the database alone says what was spent. */
  readonly isDrained: boolean;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** Folder of the spool and of the embedded database. */
  readonly folder: string;
  /** URL of a PostgreSQL, or null for the embedded one. */
  readonly url: Secret | null;
  /** Whether a start can do without the database, since what it would read there was kept. */
  readonly canDoWithout?: boolean;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const openEmbedded = async (folder: string, log: Log, signal: AbortSignal): Promise<OpenedDatabase> => {
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log, signal });
  const database = openDatabase({ url: postgres.url, log });
  return {
    database,
    close: async () => {
      await database.close();
      await postgres.stop();
    },
  };
};

const openNamed = (url: Secret, log: Log): OpenedDatabase => {
  const database = openDatabase({ url, log });
  return { database, close: () => database.close() };
};

const databaseWaitMs = (isNamed: boolean, canDoWithout: boolean): number => {
  if (isNamed) return canDoWithout ? dispensableDatabaseMs : databaseMs;
  return canDoWithout ? embeddedDatabaseMs : firstDatabaseMs;
};

/** Faults that only people mend stop a start that has nothing to go by, and one of a database that it must not touch. */
const refuseUnfit = ({ fault }: AwaitedDatabase, canDoWithout: boolean): void => {
  if (fault?.row.status !== 2) return;
  if (!canDoWithout || fault.code === 'database_newer' || fault.code === 'migration_changed') throw fault;
};

/** A database that goes away meanwhile is a reason to do without it. */
const isDrainedWithin = (shipper: Shipper, ms: number): Promise<boolean> =>
  shipper.drain(AbortSignal.timeout(ms)).then(
    () => true,
    () => false,
  );

/**
 * Opens spool and database and ships what an earlier process left, so that balances are read from everything there is. Where the database does not answer
 * in time it is opened without: requests can be served, and the database is looked for until it is there.
 * @throws CodedError of the store's table.
 */
export const openLedger = async (options: LedgerOptions): Promise<OpenLedger> => {
  const { folder, clock, log, metrics } = options;
  mkdirSync(folder, { recursive: true });
  const undo: Undo[] = [];
  const close = (): Promise<void> => undoAll(undo, log);
  try {
    const opened = await openSpool({ directory: join(folder, 'spool'), clock, log, durability: options.durability });
    undo.push(() => opened.spool.close());
    const journal = new TurnJournal(opened.spool);
    const { url, canDoWithout = false } = options;
    const database = new AwaitedDatabase({
      open: (signal) => (url === null ? openEmbedded(folder, log, signal) : Promise.resolve(openNamed(url, log))),
      clock,
      log,
    });
    undo.push(() => database.close());
    const shipper = startShipper({ spool: opened.spool, database, isShared: url !== null, clock, log, metrics });
    undo.push(async () => {
      journal.flush();
      // A database that is away is not waited for: what is left is shipped by the next start.
      if (shipper.failure() === null && database.absence === null) {
        await shipper.drain(AbortSignal.timeout(lastDrainMs)).catch((error: unknown) => {
          log.warn('the spool was not drained before the stop', { message: String(error) });
        });
      }
      await Promise.race([shipper.stop(), pause(lastShipmentMs, undefined, { ref: false })]);
    });
    const isThere = await database.isThereWithin(databaseWaitMs(url !== null, canDoWithout));
    if (!isThere) refuseUnfit(database, canDoWithout);
    const isDrained = isThere && (await isDrainedWithin(shipper, canDoWithout ? drainMs : firstDrainMs));
    return { database, spool: opened.spool, journal, shipper, recovered: opened.recovered, isDrained, close };
  } catch (error) {
    await close();
    throw error;
  }
};
