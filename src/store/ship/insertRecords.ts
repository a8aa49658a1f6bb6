import type pg from 'pg';
import { attemptColumns, usageValues } from '../database/attemptColumns.ts';
import { bookInserted, insertedColumns, insertedSpends } from '../database/bookInserted.ts';
import type { Queries, SqlValue } from '../database/Database.ts';
import type { MoveRow } from '../database/correctSpend.ts';
import { ArrayMemory } from './ArrayMemory.ts';
import type { SpoolRange } from './spoolRange.ts';

// The records go over as one JSON array each; PostgreSQL takes them apart. A row that is there already stays as it is: shipping the
// same record again changes nothing.

/**
 * Only attempts that were not there yet are booked: a journal for each organisation and month of them. $1 finals, $2 journal id, $3 spool, $4 and $5 its range,
 * $6 whether it is wanted what they take from their budgets.
 * A journal follows the last one of its organisation, month and spool; what comes again from a range that was booked before stands outside of that order.
 */
// tidy-allow spliced-sql: fixed pieces that both ways into the ledger share
const insertAttempts = `
WITH inserted AS (
  INSERT INTO archipel.attempt (${attemptColumns})
  SELECT
    organisation, archipel.uuid_month("attemptId"), "attemptId", 0, "requestId", attempt, team, key, model, provider, "targetModel",
    vendor, hosts, jurisdiction, lab, region, wire, operation, stream, contract, round("startedAtMs")::bigint, "firstContentMs",
    "durationMs", outcome->>'kind', outcome, basis, ${usageValues},
    lines, "amountNanoUsd", "listNanoUsd", ("rangeNanoUsd"->>0)::numeric, ("rangeNanoUsd"->>1)::numeric,
    ARRAY(SELECT jsonb_array_elements_text(edits)), "servedTier", budgets, $2::uuid
  FROM json_to_recordset($1::json) AS record(
    "attemptId" uuid, "requestId" uuid, attempt integer, organisation text, team text, key text, model text, provider text,
    "targetModel" text, vendor text, hosts jsonb, jurisdiction text, lab text, region text, wire text, operation text, stream boolean,
    contract text, "startedAtMs" double precision, "firstContentMs" double precision, "durationMs" double precision, outcome jsonb,
    usage jsonb, basis text, lines jsonb, "amountNanoUsd" numeric, "listNanoUsd" numeric, "rangeNanoUsd" jsonb, edits jsonb,
    "servedTier" text, budgets jsonb
  )
  ON CONFLICT DO NOTHING
  RETURNING ${insertedColumns}
), ${bookInserted}, journals AS (
  INSERT INTO archipel.journal (organisation_id, month, journal_id, kind, spool, from_sequence, to_sequence, attempts)
  SELECT
    organisation_id, month, $2::uuid, CASE WHEN last.sequence < $5::bigint THEN 'shipment' ELSE 'again' END, $3::uuid,
    CASE WHEN last.sequence < $5::bigint THEN last.sequence ELSE $4::bigint END, $5::bigint, attempts
  FROM (SELECT organisation_id, month, sum(attempts) AS attempts FROM summed GROUP BY 1, 2) AS booked
  CROSS JOIN LATERAL (
    SELECT coalesce(max(earlier.to_sequence), 0) AS sequence FROM archipel.journal AS earlier
    WHERE earlier.organisation_id = booked.organisation_id AND earlier.month = booked.month AND earlier.spool = $3::uuid AND earlier.kind = 'shipment'
  ) AS last
)
SELECT
  coalesce(sum(attempts), 0)::integer AS count,
  CASE WHEN $6 THEN ${insertedSpends} END AS moves
FROM summed`;

const insertRequests = `
WITH inserted AS (
  INSERT INTO archipel.request (
    organisation_id, month, request_id, team, key_name, model, wire, operation, stream, started_at_ms, duration_ms, status, error_code,
    decisions, attempt_ids, needs
  )
  SELECT
    organisation, archipel.uuid_month("requestId"), "requestId", team, key, model, wire, operation, stream,
    round("startedAtMs")::bigint, "durationMs", status, "errorCode", decisions,
    ARRAY(SELECT jsonb_array_elements_text("attemptIds")::uuid),
    CASE WHEN needs IS NOT NULL THEN ARRAY(SELECT jsonb_array_elements_text(needs)) END
  FROM json_to_recordset($1::json) AS record(
    "requestId" uuid, organisation text, team text, key text, model text, wire text, operation text, stream boolean,
    "startedAtMs" double precision, "durationMs" double precision, status integer, "errorCode" text, decisions jsonb, "attemptIds" jsonb,
    needs jsonb
  )
  ON CONFLICT DO NOTHING
  RETURNING 1
)
SELECT count(*)::integer AS count FROM inserted`;

/** Records of one range of a spool, and the journal that books them. */
export interface BookedRecords {
  /** A UUIDv7, made before. */
  readonly journalId: string;
  readonly range: SpoolRange;
  /** As their JSON. */
  readonly finals: readonly Buffer[];
  readonly requests: readonly Buffer[];
  /** Whether other replicas spend the same budgets. */
  readonly isShared: boolean;
}

/** What came of them. */
export interface InsertedRecords {
  /** How many were not there yet. */
  readonly rows: number;
  /** Of them, attempts. */
  readonly attempts: number;
  /** What these attempts take from their budgets; empty where nobody else spends them. */
  readonly moves: readonly MoveRow[];
}

interface InsertedRow {
  readonly count: number;
  readonly moves?: readonly MoveRow[] | null;
}

/** Inserts finals, with their journal, and requests. @param memory to write what is sent into; what was written into it before is over. */
export const insertRecords = async (
  queries: Queries,
  records: BookedRecords,
  memory = new ArrayMemory(),
): Promise<InsertedRecords> => {
  const { journalId, range, finals, requests, isShared } = records;
  const insert = async (sql: string, values: readonly SqlValue[]): Promise<InsertedRow> =>
    (await queries.query<InsertedRow & pg.QueryResultRow>(sql, values))[0] ?? { count: 0 };
  const { fromSequence, toSequence } = range;
  const values = [memory.arrayOf(finals), journalId, range.spool, fromSequence, toSequence, isShared];
  const attempts: InsertedRow = finals.length === 0 ? { count: 0 } : await insert(insertAttempts, values);
  const others = requests.length === 0 ? { count: 0 } : await insert(insertRequests, [memory.arrayOf(requests)]);
  return { rows: attempts.count + others.count, attempts: attempts.count, moves: attempts.moves ?? [] };
};
