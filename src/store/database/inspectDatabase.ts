import { errorMessage } from '../../kernel/index.ts';
import type { Clock, Secret } from '../../kernel/index.ts';
import { checkApplied, readMigrations, type AppliedRow } from './migrate.ts';
import { openSession } from './Database.ts';
import { listReplicas, type Replica } from './replicas.ts';

/** A database as it is found, without changing anything in it. */
export interface InspectedDatabase {
  /** "18.4". */
  readonly version: string;
  /** Its clock minus ours, in milliseconds: exact to half of `answerMs`. */
  readonly skewMs: number;
  readonly answerMs: number;
  /** Whether it takes no writes: a replica, or told so. */
  readonly isReadOnly: boolean;
  /** Number of its newest migration; 0 where the program has never used it. */
  readonly migration: number;
  /** Number of the newest that this program knows. */
  readonly known: number;
  /** Gateways that use it, those that are silent too. */
  readonly replicas: readonly Replica[];
  /** What is wrong with its migrations; null where nothing is. */
  readonly fault: string | null;
}

const inspectMs = 4_000;

const selectState = `
SELECT
  current_setting('server_version') AS version,
  (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs",
  pg_is_in_recovery() OR current_setting('default_transaction_read_only')::boolean AS "isReadOnly",
  to_regclass('archipel.migration') IS NOT NULL AS "isOurs",
  to_regclass('archipel.replica') IS NOT NULL AS "hasReplicas"`;

interface State {
  readonly version: string;
  readonly nowMs: number;
  readonly isReadOnly: boolean;
  readonly isOurs: boolean;
  readonly hasReplicas: boolean;
}

const selectApplied = 'SELECT number, name, checksum FROM archipel.migration ORDER BY number';

/** Asks a database how it is. @throws CodedError database_unavailable */
export const inspectDatabase = async (url: Secret, clock: Clock): Promise<InspectedDatabase> => {
  const session = await openSession(url, { purpose: 'doctor', queryMs: inspectMs });
  try {
    // The first answer pays for what is made once.
    await session.query('SELECT 1');
    const [beforeMs, startedMs] = [clock.nowMs(), clock.monotonicMs()];
    const [state] = await session.query<{ -readonly [Name in keyof State]: State[Name] }>(selectState);
    const answerMs = clock.monotonicMs() - startedMs;
    if (state === undefined) throw new Error('a database answers with one row');
    const applied = state.isOurs ? await session.query<AppliedRow>(selectApplied) : [];
    const migrations = await readMigrations();
    return {
      version: state.version.split(' ')[0] ?? '',
      skewMs: state.nowMs - (beforeMs + answerMs / 2),
      answerMs,
      isReadOnly: state.isReadOnly,
      migration: applied.at(-1)?.number ?? 0,
      known: migrations.length,
      replicas: state.hasReplicas ? await listReplicas(session) : [],
      fault: faultOf(() => checkApplied(applied, migrations)),
    };
  } finally {
    await session.end();
  }
};

const faultOf = (check: () => void): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    return errorMessage(error);
  }
};
