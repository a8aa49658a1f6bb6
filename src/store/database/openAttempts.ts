import type { Queries } from './Database.ts';

/** Attempts of an organisation that went to some targets at a time. */
export interface OpenAttemptsQuery {
  readonly organisation: string;
  /** "provider/model", as usage is grouped by. */
  readonly targets: readonly string[];
  /** From inclusive, to exclusive, Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Most open ones that are told. */
  readonly limit: number;
}

/** An attempt whose cost is known within bounds only, all of its revisions together. Nano-USD. */
export interface OpenAttempt {
  readonly attemptId: string;
  /** Its newest. */
  readonly revision: number;
  readonly amountNanoUsd: string;
  readonly lowNanoUsd: string;
  readonly highNanoUsd: string;
}

export interface OpenAttempts {
  /** What the others cost, whose cost is known. Nano-USD. */
  readonly knownNanoUsd: string;
  /** In the order of their ids. */
  readonly open: readonly OpenAttempt[];
}

/** $1 organisation, $2 targets, $3 from, $4 to, $5 limit. Months are cut with a month of room, as elsewhere. */
const selectOpen = `
WITH attempts AS (
  SELECT attempt_id, max(revision) AS revision, sum(amount_nano_usd) AS amount, sum(range_low_nano_usd) AS low, sum(range_high_nano_usd) AS high
  FROM archipel.attempt
  WHERE organisation_id = $1 AND provider || '/' || target_model = ANY($2::text[]) AND started_at_ms >= $3 AND started_at_ms < $4
    AND month >= date_trunc('month', to_timestamp($3::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
    AND month <= to_timestamp($4::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
  GROUP BY attempt_id
), open AS (
  SELECT * FROM attempts WHERE high > low ORDER BY attempt_id LIMIT $5
)
SELECT
  (SELECT coalesce(sum(amount), 0)::text FROM attempts WHERE high = low) AS "knownNanoUsd",
  (SELECT coalesce(json_agg(json_build_object(
    'attemptId', attempt_id, 'revision', revision, 'amountNanoUsd', amount::text, 'lowNanoUsd', low::text, 'highNanoUsd', high::text
  ) ORDER BY attempt_id), '[]') FROM open) AS open`;

/** Attempts whose cost nobody knows yet, and what the rest of them cost: read in one statement, so that both are of one moment. */
export const openAttempts = async (queries: Queries, query: OpenAttemptsQuery): Promise<OpenAttempts> => {
  const { organisation, targets, fromMs, toMs, limit } = query;
  const [row] = await queries.query<OpenAttempts>(selectOpen, [organisation, targets, fromMs, toMs, limit]);
  return row ?? { knownNanoUsd: '0', open: [] };
};
