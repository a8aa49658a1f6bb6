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

/** The newest drills, newest first. @throws CodedError `database_unavailable` */
export const listDrills = async (queries: Queries, drillsMax: number): Promise<readonly StoredDrill[]> => {
  const rows = await queries.query<DrillRow>(
    `SELECT drill_id, kind, started_by, started_at, ended_at, until_at, report FROM archipel.drill
     WHERE organisation_id = $1 ORDER BY started_at DESC, drill_id DESC LIMIT $2`,
    [organisation, drillsMax],
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
