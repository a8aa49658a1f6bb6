import { budgetChargeSql } from './budgetChargeSql.ts';
import type { Queries } from './Database.ts';

/** What totals can be kept apart by. `hosts` is the whole set of shares as JSON: a guard that counts unknown shares whole needs it. */
export type TotalDimension =
  | 'provider'
  | 'vendor'
  | 'hosts'
  | 'jurisdiction'
  | 'lab'
  | 'model'
  | 'team'
  | 'key'
  | 'wire'
  | 'contract';

export interface AttemptTotalsQuery {
  readonly organisation: string;
  /** Attempts that started at or after this, Unix milliseconds. */
  readonly fromMs: number;
  /** Attempts that started before this, Unix milliseconds. */
  readonly toMs?: number;
  readonly keys: readonly TotalDimension[];
  /** Keeps apart what started in different pieces of so many milliseconds, counted from 1970 on. */
  readonly pieceMs?: number;
}

export interface AttemptTotal {
  /** Values of the dimensions that were asked for. */
  readonly group: Readonly<Partial<Record<TotalDimension, string | null>>>;
  /** Start of the piece, Unix milliseconds; absent where none was asked for. */
  readonly pieceFromMs?: number;
  readonly attempts: number;
  /** Of all buckets of tokens. */
  readonly tokens: string;
  /** Nano-USD. */
  readonly amountNanoUsd: string;
  /** The most that they can have cost: the sum of the ranges' upper ends. Nano-USD. */
  readonly upToNanoUsd: string;
  /** What they take from budgets: the amount; the upper end where the process died in between. Nano-USD. */
  readonly chargeNanoUsd: string;
}

interface TotalRow {
  readonly group: Readonly<Record<string, string | null>>;
  readonly piece: string | null;
  readonly attempts: number;
  readonly tokens: string;
  readonly amount: string;
  readonly up_to: string;
  readonly charge: string;
}

// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
const sumByDimensions = `
SELECT
  jsonb_build_object(
    'provider', provider, 'vendor', vendor, 'hosts', hosts, 'jurisdiction', jurisdiction, 'lab', lab,
    'model', model, 'team', team, 'key', key, 'wire', wire, 'contract', contract
  ) AS "group",
  piece,
  (count(*) FILTER (WHERE revision = 0))::integer AS attempts,
  sum(tokens)::text AS tokens,
  sum(amount_nano_usd)::text AS amount,
  sum(range_high_nano_usd)::text AS up_to,
  sum(${budgetChargeSql})::text AS charge
FROM (
  SELECT
    CASE WHEN 'provider' = ANY($4) THEN provider END AS provider,
    CASE WHEN 'vendor' = ANY($4) THEN vendor END AS vendor,
    CASE WHEN 'hosts' = ANY($4) THEN hosts::text END AS hosts,
    CASE WHEN 'jurisdiction' = ANY($4) THEN jurisdiction END AS jurisdiction,
    CASE WHEN 'lab' = ANY($4) THEN lab END AS lab,
    CASE WHEN 'model' = ANY($4) THEN model END AS model,
    CASE WHEN 'team' = ANY($4) THEN team END AS team,
    CASE WHEN 'key' = ANY($4) THEN key_name END AS key,
    CASE WHEN 'wire' = ANY($4) THEN wire END AS wire,
    CASE WHEN 'contract' = ANY($4) THEN contract END AS contract,
    started_at_ms - started_at_ms % $5::bigint AS piece,
    revision,
    usage_input + usage_cache_read + usage_cache_write_5m + usage_cache_write_1h + usage_input_audio + usage_input_image
      + usage_output + usage_reasoning + usage_output_audio + usage_output_image AS tokens,
    amount_nano_usd,
    range_high_nano_usd,
    outcome_kind
  FROM archipel.attempt
  WHERE organisation_id = $1
    AND started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
    AND ($3::bigint IS NULL OR (started_at_ms < $3 AND month <= to_timestamp($3 / 1000.0 + 2764800) AT TIME ZONE 'UTC'))
) AS chosen
GROUP BY provider, vendor, hosts, jurisdiction, lab, model, team, key, wire, contract, piece
ORDER BY provider, vendor, hosts, jurisdiction, lab, model, team, key, wire, contract, piece`;

/** Sums attempts by any set of dimensions: what budgets, shares and contracts stand at when the program starts. */
export const attemptTotals = async (queries: Queries, query: AttemptTotalsQuery): Promise<readonly AttemptTotal[]> => {
  const { organisation, fromMs, toMs, keys, pieceMs } = query;
  const values = [organisation, fromMs, toMs ?? null, keys, pieceMs ?? null];
  const rows = await queries.query<TotalRow>(sumByDimensions, values);
  return rows.map((row) => ({
    group: Object.fromEntries(keys.map((key) => [key, row.group[key] ?? null])),
    ...(row.piece === null ? {} : { pieceFromMs: Number(row.piece) }),
    attempts: row.attempts,
    tokens: row.tokens,
    amountNanoUsd: row.amount,
    upToNanoUsd: row.up_to,
    chargeNanoUsd: row.charge,
  }));
};

/** Totals of one dimension since a moment, by its value; attempts without a value are left out. */
export const spentSince = async (
  queries: Queries,
  query: { readonly organisation: string; readonly by: TotalDimension; readonly fromMs: number },
): Promise<ReadonlyMap<string, AttemptTotal>> => {
  const totals = await attemptTotals(queries, { ...query, keys: [query.by] });
  return new Map(
    totals.flatMap((total) => {
      const name = total.group[query.by];
      return name === null || name === undefined ? [] : [[name, total] as const];
    }),
  );
};
