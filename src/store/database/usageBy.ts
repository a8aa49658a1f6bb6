import type { UsageBucket } from '../../vocabulary/index.ts';
import type { Queries } from './Database.ts';

/** What usage can be grouped by. `day` is the UTC day of the attempt's start; a `target` is "provider/model", the model as its vendor calls it. */
export type UsageGroup = 'provider' | 'vendor' | 'host' | 'model' | 'team' | 'key' | 'contract' | 'day' | 'target';

/** Groups that are told together: usage of each vendor's each model. A host has parts of attempts, so that it stands alone. */
export type UsageGroupSet = readonly Exclude<UsageGroup, 'host'>[];

export interface UsageQuery {
  readonly groupBy: UsageGroup | UsageGroupSet;
  readonly organisation: string;
  /** Attempts that started at or after this, Unix milliseconds. */
  readonly fromMs?: number;
  /** Attempts that started before this, Unix milliseconds. */
  readonly toMs?: number;
}

/** Sums of one group. Money is decimal strings in nano-USD; units are decimal strings too, since they may pass 2^53. */
export interface UsageRow {
  /** Name of the group; null for attempts that have none (no contract). Of several groups together, that of the first. */
  readonly group: string | null;
  /** Names in each group that was asked for, in that order. */
  readonly groups: readonly (string | null)[];
  /** Attempts; where the group is a host, all that went to a provider which runs there, even in part. */
  readonly attempts: number;
  readonly reported: number;
  readonly estimated: number;
  readonly unknown: number;
  readonly usage: Readonly<Record<UsageBucket, string>>;
  readonly amountNanoUsd: string;
  readonly listNanoUsd: string;
  /** What attempts that were not reported may cost beyond the amount: the sum of range high - amount. */
  readonly unknownUpToNanoUsd: string;
  /** Bounds of the true cost: both are the amount where every attempt was reported. */
  readonly rangeLowNanoUsd: string;
  readonly rangeHighNanoUsd: string;
  /** What of amount and list is for the accelerators of jobs. */
  readonly capacityNanoUsd: string;
  readonly capacityListNanoUsd: string;
}

interface SumRow {
  readonly groups: readonly (string | null)[];
  readonly attempts: number;
  readonly reported: number;
  readonly estimated: number;
  readonly unknown: number;
  /** The buckets in their order, then amount, list and unknown-up-to, then amount and list of capacity, then the bounds. */
  readonly sums: readonly string[];
}

/** What tells the group of an attempt. */
const groupColumns: Readonly<Record<UsageGroupSet[number], string>> = {
  provider: 'provider',
  vendor: 'vendor',
  model: 'model',
  team: 'team',
  key: 'key_name',
  contract: 'contract',
  target: "provider || '/' || target_model",
  day: "to_char(to_timestamp(started_at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
};

/** $1 organisation, $2 from, $3 to. Months are cut with a month of room: ids keep growing when the wall clock jumps back. */
// tidy-allow spliced-sql: expressions of the fixed list above; names of columns can be no parameters
const sumByGroups = (groups: UsageGroupSet): string => `
SELECT
  ARRAY[${groups.map((group) => groupColumns[group]).join(', ')}]::text[] AS "groups",
  (count(*) FILTER (WHERE revision = 0))::integer AS attempts,
  (count(*) FILTER (WHERE revision = 0 AND basis = 'reported'))::integer AS reported,
  (count(*) FILTER (WHERE revision = 0 AND basis = 'estimated'))::integer AS estimated,
  (count(*) FILTER (WHERE revision = 0 AND basis = 'unknown'))::integer AS unknown,
  ARRAY[
    sum(usage_input), sum(usage_cache_read), sum(usage_cache_write_5m), sum(usage_cache_write_1h), sum(usage_input_audio),
    sum(usage_input_image), sum(usage_output), sum(usage_reasoning), sum(usage_output_audio), sum(usage_output_image),
    sum(usage_requests), sum(usage_accelerator_seconds), sum(amount_nano_usd), sum(list_nano_usd),
    coalesce(sum(range_high_nano_usd - amount_nano_usd) FILTER (WHERE basis <> 'reported'), 0),
    coalesce(sum(amount_nano_usd) FILTER (WHERE operation = 'compute'), 0),
    coalesce(sum(list_nano_usd) FILTER (WHERE operation = 'compute'), 0),
    sum(range_low_nano_usd), sum(range_high_nano_usd)
  ]::text[] AS sums
FROM archipel.attempt
WHERE organisation_id = $1
  AND ($2::bigint IS NULL OR (started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2 / 1000.0 - 2764800) AT TIME ZONE 'UTC')))
  AND ($3::bigint IS NULL OR (started_at_ms < $3 AND month <= to_timestamp($3 / 1000.0 + 2764800) AT TIME ZONE 'UTC'))
GROUP BY 1
ORDER BY 1`;

/**
 * The same by host. Sums are made per set of shares and split exactly: each host gets its share rounded down, and the
 * largest share (the first by name among equals) gets what is left, so that the hosts always sum to the total. Shares that do not sum
 * to 1 are taken in proportion; without any, the host is "unknown".
 */
