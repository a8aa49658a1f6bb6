import { usageBuckets } from '../../vocabulary/index.ts';
import type { FinalRecord, RequestRecord, SpoolRecord } from '../../vocabulary/index.ts';
import type { Database, Queries } from '../database/Database.ts';
import { cleanRecord } from '../ship/cleanRecord.ts';
import { readCheckpoint } from '../spool/Checkpoint.ts';
import { readSpoolRecords } from '../spool/readSpoolRecords.ts';
import { nodeFiles } from '../spool/SpoolFiles.ts';

/** One thing that does not hold. */
export interface LedgerFault {
  readonly kind:
    | 'missing_attempt'
    | 'different_attempt'
    | 'doubled_attempt'
    | 'missing_request'
    | 'lines_do_not_sum'
    | 'wrong_month'
    | 'two_months'
    | 'attempt_of_request_missing'
    | 'rejected_record';
  /** Attempt id or request id. */
  readonly id: string;
  /** What was expected and what was found. */
  readonly detail: string;
}

export interface LedgerReport {
  readonly checked: {
    /** Finals of the retained spool that were compared with their rows. */
    readonly finals: number;
    /** Requests of the retained spool whose rows were looked up. */
    readonly requests: number;
    /** Rows of attempts in the database. */
    readonly attempts: number;
  };
  /** Finals and requests that are on disk but not yet shipped: no fault. */
  readonly waiting: number;
  /** At most `faultsMax` of each kind. */
  readonly faults: readonly LedgerFault[];
}

const faultsMax = 100;
const chunkRecords = 500;

interface RowOfAttempt {
  readonly attempt_id: string;
  readonly rows: number;
  readonly amount: string;
  readonly outcome: string;
  readonly usage: readonly string[];
}

/** $1 attempt ids. Outcomes are compared as PostgreSQL writes them, on both sides. */
const selectRows = `
SELECT
  attempt_id,
  (count(*) OVER (PARTITION BY attempt_id))::integer AS rows,
  amount_nano_usd::text AS amount,
  outcome::text AS outcome,
  ARRAY[
    usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h, usage_input_audio, usage_input_image, usage_output,
    usage_reasoning, usage_output_audio, usage_output_image, usage_requests, usage_accelerator_seconds
  ]::text[] AS usage
FROM archipel.attempt
WHERE attempt_id = ANY($1::uuid[]) AND revision = 0`;

const asPostgresWrites = 'SELECT ARRAY(SELECT value::text FROM jsonb_array_elements($1::jsonb) AS value) AS texts';

const selectRequests = 'SELECT request_id FROM archipel.request WHERE request_id = ANY($1::uuid[])';

interface DatabaseCheck {
  readonly kind: LedgerFault['kind'];
  readonly sql: string;
}

/** Each selects `id` and `detail` of what does not hold; $1 is the most rows wanted. */
const databaseChecks: readonly DatabaseCheck[] = [
  {
    kind: 'lines_do_not_sum',
    sql: `
      SELECT attempt_id::text AS id, format('amount %s, lines %s', amount_nano_usd, lines_sum) AS detail
      FROM (
        SELECT attempt_id, amount_nano_usd,
          (SELECT coalesce(sum((line->>'amountNanoUsd')::numeric), 0) FROM jsonb_array_elements(lines) AS line) AS lines_sum
        FROM archipel.attempt
      ) AS summed
      WHERE amount_nano_usd <> lines_sum LIMIT $1`,
  },
  {
    kind: 'wrong_month',
    sql: `
      SELECT id::text, format('stored in %s, its id says %s', to_char(month, 'YYYY-MM'), to_char(archipel.uuid_month(id), 'YYYY-MM')) AS detail
      FROM (SELECT attempt_id AS id, month FROM archipel.attempt UNION ALL SELECT request_id, month FROM archipel.request) AS stored
      WHERE month <> archipel.uuid_month(id) LIMIT $1`,
  },
  {
    kind: 'two_months',
    sql: `
      SELECT attempt_id::text AS id, format('stored in %s', string_agg(to_char(month, 'YYYY-MM'), ' and ' ORDER BY month)) AS detail
      FROM archipel.attempt WHERE revision = 0 GROUP BY attempt_id HAVING count(*) > 1 LIMIT $1`,
  },
  {
    kind: 'attempt_of_request_missing',
    sql: `
      SELECT request_id::text AS id, format('attempt %s has no row', attempt_id) AS detail
      FROM (
        SELECT organisation_id, request_id, unnest(attempt_ids) AS attempt_id FROM archipel.request
        EXCEPT
        SELECT organisation_id, request_id, attempt_id FROM archipel.attempt
      ) AS missing
      LIMIT $1`,
  },
  {
    kind: 'rejected_record',
    sql: 'SELECT record_id AS id, reason AS detail FROM archipel.rejected_record LIMIT $1',
  },
];

