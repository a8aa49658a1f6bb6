import type { Queries } from './Database.ts';

/** A gateway that works on this database, as it says of itself. */
export interface ReplicaSelf {
  /** UUID of its spool. */
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** SHA-256 of the configuration file in force, in hexadecimal. */
  readonly configurationHash: string;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
}

/** One as the database knows it. */
export interface Replica extends ReplicaSelf {
  /** Milliseconds since its last beat, by the clock of the database. */
  readonly silentMs: number;
}

/** What a replica asks of one limit. */
export interface RateClaim {
  /** "key:laptop". */
  readonly scope: string;
  /** As in the file: "rpm". */
  readonly name: string;
  /** Units a minute, or requests at a time: all that the limit lets through. */
  readonly units: number;
  /** What it would have beside its base; never less than what it lets through at this moment. */
  readonly target: number;
  /** What is in use beside its base and cannot be given up: it has that, whatever is left. */
  readonly held: number;
  /** What it could use: for the others to know. */
  readonly wanted: number;
}

/** What another replica has of one limit beside its base. */
export interface RateLeaseShare {
  readonly instance: string;
  readonly granted: number;
  readonly wanted: number;
}

/** How a limit is shared out now. */
export interface RateLease {
  readonly scope: string;
  readonly name: string;
  /** Units that are nobody's base. */
  readonly pool: number;
  /** What this replica has of them, and could use. */
  readonly granted: number;
  readonly wanted: number;
  /** Of all others that live and use the limit. */
  readonly others: readonly RateLeaseShare[];
}

/** A limit of which more is in use than there is. */
export interface RateWithheld {
  readonly scope: string;
  readonly name: string;
  /** By how much; each replica lets so much less through. */
  readonly units: number;
}

export interface Beat {
  readonly self: ReplicaSelf;
  /** Millionths of every rate that it wants whatever others do; never more than it lets through at this moment, unless it was told that it may. */
  readonly base: number;
  readonly claims: readonly RateClaim[];
  /** After so much silence another replica's leases are free, and it may let its base through twice. */
  readonly leaseMs: number;
  /** After so much silence it counts no longer. */
  readonly givenUpMs: number;
}

export interface BeatAnswer {
  /** Millionths of every rate that it has whatever others do. */
  readonly base: number;
  /** All that are known, those that are silent too. */
  readonly replicas: readonly Replica[];
  readonly leases: readonly RateLease[];
  readonly withheld: readonly RateWithheld[];
}

/** One beat of a replica: it says that it is there, and how rates are shared is settled in one step with all others. @throws CodedError database_unavailable */
export const beat = async (queries: Queries, { self, base, claims, leaseMs, givenUpMs }: Beat): Promise<BeatAnswer> => {
  const [row] = await queries.query<{ answer: BeatAnswer }>(
    "SELECT archipel.beat($1, $2, $3 * interval '1 millisecond', $4 * interval '1 millisecond') AS answer",
    [JSON.stringify({ ...self, base }), JSON.stringify(claims), leaseMs, givenUpMs],
  );
  if (row === undefined) throw new Error('a beat is answered by one row');
  return row.answer;
};

/** What another replica told. */
export interface ToldByReplica {
  readonly instance: string;
  /** As it wrote it. */
  readonly told: unknown;
  /** Milliseconds since its last beat, by the clock of the database. */
  readonly silentMs: number;
}

/**
 * Tells the other replicas something, after a beat.
 * @param told Plain JSON, in the place of what was told before; the same is not written again.
 * @returns what all others have told. @throws CodedError database_unavailable
 */
export const tellReplicas = (queries: Queries, instance: string, told: unknown): Promise<readonly ToldByReplica[]> =>
  queries.query<{ -readonly [Name in keyof ToldByReplica]: ToldByReplica[Name] }>(
    `WITH mine AS (
       UPDATE archipel.replica SET told = $2::json WHERE instance = $1 AND told::text IS DISTINCT FROM $2::json::text
     )
     SELECT instance, told, round(extract(epoch FROM clock_timestamp() - beaten_at) * 1000)::float8 AS "silentMs"
     FROM archipel.replica WHERE instance <> $1 AND told IS NOT NULL ORDER BY instance`,
    [instance, JSON.stringify(told)],
  );

/** The replica has ended, and lets nothing through any more. @throws CodedError database_unavailable */
export const leaveFleet = async (queries: Queries, instance: string): Promise<void> => {
  await queries.query(
    `WITH gone AS (DELETE FROM archipel.replica WHERE instance = $1)
     DELETE FROM archipel.rate_lease WHERE instance = $1`,
    [instance],
  );
};

/** All replicas that are known, those that are silent too. @throws CodedError database_unavailable */
export const listReplicas = (queries: Queries): Promise<readonly Replica[]> =>
  queries.query<{ -readonly [Name in keyof Replica]: Replica[Name] }>(
    `SELECT instance, host, pid, version, configuration_hash AS "configurationHash",
       round(extract(epoch FROM started_at) * 1000)::float8 AS "startedAtMs",
       round(extract(epoch FROM clock_timestamp() - beaten_at) * 1000)::float8 AS "silentMs"
     FROM archipel.replica ORDER BY instance`,
  );

/** Milliseconds since the last beat of a replica, by the clock of the database; null where it is not known. @throws CodedError database_unavailable */
export const silenceOf = async (queries: Queries, instance: string): Promise<number | null> =>
  (await listReplicas(queries)).find((replica) => replica.instance === instance)?.silentMs ?? null;
