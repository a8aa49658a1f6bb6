import pg from 'pg';
import { CodedError, errorMessage, type Log, type Secret } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import { CopyIn, CopyOut } from './CopyStream.ts';
import { sendLargeValues } from './sendLargeValues.ts';

/** A value that stands for $1, $2, ...; bytes are in PostgreSQL's own form of their type, which for `json` is its text, and stay as they are until the statement has ended. */
export type SqlValue = string | Buffer | number | boolean | bigint | null | readonly string[] | readonly number[];

/** Runs static SQL. `Row` is what the statement selects; columns of bigint and numeric are strings. */
export interface Queries {
  /** @throws CodedError database_unavailable; DatabaseError of `pg` for what PostgreSQL refused. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** Rows on their way out; how many they were is known at the end. */
export interface CopiedRows extends AsyncIterable<Buffer> {
  readonly rows: number;
}

/** A connection of its own, for what lives as long as it does: locks of the whole session, settings. */
export interface DatabaseSession extends Queries {
  /** Aborted once the connection is gone, whoever ended it. */
  readonly gone: AbortSignal;
  /** Ends the connection. Safe to call twice; never rejects. */
  end(): Promise<void>;
}

/** A connection of its own that streams whole tables. */
export interface CopySession extends DatabaseSession {
  /** Streams what a `COPY ... TO STDOUT` gives. Nothing else runs meanwhile; whoever stops early loses the connection. */
  copyOut(sql: string): CopiedRows;
  /** Streams into a `COPY ... FROM STDIN`. @returns how many rows were taken. */
  copyIn(sql: string, chunks: AsyncIterable<Uint8Array>): Promise<number>;
}

export interface SessionOptions {
  /** What it is for, as PostgreSQL's list of connections shows it. */
  readonly purpose: string;
  /** Most time of one statement. Milliseconds. */
  readonly queryMs: number;
  /** After how long the server itself ends a statement, which nobody may wait for any more; where it is not said, never. Milliseconds. */
  readonly statementMs?: number;
  /** Ends the connection when it aborts. What runs there the server ends within seconds (PostgreSQL 14 and later, not on Windows), else when it has an answer. */
  readonly signal?: AbortSignal;
}

/** A PostgreSQL behind a bounded pool of connections. */
export interface Database extends Queries {
  /** Runs several statements as one; all or none of them hold. */
  transaction<Value>(act: (queries: Queries) => Promise<Value>): Promise<Value>;
  /**
   * Runs on a connection of its own, and gives each statement much more time: for migrations and verification.
   * @param signal ends the connection when it aborts: what is asked there then fails as it does where the database is away.
   */
  exclusive<Value>(act: (queries: Queries) => Promise<Value>, signal?: AbortSignal): Promise<Value>;
  /** Opens a connection beside the pool. To be ended by whoever asked. @throws CodedError database_unavailable */
  session(options: SessionOptions): Promise<CopySession>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: Secret;
  readonly log: Log;
}

/** Bounds of the pool. */
export const databaseLimits = {
  connections: 10,
  connectMs: 5_000,
  idleMs: 30_000,
  statementMs: 30_000,
  queryMs: 35_000,
  /** One statement of a transaction: what is written is small, and a server that hangs must not hold up who waits for it. */
  writeMs: 10_000,
  /** One statement of a migration or of a verification. */
  maintenanceMs: 1_800_000,
  /** One statement of a backup, which may copy a table of any size. */
  copyMs: 12 * 3_600_000,
  /** For the end of a connection of its own. */
  farewellMs: 2_000,
};

/** SQLSTATE classes that say "not now": connection, log-in, read-only, no such database, schema or table, no right, rollback, resources, locks, operator, system. */
const awayStates = /^(08|25|28|3D|3F|40|42501|42P01|53|55|57|58|XX)/;

/** Whether a failure says that the database is away or cannot answer now, as against refusing what it was asked. */
const isAway = (error: unknown): boolean => {
  if (error instanceof pg.DatabaseError) return error.code === undefined || awayStates.test(error.code);
  // A mistake of ours in building the call is no outage.
  return !(error instanceof TypeError || error instanceof RangeError);
};

const away = (error: unknown): Error => {
  const message = errorMessage(error);
  return storeError('database_unavailable', `PostgreSQL does not answer: ${message}`, { cause: error });
};

const isUnavailable = (error: unknown): boolean => error instanceof CodedError && error.code === 'database_unavailable';

/** @param queryMs most time of one statement, in place of the connection's own */
const queriesOf = (target: pg.Pool | pg.ClientBase, queryMs?: number): Queries => ({
  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly SqlValue[] = []) {
    const statement = { text: sql, values: [...values], ...(queryMs === undefined ? {} : { query_timeout: queryMs }) };
    try {
      return (await target.query<Row>(statement)).rows;
    } catch (error) {
      throw isAway(error) ? away(error) : error;
    }
  },
});