const compare = (final: FinalRecord, outcome: string, rows: readonly RowOfAttempt[]): LedgerFault[] => {
  const [row] = rows;
  const fault = (kind: LedgerFault['kind'], detail: string): LedgerFault => ({ kind, id: final.attemptId, detail });
  if (!row) return [fault('missing_attempt', 'its final is in the spool, and shipped; there is no row')];
  if (row.rows !== 1) return [fault('doubled_attempt', `${row.rows} rows`)];
  if (row.amount !== final.amountNanoUsd) {
    return [fault('different_attempt', `amount ${final.amountNanoUsd} in the spool, ${row.amount} in the row`)];
  }
  const units = usageBuckets.map((bucket) => String(final.usage[bucket] ?? 0));
  if (units.join() !== row.usage.join()) {
    return [fault('different_attempt', `usage ${units.join()} in the spool, ${row.usage.join()} in the row`)];
  }
  if (row.outcome !== outcome)
    return [fault('different_attempt', `outcome ${outcome} in the spool, ${row.outcome} in the row`)];
  return [];
};

const checkFinals = async (queries: Queries, finals: readonly FinalRecord[]): Promise<LedgerFault[]> => {
  if (finals.length === 0) return [];
  const rows = await queries.query<RowOfAttempt>(selectRows, [finals.map((final) => final.attemptId)]);
  const [written] = await queries.query<{ texts: readonly string[] }>(asPostgresWrites, [
    JSON.stringify(finals.map((final) => final.outcome)),
  ]);
  const byId = Map.groupBy(rows, (row) => row.attempt_id);
  return finals.flatMap((final, index) => compare(final, written?.texts[index] ?? '', byId.get(final.attemptId) ?? []));
};

const checkRequests = async (queries: Queries, requests: readonly RequestRecord[]): Promise<LedgerFault[]> => {
  if (requests.length === 0) return [];
  const ids = requests.map((request) => request.requestId);
  const rows = await queries.query<{ request_id: string }>(selectRequests, [ids]);
  const there = new Set(rows.map((row) => row.request_id));
  return ids
    .filter((id) => !there.has(id))
    .map((id) => ({ kind: 'missing_request', id, detail: 'it is in the spool, and shipped; there is no row' }));
};

/** At most so many faults of each kind. */
const bounded = (faults: readonly LedgerFault[]): LedgerFault[] =>
  Object.values(Object.groupBy(faults, (fault) => fault.kind)).flatMap((group) => (group ?? []).slice(0, faultsMax));

/**
 * Proves that the database holds what the spool held: each shipped final of the retained segments has exactly one row of the same
 * amount, usage and outcome, each request has its row; and, over the whole database, that lines sum to amounts, months equal those
 * inside the ids, no attempt lies in two months and no request misses an attempt. Reads only; the program may be running.
 * @throws CodedError spool_damaged, spool_newer, database_unavailable
 */
export const verifyLedger = (database: Database, spoolDirectory: string): Promise<LedgerReport> =>
  database.exclusive((queries) => verifyWith(queries, spoolDirectory));

const verifyWith = async (queries: Queries, spoolDirectory: string): Promise<LedgerReport> => {
  const checkpoint = await readCheckpoint(nodeFiles, spoolDirectory);
  const shipped = checkpoint?.shipped.sequence ?? 0;
  const faults: LedgerFault[] = [];
  const checked = { finals: 0, requests: 0, attempts: 0 };
  let waiting = 0;
  for await (const chunk of readSpoolRecords(nodeFiles, spoolDirectory, chunkRecords)) {
    const finals: FinalRecord[] = [];
    const requests: RequestRecord[] = [];
    for (const { sequence, payload } of chunk) {
      const record = JSON.parse(cleanRecord(payload)) as SpoolRecord;
      if (record.type === 'intent') continue;
      if (sequence > shipped) waiting++;
      else if (record.type === 'final') finals.push(record);
      else requests.push(record);
    }
    checked.finals += finals.length;
    checked.requests += requests.length;
    faults.push(...(await checkFinals(queries, finals)), ...(await checkRequests(queries, requests)));
  }
  const [rows] = await queries.query<{ count: number }>('SELECT count(*)::integer AS count FROM archipel.attempt');
  checked.attempts = rows?.count ?? 0;
  for (const { kind, sql } of databaseChecks) {
    const found = await queries.query<{ id: string; detail: string }>(sql, [faultsMax]);
    faults.push(...found.map((fault) => ({ kind, ...fault })));
  }
  return { checked, waiting, faults: bounded(faults) };
};
