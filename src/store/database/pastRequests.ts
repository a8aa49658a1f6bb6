import { usageBuckets, type Operation, type Usage } from '../../vocabulary/index.ts';
import { cursorRows } from './cursorRows.ts';
import type { Queries } from './Database.ts';

/** Requests of these organisations that started at or after this and before that, Unix milliseconds. */
export interface RequestStretch {
  readonly organisations: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** A request that a target answered, with the attempt that did. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly organisation: string;
  readonly team: string;
  readonly key: string;
  readonly model: string;
  /** The client's. */
  readonly wire: string;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly startedAtMs: number;
  /** Names of features; null where they were not recorded. */
  readonly needs: readonly string[] | null;
  /** What else bore on its first decision. */
  readonly rules: readonly string[];
  /** Candidates of its first decision that were not eligible, and why. */
  readonly ineligible: readonly { readonly target: string; readonly reason: string }[];
  /** "provider/model". */
  readonly target: string;
  readonly usage: Usage;
  readonly amountNanoUsd: bigint;
  readonly firstContentMs: number | null;
  readonly durationMs: number;
}

interface AnsweredRow extends Omit<AnsweredRequest, 'startedAtMs' | 'usage' | 'amountNanoUsd'> {
  readonly startedAtMs: string;
  readonly units: readonly string[];
  readonly amountNanoUsd: string;
}

/** $1 organisations, $2 from, $3 to. The attempt of a request lies in its month or, when it crossed the border, in the next. */
const selectAnswered = `
DECLARE found NO SCROLL CURSOR FOR
SELECT
  request.request_id AS "requestId", request.organisation_id AS organisation, request.team, request.key_name AS key, request.model, request.wire, request.operation,
  request.stream, request.started_at_ms AS "startedAtMs", request.needs, coalesce(request.decisions->0->'rules', '[]') AS rules,
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('target', candidate->>'target', 'reason', candidate->>'reason'))
    FROM jsonb_array_elements(request.decisions->0->'candidates') AS candidate
    WHERE candidate->>'score' IS NULL AND candidate->>'reason' IS NOT NULL
  ), '[]') AS ineligible,
  answer.target, answer.units, answer.amount::text AS "amountNanoUsd", answer.first_content_ms AS "firstContentMs",
  answer.duration_ms AS "durationMs"
FROM archipel.request AS request
CROSS JOIN LATERAL (
  SELECT
    provider || '/' || target_model AS target, amount_nano_usd AS amount, first_content_ms, duration_ms,
    ARRAY[
      usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h, usage_input_audio, usage_input_image, usage_output,
      usage_reasoning, usage_output_audio, usage_output_image, usage_requests, usage_accelerator_seconds
    ]::text[] AS units
  FROM archipel.attempt
  WHERE organisation_id = request.organisation_id AND request_id = request.request_id AND revision = 0 AND outcome_kind = 'ok'
    AND month >= request.month AND month <= request.month + interval '1 month'
  ORDER BY attempt DESC LIMIT 1
) AS answer
WHERE request.organisation_id = ANY($1::text[]) AND request.started_at_ms >= $2 AND request.started_at_ms < $3
  AND request.operation IN ('generate', 'embed', 'passthrough')
  AND request.month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND request.month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
ORDER BY request.started_at_ms`;

const usageOf = (units: readonly string[]): Usage =>
  Object.fromEntries(
    usageBuckets.flatMap((bucket, index) => {
      const count = Number(units[index]);
      return count > 0 ? [[bucket, count]] : [];
    }),
  );

/** Requests that were answered, in the order of time. @param session a connection on which nothing else runs meanwhile. */
export async function* pastRequests(
  session: Queries,
  { organisations, fromMs, toMs }: RequestStretch,
): AsyncGenerator<AnsweredRequest> {
  const rows = cursorRows<AnsweredRow>(session, selectAnswered, [organisations, fromMs, toMs]);
  for await (const { units, startedAtMs, amountNanoUsd, ...row } of rows)
    yield { ...row, startedAtMs: Number(startedAtMs), usage: usageOf(units), amountNanoUsd: BigInt(amountNanoUsd) };
}