const sumByHost = `
WITH per_set AS (
  SELECT
    CASE WHEN hosts = '{}' THEN '{"unknown": 1}' ELSE hosts END AS hosts,
    count(*) FILTER (WHERE revision = 0) AS attempts,
    count(*) FILTER (WHERE revision = 0 AND basis = 'reported') AS reported,
    count(*) FILTER (WHERE revision = 0 AND basis = 'estimated') AS estimated,
    count(*) FILTER (WHERE revision = 0 AND basis = 'unknown') AS unknown,
    ARRAY[
      sum(usage_input), sum(usage_cache_read), sum(usage_cache_write_5m), sum(usage_cache_write_1h), sum(usage_input_audio),
      sum(usage_input_image), sum(usage_output), sum(usage_reasoning), sum(usage_output_audio), sum(usage_output_image),
      sum(usage_requests), sum(usage_accelerator_seconds), sum(amount_nano_usd), sum(list_nano_usd),
      coalesce(sum(range_high_nano_usd - amount_nano_usd) FILTER (WHERE basis <> 'reported'), 0),
      coalesce(sum(amount_nano_usd) FILTER (WHERE operation = 'compute'), 0),
      coalesce(sum(list_nano_usd) FILTER (WHERE operation = 'compute'), 0),
      sum(range_low_nano_usd), sum(range_high_nano_usd)
    ] AS sums
  FROM archipel.attempt
  WHERE organisation_id = $1
    AND ($2::bigint IS NULL OR (started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2 / 1000.0 - 2764800) AT TIME ZONE 'UTC')))
    AND ($3::bigint IS NULL OR (started_at_ms < $3 AND month <= to_timestamp($3 / 1000.0 + 2764800) AT TIME ZONE 'UTC'))
  GROUP BY 1
),
per_host AS (
  SELECT
    per_set.*,
    host.key AS host,
    CASE WHEN sum(host.value::numeric) OVER whole_set = 0 THEN 1 ELSE host.value::numeric END AS share,
    row_number() OVER (PARTITION BY hosts ORDER BY host.value::numeric DESC, host.key) AS place
  FROM per_set CROSS JOIN LATERAL jsonb_each_text(hosts) AS host
  WINDOW whole_set AS (PARTITION BY hosts)
),
parts AS (
  SELECT hosts, host, place, measure.nth, measure.value, div(measure.value * share, sum(share) OVER whole_measure) AS part
  FROM per_host CROSS JOIN LATERAL unnest(sums) WITH ORDINALITY AS measure(value, nth)
  WINDOW whole_measure AS (PARTITION BY hosts, measure.nth)
),
exact AS (
  SELECT host, nth, part + CASE WHEN place = 1 THEN value - sum(part) OVER whole_measure ELSE 0 END AS part
  FROM parts
  WINDOW whole_measure AS (PARTITION BY hosts, nth)
),
totals AS (
  SELECT host, array_agg(total::text ORDER BY nth) AS sums
  FROM (SELECT host, nth, sum(part) AS total FROM exact GROUP BY host, nth) AS summed
  GROUP BY host
)
SELECT
  ARRAY[totals.host] AS "groups",
  sum(attempts)::integer AS attempts,
  sum(reported)::integer AS reported,
  sum(estimated)::integer AS estimated,
  sum(unknown)::integer AS unknown,
  totals.sums
FROM totals JOIN per_host USING (host)
GROUP BY totals.host, totals.sums
ORDER BY 1`;

const usageRow = ({ groups, attempts, reported, estimated, unknown, sums }: SumRow): UsageRow => {
  const at = (index: number): string => sums[index] ?? '0';
  return {
    group: groups[0] ?? null,
    groups,
    attempts,
    reported,
    estimated,
    unknown,
    usage: {
      input: at(0),
      cacheRead: at(1),
      cacheWrite5m: at(2),
      cacheWrite1h: at(3),
      inputAudio: at(4),
      inputImage: at(5),
      output: at(6),
      reasoning: at(7),
      outputAudio: at(8),
      outputImage: at(9),
      requests: at(10),
      acceleratorSeconds: at(11),
    },
    amountNanoUsd: at(12),
    listNanoUsd: at(13),
    unknownUpToNanoUsd: at(14),
    capacityNanoUsd: at(15),
    capacityListNanoUsd: at(16),
    rangeLowNanoUsd: at(17),
    rangeHighNanoUsd: at(18),
  };
};

/**
 * Sums usage and money by one group, or by several together. Over the hosts, as over every other group, the rows sum to the same total.
 */
export const usageBy = async (queries: Queries, query: UsageQuery): Promise<readonly UsageRow[]> => {
  const { groupBy, organisation, fromMs = null, toMs = null } = query;
  const groups = typeof groupBy === 'string' ? [groupBy] : groupBy;
  const known = groups.filter((group) => group !== 'host');
  const text = groups.length > known.length ? sumByHost : sumByGroups(known);
  return (await queries.query<SumRow>(text, [organisation, fromMs, toMs])).map(usageRow);
};
