import pg from 'pg';
import type { Log, Secret } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';

/** A value that stands for $1, $2, ...; bytes are in PostgreSQL's own form of their type, which for `json` is its text. */
export type SqlValue = string | Buffer | number | boolean | bigint | null | readonly string[] | readonly number[];

/** Runs static SQL. `Row` is what the statement selects; columns of bigint and numeric are strings. */
export interface Queries {
  /** @throws CodedError database_unavailable; DatabaseError of `pg` for what PostgreSQL refused. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** A connection of its own, for what lives as long as it does: locks of the whole session, settings. */
export interface DatabaseSession extends Queries {
  /** Aborted once the connection is gone, whoever ended it. */
  readonly gone: AbortSignal;
  /** Ends the connection. Safe to call twice; never rejects. */
  end(): Promise<void>;
}

export interface SessionOptions {
  /** What it is for, as PostgreSQL's list of connections shows it. */
  readonly purpose: string;
  /** Most time of one statement; null for no limit. Milliseconds. */
  readonly queryMs: number | null;
}

/** A PostgreSQL behind a bounded pool of connections. */
export interface Database extends Queries {
  /** Runs several statements as one; all or none of them hold. */
  transaction<Value>(act: (queries: Queries) => Promise<Value>): Promise<Value>;
  /** Runs on a connection of its own without a time limit per statement: for migrations and verification. */
  exclusive<Value>(act: (queries: Queries) => Promise<Value>): Promise<Value>;
  /** Opens a connection beside the pool. To be ended by whoever asked. @throws CodedError database_unavailable */
  session(options: SessionOptions): Promise<DatabaseSession>;
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
  /** For the end of a connection of its own. */
  farewellMs: 2_000,
};

/** SQLSTATE classes that say "not now": connection, log-in, read-only, no such database, rollback, resources, locks, operator, system. */
const awayStates = /^(08|25|28|3D|40|53|55|57|58|XX)/;

/** Whether a failure says that the database is away or cannot answer now, as against refusing what it was asked. */
const isAway = (error: unknown): boolean => {
  if (error instanceof pg.DatabaseError) return error.code === undefined || awayStates.test(error.code);
  // A mistake of ours in building the call is no outage.
  return !(error instanceof TypeError || error instanceof RangeError);
};

const away = (error: unknown): Error => {
  const message = error instanceof Error ? error.message : String(error);
  return storeError('database_unavailable', `PostgreSQL does not answer: ${message}`, { cause: error });
};

const queriesOf = (target: pg.Pool | pg.ClientBase): Queries => ({
  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly SqlValue[] = []) {
    try {
      return (await target.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw isAway(error) ? away(error) : error;
    }
  },
});

const openSession = async (url: Secret, { purpose, queryMs }: SessionOptions): Promise<DatabaseSession> => {
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: databaseLimits.connectMs,
    application_name: `archipel ${purpose}`,
    keepAlive: true,
    ...(queryMs === null ? {} : { query_timeout: queryMs }),
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
  return {
    ...queriesOf(client),
    gone: gone.signal,
    async end() {
      const late = Promise.withResolvers<void>();
      // Where the other side is no longer there, nobody ever confirms the farewell.
      const timer = setTimeout(late.resolve, databaseLimits.farewellMs);
      await Promise.race([client.end().catch(ignore), late.promise]);
      clearTimeout(timer);
      gone.abort();
    },
  };
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

  const connect = async (): Promise<pg.PoolClient> => {
    try {
      const client = await pool.connect();
      // Without a listener, a connection that is lost between two statements would end the process.
      client.on('error', ignore);
      return client;
    } catch (error) {
      throw away(error);
    }
  };
  const give = (client: pg.PoolClient, broken: boolean): void => {
    client.off('error', ignore);
    client.release(broken);
  };

  return {
    ...queriesOf(pool),
    async transaction(act) {
      const client = await connect();
      const queries = queriesOf(client);
      let broken = true;
      try {
        await queries.query('BEGIN');
        const value = await act(queries);
        await queries.query('COMMIT');
        broken = false;
        return value;
      } catch (error) {
        // A connection that cannot even roll back is thrown away: the server rolls back when it is gone.
        broken = await client.query('ROLLBACK').then(
          () => false,
          () => true,
        );
        throw error;
      } finally {
        give(client, broken);
      }
    },
    async exclusive(act) {
      const session = await openSession(url, { purpose: 'maintenance', queryMs: null });
      try {
        return await act(session);
      } finally {
        await session.end();
      }
    },
    session: (options) => openSession(url, options),
    close: () => pool.end(),
  };
};

const ignore = (): void => {};
