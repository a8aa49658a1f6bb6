import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Log, Metrics, Secret } from '../kernel/index.ts';
import {
  migrate,
  openDatabase,
  openSpool,
  startEmbeddedPostgres,
  startShipper,
  TurnJournal,
  type Database,
  type Durability,
  type Recovered,
  type Shipper,
  type Spool,
} from '../store/index.ts';
import { undoAll, type Undo } from './undoAll.ts';

/** How long a start waits for what an earlier process left in its spool. */
const firstDrainMs = 120_000;
/** How long a stop waits for the spool to be in the database; what is left is shipped by the next start. */
const lastDrainMs = 10_000;

/** The ledger's place: spool, database, and the way from one to the other. */
export interface OpenLedger {
  readonly database: Database;
  readonly spool: Spool;
  /** Where the gateway's records go on their way to the spool. */
  readonly journal: TurnJournal;
  readonly shipper: Shipper;
  readonly recovered: Recovered;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** Folder of the spool and of the embedded database. */
  readonly folder: string;
  /** URL of a PostgreSQL, or null for the embedded one. */
  readonly url: Secret | null;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Opens spool and database and ships what an earlier process left, so that balances are read from everything there is.
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
    const embedded =
      options.url === null ? await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log }) : null;
    if (embedded) undo.push(() => embedded.stop());
    const url = options.url ?? embedded?.url;
    if (url === undefined) throw new Error('a ledger has a database');
    const database = openDatabase({ url, log });
    undo.push(() => database.close());
    await migrate(database);
    const shipper = startShipper({ spool: opened.spool, database, clock, log, metrics });
    undo.push(async () => {
      journal.flush();
      // A database that is away is not waited for: what is left is shipped by the next start.
      if (shipper.failure() === null) {
        await shipper.drain(AbortSignal.timeout(lastDrainMs)).catch((error: unknown) => {
          log.warn('the spool was not drained before the stop', { message: String(error) });
        });
      }
      await shipper.stop();
    });
    await shipper.drain(AbortSignal.timeout(firstDrainMs));
    return { database, spool: opened.spool, journal, shipper, recovered: opened.recovered, close };
  } catch (error) {
    await close();
    throw error;
  }
};
