import type { Queries } from './Database.ts';

/** A drill as it is kept. */
export interface StoredDrill {
  readonly id: string;
  readonly kind: 'replay' | 'live';
  /** Name of the admin key. */
  readonly startedBy: string;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  /** Null while it runs, and where its process died meanwhile. */
  readonly endedAtMs: number | null;
  /** When it is over at the latest. */
  readonly untilMs: number;
  readonly report: Readonly<Record<string, unknown>>;
}

interface DrillRow {
  readonly drill_id: string;
  readonly kind: StoredDrill['kind'];
  readonly started_by: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly until_at: Date;
  readonly report: StoredDrill['report'];
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** Drills are the installation's: what is lost is lost for all organisations. */
const organisation = 'default';

/** How many reports are kept: older ones make room. */
const keptMax = 500;

/** Keeps a drill, in place of what was kept of it before. @throws CodedError `database_unavailable` */
export const saveDrill = async (queries: Queries, drill: StoredDrill): Promise<void> => {
  const { id, kind, startedBy, startedAtMs, endedAtMs, untilMs, report } = drill;
  await queries.query(
    `INSERT INTO archipel.drill (organisation_id, drill_id, kind, started_by, started_at, ended_at, until_at, report)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (organisation_id, drill_id) DO UPDATE SET ended_at = excluded.ended_at, report = excluded.report`,
    [
      organisation,
      id,
      kind,
      startedBy,
      instant(startedAtMs),
      endedAtMs === null ? null : instant(endedAtMs),
      instant(untilMs),
      JSON.stringify(report),
    ],
  );
  await queries.query(
    `DELETE FROM archipel.drill WHERE organisation_id = $1 AND started_at < (
       SELECT started_at FROM archipel.drill WHERE organisation_id = $1 ORDER BY started_at DESC OFFSET $2 LIMIT 1
     )`,
    [organisation, keptMax - 1],
  );
};

/**
 * Keeps a live drill that begins, unless one is under way, here or elsewhere: of two at the same time one begins. Within a transaction.
 * @returns whether it may begin. @throws CodedError `database_unavailable`
 */
export const beginLiveDrill = async (queries: Queries, drill: StoredDrill): Promise<boolean> => {
  await queries.query("SELECT pg_advisory_xact_lock(hashtext('archipel.drill'))");
  const running = await queries.query(
    `SELECT 1 FROM archipel.drill WHERE organisation_id = $1 AND kind = 'live' AND ended_at IS NULL AND until_at > $2`,
    [organisation, instant(drill.startedAtMs)],
  );
  if (running.length > 0) return false;
  await saveDrill(queries, drill);
  return true;
};

/**
 * Ends what is kept of the live drill under way, whoever runs it: its process sees that, and others may begin.
 * @returns what was ended, or null where none was. @throws CodedError `database_unavailable`
 */
export const endLiveDrill = async (queries: Queries, nowMs: number): Promise<StoredDrill | null> => {
  const [row] = await queries.query<DrillRow>(
    `UPDATE archipel.drill SET ended_at = $2, report = jsonb_set(report, '{state}', '"stopped"')
     WHERE organisation_id = $1 AND kind = 'live' AND ended_at IS NULL AND until_at > $2
     RETURNING drill_id, kind, started_by, started_at, ended_at, until_at, report`,
    [organisation, instant(nowMs)],
  );
  return row === undefined ? null : drillOf(row);
};

/** Whether what is kept of a drill says that it has ended. @throws CodedError `database_unavailable` */
export const hasDrillEnded = async (queries: Queries, id: string): Promise<boolean> => {
  const rows = await queries.query(
    'SELECT 1 FROM archipel.drill WHERE organisation_id = $1 AND drill_id = $2 AND ended_at IS NOT NULL',
    [organisation, id],
  );
  return rows.length > 0;
};

const drillOf = (row: DrillRow): StoredDrill => ({
  id: row.drill_id,
  kind: row.kind,
  startedBy: row.started_by,
  startedAtMs: row.started_at.getTime(),
  endedAtMs: row.ended_at?.getTime() ?? null,
  untilMs: row.until_at.getTime(),
  report: row.report,
});

/** What of a report a list has: the rest may be long. */
const listedFields: readonly string[] = [
  'kind',
  'state',
  'without',
  'requests',
  'servedShare',
  'amountNanoUsd',
  'usualNanoUsd',
];

/** The newest drills, newest first, with the few fields of their reports that a list has. @throws CodedError `database_unavailable` */
export const listDrills = async (queries: Queries, drillsMax: number): Promise<readonly StoredDrill[]> => {
  const rows = await queries.query<DrillRow>(
    `SELECT drill_id, kind, started_by, started_at, ended_at, until_at, (
       SELECT coalesce(jsonb_object_agg(field, report->field) FILTER (WHERE report ? field), '{}')
       FROM unnest($3::text[]) AS listed (field)
     ) AS report FROM archipel.drill
     WHERE organisation_id = $1 ORDER BY started_at DESC, drill_id DESC LIMIT $2`,
    [organisation, drillsMax, listedFields],
  );
  return rows.map(drillOf);
};

/** One drill, or null where there is none of this id, which must be a UUID. @throws CodedError `database_unavailable` */
export const readDrill = async (queries: Queries, id: string): Promise<StoredDrill | null> => {
  const [row] = await queries.query<DrillRow>(
    `SELECT drill_id, kind, started_by, started_at, ended_at, until_at, report FROM archipel.drill
     WHERE organisation_id = $1 AND drill_id = $2`,
    [organisation, id],
  );
  return row === undefined ? null : drillOf(row);
};
