import { uuidV7Month } from '../../kernel/index.ts';
import { usageBuckets } from '../../vocabulary/index.ts';
import type { FinalRecord, RequestRecord, SpoolRecord } from '../../vocabulary/index.ts';
import type { Database, Queries } from '../database/Database.ts';
import { storedMonths } from '../database/storedMonths.ts';
import { cleanRecord } from '../ship/cleanRecord.ts';
import { readCheckpoint } from '../spool/Checkpoint.ts';
import { readSpoolRecords } from '../spool/readSpoolRecords.ts';
import { nodeFiles } from '../spool/SpoolFiles.ts';
import { databaseChecks } from './databaseChecks.ts';
import { checkBudgets } from './checkBudgets.ts';
import { checkJournals } from './checkJournals.ts';
import { checkLeases, type CappedWindow } from './checkLeases.ts';
import { checkRanges } from './checkRanges.ts';
import { faultsMax, LedgerFaults, type LedgerFault } from './LedgerFaults.ts';

export interface LedgerReport {
  readonly checked: {
    /** Finals of the retained spool that were compared with their rows. */
    readonly finals: number;
    /** Requests of the retained spool whose rows were looked up. */
    readonly requests: number;
    /** Rows of attempts in the database. */
    readonly attempts: number;
    /** Journals whose lines were held against their attempts. */
    readonly journals: number;
    readonly lines: number;
    /** Ranges of spools that are in the database: one for each spool of which nothing is missing. */
    readonly ranges: number;
  };
  /** Finals and requests that are on disk but not yet shipped: no fault. */
  readonly waiting: number;
  /** Finals and requests of the retained spool whose months were let go, and are not compared with anything: no fault. */
  readonly gone: number;
  /** At most `faultsMax` of each kind. */
  readonly faults: readonly LedgerFault[];
}

const chunkRecords = 500;

interface RowOfAttempt {
  readonly attempt_id: string;
  readonly rows: number;
  readonly amount: string;
  readonly outcome: string;
  readonly usage: readonly string[];
}

/** $1 organisations, $2 attempt ids, $3 all months: an index is looked into, whatever month a row lies in. Outcomes are compared as PostgreSQL writes them, on both sides. */
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
WHERE organisation_id = ANY($1::text[]) AND month = ANY($3::date[]) AND attempt_id = ANY($2::uuid[]) AND revision = 0`;

const asPostgresWrites = 'SELECT ARRAY(SELECT value::text FROM jsonb_array_elements($1::jsonb) AS value) AS texts';

/** The same of requests. */
const selectRequests = `
SELECT request_id FROM archipel.request
WHERE organisation_id = ANY($1::text[]) AND month = ANY($3::date[]) AND request_id = ANY($2::uuid[])`;

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

const organisationsOf = (records: readonly { readonly organisation: string }[]): readonly string[] => [
  ...new Set(records.map(({ organisation }) => organisation)),
];

const checkFinals = async (
  queries: Queries,
  months: readonly string[],
  finals: readonly FinalRecord[],
): Promise<LedgerFault[]> => {
  if (finals.length === 0) return [];
  const rows = await queries.query<RowOfAttempt>(selectRows, [
    organisationsOf(finals),
    finals.map(({ attemptId }) => attemptId),
    months,
  ]);
  const [written] = await queries.query<{ texts: readonly string[] }>(asPostgresWrites, [
    JSON.stringify(finals.map((final) => final.outcome)),
  ]);
  const byId = Map.groupBy(rows, (row) => row.attempt_id);
  return finals.flatMap((final, index) => compare(final, written?.texts[index] ?? '', byId.get(final.attemptId) ?? []));
};

const checkRequests = async (
  queries: Queries,
  months: readonly string[],
  requests: readonly RequestRecord[],
): Promise<LedgerFault[]> => {
  if (requests.length === 0) return [];
  const ids = requests.map((request) => request.requestId);
  const rows = await queries.query<{ request_id: string }>(selectRequests, [organisationsOf(requests), ids, months]);
  const there = new Set(rows.map((row) => row.request_id));
  return ids
    .filter((id) => !there.has(id))
    .map((id) => ({ kind: 'missing_request', id, detail: 'it is in the spool, and shipped; there is no row' }));
};

/**
 * Proves that the database holds what the spool held: each shipped final of the retained segments has exactly one row of the same
 * amount, usage and outcome, each request has its row (but for months that were let go), no range of a spool is missing; and, over the whole database, that lines sum to amounts, months equal those
 * inside the ids, no attempt lies in two months, no request misses an attempt, and journals balance, follow each other and equal their attempts. What replicas have
 * spent of shared budgets is what attempts say, and what they may spend is no more than is left. Reads only; the program may be running.
 * @param windows Running windows of hard budgets whose leases are held against their caps.
 * @throws CodedError spool_damaged, spool_newer, database_unavailable
 */
export const verifyLedger = (
  database: Database,
  spoolDirectory: string,
  windows: readonly CappedWindow[] = [],
): Promise<LedgerReport> => database.exclusive((queries) => verifyWith(queries, spoolDirectory, windows));

const idOf = (record: FinalRecord | RequestRecord): string =>
  record.type === 'final' ? record.attemptId : record.requestId;

/** Months go by dropping their partitions. One that is newer than all that are there was not let go: the database is behind. */
const goneMonths = (months: readonly string[]): ((record: FinalRecord | RequestRecord) => boolean) => {
  const [stored, newest] = [new Set(months), months.at(-1) ?? ''];
  return (record) => {
    const month = `${uuidV7Month(idOf(record))}-01`;
    return month < newest && !stored.has(month);
  };
};

const countAttempts = 'SELECT count(*)::integer AS count FROM archipel.attempt';

const verifyWith = async (
  queries: Queries,
  spoolDirectory: string,
  windows: readonly CappedWindow[],
): Promise<LedgerReport> => {
  const checkpoint = await readCheckpoint(nodeFiles, spoolDirectory);
  const shipped = checkpoint?.shipped.sequence ?? 0;
  const months = await storedMonths(queries);
  const isGone = goneMonths(months);
  const faults = new LedgerFaults();
  let [finalsChecked, requestsChecked, waiting, gone] = [0, 0, 0, 0];
  for await (const chunk of readSpoolRecords(nodeFiles, spoolDirectory, chunkRecords)) {
    const finals: FinalRecord[] = [];
    const requests: RequestRecord[] = [];
    for (const { sequence, payload } of chunk) {
      const record = JSON.parse(cleanRecord(payload)) as SpoolRecord;
      if (record.type === 'intent') continue;
      if (sequence > shipped) waiting++;
      else if (isGone(record)) gone++;
      else if (record.type === 'final') finals.push(record);
      else requests.push(record);
    }
    finalsChecked += finals.length;
    requestsChecked += requests.length;
    faults.add(await checkFinals(queries, months, finals));
    faults.add(await checkRequests(queries, months, requests));
  }
  const [rows] = await queries.query<{ count: number }>(countAttempts);
  for (const { kind, sql } of databaseChecks) {
    const found = await queries.query<{ id: string; detail: string }>(sql, [faultsMax]);
    faults.add(found.map((fault) => ({ kind, ...fault })));
  }
  const ranges = await checkRanges(queries, checkpoint, faults);
  const { journals, lines } = await checkJournals(queries, faults);
  await checkBudgets(queries, faults);
  await checkLeases(queries, windows, faults);
  return {
    checked: {
      finals: finalsChecked,
      requests: requestsChecked,
      attempts: rows?.count ?? 0,
      journals,
      lines,
      ranges,
    },
    waiting,
    gone,
    faults: faults.all(),
  };
};