/** Looks every five seconds whether the client is there, while a statement runs: else that and the locks of its session outlive whoever asked. */
const endWithClient = "SET client_connection_check_interval = '5s'";

/** Has what runs on a connection end with it. A server that knows nothing of that refuses, and is used as it is. @throws CodedError database_unavailable */
const tieToClient = async (queries: Queries): Promise<void> => {
  try {
    await queries.query(endWithClient);
  } catch (error) {
    if (isUnavailable(error)) throw error;
  }
};

/** Opens a connection of its own. To be ended by whoever asked. @throws CodedError database_unavailable */
export const openSession = async (url: Secret, options: SessionOptions): Promise<CopySession> => {
  const { purpose, queryMs, statementMs, signal } = options;
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: databaseLimits.connectMs,
    application_name: `archipel ${purpose}`,
    keepAlive: true,
    query_timeout: queryMs,
    ...(statementMs === undefined ? {} : { statement_timeout: statementMs }),
  });
  const gone = new AbortController();
  // Without a listener, a connection that is lost between two statements would end the process.
  client.on('error', () => gone.abort());
  client.on('end', () => gone.abort());
  try {
    await client.connect();
  } catch (error) {
    throw away(error);
  }
  const end = async (): Promise<void> => {
    await farewell(client.end());
    gone.abort();
  };
  try {
    await tieToClient(queriesOf(client, Math.min(queryMs, databaseLimits.connectMs)));
  } catch (error) {
    await end();
    throw error;
  }
  if (signal?.aborted === true) {
    await end();
    throw away(signal.reason);
  }
  signal?.addEventListener('abort', () => void end(), { signal: gone.signal });
  return {
    ...queriesOf(client),
    copyOut: (sql) => client.query(new CopyOut(sql)),
    copyIn: (sql, chunks) => client.query(new CopyIn(sql, chunks)).rows,
    gone: gone.signal,
    end,
  };
};

/** Where the other side is no longer there, nobody ever confirms the end of a connection: it is waited for, but not for ever. */
const farewell = async (ending: Promise<void>): Promise<void> => {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, databaseLimits.farewellMs);
  await Promise.race([ending.catch(ignore), late.promise]);
  clearTimeout(timer);
};

/** Opens the pool; a connection is made by the first query. */
export const openDatabase = ({ url, log }: DatabaseOptions): Database => {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: databaseLimits.connections,
    connectionTimeoutMillis: databaseLimits.connectMs,
    idleTimeoutMillis: databaseLimits.idleMs,
    statement_timeout: databaseLimits.statementMs,
    // The server may hang where it cannot time out by itself.
    query_timeout: databaseLimits.queryMs,
    application_name: 'archipel',
    keepAlive: true,
  });
  pool.on('error', (error) => log.warn('idle connection to PostgreSQL was lost', { error: error.message }));
  // Without a listener, a connection that is lost between two statements would end the process. It stands from the first moment on: a server may say in one
  // breath that it is ready and that it ends, before whoever asked for the connection has it.
  pool.on('connect', (client) => {
    client.on('error', ignore);
    sendLargeValues(client.connection);
  });

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw away(error);
    }
  };

  return {
    ...queriesOf(pool),
    async transaction(act) {
      const client = await connect();
      const queries = queriesOf(client, databaseLimits.writeMs);
      let broken = true;
      try {
        await queries.query('BEGIN');
        const value = await act(queries);
        await queries.query('COMMIT');
        broken = false;
        return value;
      } catch (error) {
        // A connection that does not answer, or cannot even roll back, is thrown away: the server rolls back when it is gone.
        if (!isUnavailable(error)) {
          broken = await queries.query('ROLLBACK').then(
            () => false,
            () => true,
          );
        }
        throw error;
      } finally {
        client.release(broken);
      }
    },
    async exclusive(act, signal) {
      const { maintenanceMs } = databaseLimits;
      const session = await openSession(url, {
        purpose: 'maintenance',
        queryMs: maintenanceMs,
        statementMs: maintenanceMs,
        ...(signal === undefined ? {} : { signal }),
      });
      try {
        return await act(session);
      } finally {
        await session.end();
      }
    },
    session: (options) => openSession(url, options),
    close: () => farewell(pool.end()),
  };
};

const ignore = (): void => {};
