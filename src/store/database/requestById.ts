import type {
  AttemptOperation,
  AttemptOutcome,
  BudgetBucket,
  Decision,
  FinalRecord,
  Operation,
  PriceLine,
  RequestRecord,
  Usage,
  UsageBasis,
} from '../../vocabulary/index.ts';
import { usageBuckets } from '../../vocabulary/index.ts';
import type { Queries } from './Database.ts';

/** Most attempts of one request that are told. A request has a few; a job has a piece of capacity for every so many minutes that it ran. */
export const attemptsToldMax = 1_000;

/** A request or a job as the ledger holds it. The request's own record is null for a job, while it still runs, or when its process died. */
export interface StoredRequest {
  readonly request: RequestRecord | null;
  /** In the order of their numbers; corrections are left out. */
  readonly attempts: readonly FinalRecord[];
  /** How many came before those that are told, where there are more than `attemptsToldMax`. */
  readonly attemptsLeftOut?: number;
}

interface AttemptRow {
  readonly attempts: number;
  readonly attempt_id: string;
  readonly request_id: string;
  readonly attempt: number;
  readonly organisation_id: string;
  readonly team: string;
  readonly key_name: string;
  readonly model: string;
  readonly provider: string;
  readonly target_model: string;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  readonly region: string | null;
  readonly wire: string;
  readonly operation: AttemptOperation;
  readonly stream: boolean;
  readonly contract: string | null;
  readonly started_at_ms: string;
  readonly first_content_ms: number | null;
  readonly duration_ms: number;
  readonly outcome: AttemptOutcome;
  readonly basis: UsageBasis;
  readonly usage: readonly string[];
  readonly lines: readonly PriceLine[];
  readonly amount_nano_usd: string;
  readonly list_nano_usd: string;
  readonly range_low_nano_usd: string;
  readonly range_high_nano_usd: string;
  readonly edits: readonly string[];
  readonly served_tier: string | null;
  readonly budgets: readonly BudgetBucket[] | null;
}

interface RequestRow {
  readonly request_id: string;
  readonly organisation_id: string;
  readonly team: string;
  readonly key_name: string;
  readonly model: string;
  readonly wire: string;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly started_at_ms: string;
  readonly duration_ms: number;
  readonly status: number;
  readonly error_code: string | null;
  readonly decisions: readonly Decision[];
  readonly attempt_ids: readonly string[];
  readonly needs: readonly string[] | null;
}

/**
 * $1 organisation, $2 request, $3 the most that are wanted. Attempts of a request lie in its month or, when it crossed the border, in the next; those of a
 * job in any month since, and in the one before where the clock was turned back.
 */
const selectAttempts = `
SELECT
  count(*) OVER ()::integer AS attempts,
  attempt_id, request_id, attempt, organisation_id, team, key_name, model, provider, target_model, vendor, hosts, jurisdiction, lab, region,
  wire, operation, stream, contract, started_at_ms, first_content_ms, duration_ms, outcome, basis,
  ARRAY[
    usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h, usage_input_audio, usage_input_image, usage_output,
    usage_reasoning, usage_output_audio, usage_output_image, usage_requests, usage_accelerator_seconds
  ]::text[] AS usage,
  lines, amount_nano_usd, list_nano_usd, range_low_nano_usd, range_high_nano_usd, edits, served_tier, budgets
FROM archipel.attempt
WHERE organisation_id = $1 AND request_id = $2 AND revision = 0
  AND month >= archipel.uuid_month($2) - interval '1 month'
ORDER BY attempt DESC, attempt_id DESC LIMIT $3`;

const selectRequest = `
SELECT
  request_id, organisation_id, team, key_name, model, wire, operation, stream, started_at_ms, duration_ms, status, error_code, decisions,
  attempt_ids::text[] AS attempt_ids, needs
FROM archipel.request
WHERE organisation_id = $1 AND request_id = $2 AND month = archipel.uuid_month($2)`;

const usageOf = (units: readonly string[]): Usage =>
  Object.fromEntries(
    usageBuckets.flatMap((bucket, index) => {
      const count = Number(units[index]);
      return count > 0 ? [[bucket, count]] : [];
    }),
  );

const finalOf = (row: AttemptRow): FinalRecord => ({
  type: 'final',
  attemptId: row.attempt_id,
  requestId: row.request_id,
  attempt: row.attempt,
  organisation: row.organisation_id,
  team: row.team,
  key: row.key_name,
  model: row.model,
  provider: row.provider,
  targetModel: row.target_model,
  vendor: row.vendor,
  hosts: row.hosts,
  jurisdiction: row.jurisdiction,
  lab: row.lab,
  region: row.region,
  wire: row.wire,
  operation: row.operation,
  stream: row.stream,
  contract: row.contract,
  startedAtMs: Number(row.started_at_ms),
  firstContentMs: row.first_content_ms,
  durationMs: row.duration_ms,
  outcome: row.outcome,
  usage: usageOf(row.usage),
  basis: row.basis,
  lines: row.lines,
  amountNanoUsd: row.amount_nano_usd,
  listNanoUsd: row.list_nano_usd,
  rangeNanoUsd: [row.range_low_nano_usd, row.range_high_nano_usd],
  edits: row.edits,
  ...(row.served_tier === null ? {} : { servedTier: row.served_tier }),
  ...(row.budgets === null ? {} : { budgets: row.budgets }),
});

const requestOf = (row: RequestRow): RequestRecord => ({
  type: 'request',
  requestId: row.request_id,
  organisation: row.organisation_id,
  team: row.team,
  key: row.key_name,
  model: row.model,
  wire: row.wire,
  operation: row.operation,
  stream: row.stream,
  startedAtMs: Number(row.started_at_ms),
  durationMs: row.duration_ms,
  status: row.status,
  errorCode: row.error_code,
  decisions: row.decisions,
  attemptIds: row.attempt_ids,
  ...(row.needs === null ? {} : { needs: row.needs }),
});

/** A request with its attempts, as they were recorded; null where the ledger knows neither. The id must be a UUIDv7. Buckets of zero units are absent. */
export const requestById = async (
  queries: Queries,
  organisation: string,
  requestId: string,
): Promise<StoredRequest | null> => {
  const rows = await queries.query<AttemptRow>(selectAttempts, [organisation, requestId, attemptsToldMax]);
  const [row] = await queries.query<RequestRow>(selectRequest, [organisation, requestId]);
  if (!row && rows.length === 0) return null;
  const leftOut = (rows[0]?.attempts ?? 0) - rows.length;
  return {
    request: row ? requestOf(row) : null,
    attempts: rows.map(finalOf).toReversed(),
    ...(leftOut > 0 ? { attemptsLeftOut: leftOut } : {}),
  };
};
