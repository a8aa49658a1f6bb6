import { modelBuckets, type ModelBucket } from '../../vocabulary/index.ts';
import type { Queries } from './Database.ts';

/** One contract as all who share it drew it. */
export interface SharedContract {
  readonly organisations: readonly string[];
  readonly contract: string;
}

/** What was used of one thing under a contract in one of its intervals. */
export interface IntervalSum {
  /** Provider and its model; for capacity, site and kind of accelerator. */
  readonly provider: string;
  readonly targetModel: string;
  readonly isCapacity: boolean;
  /** 0 for the first interval of the contract. */
  readonly interval: number;
  readonly amountNanoUsd: bigint;
  /** What the vendor itself says it served beyond the contract (`spillover`); not in the amount, nor in the usage. */
  readonly spilledNanoUsd: bigint;
  readonly usage: Readonly<Record<ModelBucket, bigint>>;
}

// Months are cut with a month of room: ids keep growing when the wall clock jumps back.
const sumParts = `
SELECT width_bucket(started_at_ms, $3::bigint[])::integer AS part, sum(amount_nano_usd)::text AS amount
FROM archipel.attempt
WHERE organisation_id = ANY($1) AND contract = $2 AND started_at_ms >= ($3::bigint[])[1]
  AND started_at_ms < ($3::bigint[])[array_upper($3::bigint[], 1)]
  AND month >= date_trunc('month', to_timestamp(($3::bigint[])[1] / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp(($3::bigint[])[array_upper($3::bigint[], 1)] / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY 1`;

/**
 * Nano-USD spent under a contract in each part of a stretch.
 * @param borders Unix milliseconds, ascending, at least two: a part goes from one, included, to the next, excluded.
 */
export const contractSpendIn = async (
  queries: Queries,
  { organisations, contract }: SharedContract,
  borders: readonly number[],
): Promise<readonly bigint[]> => {
  const rows = await queries.query<{ part: number; amount: string }>(sumParts, [organisations, contract, borders]);
  const amounts = new Map(rows.map(({ part, amount }) => [part, BigInt(amount)]));
  return borders.slice(1).map((_, index) => amounts.get(index + 1) ?? 0n);
};

/** In the order of `modelBuckets`. */
const sumIntervals = `
SELECT
  ((started_at_ms - $3::bigint) / $4::bigint)::text AS interval, provider, target_model AS "targetModel",
  operation = 'compute' AS "isCapacity", served_tier IS NOT DISTINCT FROM 'spillover' AS spilled,
  sum(amount_nano_usd)::text AS amount,
  ARRAY[
    sum(usage_input), sum(usage_cache_read), sum(usage_cache_write_5m), sum(usage_cache_write_1h), sum(usage_input_audio),
    sum(usage_input_image), sum(usage_output), sum(usage_reasoning), sum(usage_output_audio), sum(usage_output_image),
    sum(usage_requests)
  ]::text[] AS sums
FROM archipel.attempt
WHERE organisation_id = ANY($1) AND contract = $2 AND started_at_ms >= $5 AND started_at_ms < $6
  AND month >= date_trunc('month', to_timestamp($5::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($6::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY 1, 2, 3, 4, 5`;

interface IntervalRow {
  readonly interval: string;
  readonly provider: string;
  readonly targetModel: string;
  readonly isCapacity: boolean;
  readonly spilled: boolean;
  readonly amount: string;
  readonly sums: readonly string[];
}

/** Intervals of a contract, and which of its attempts are asked for. */
export interface IntervalStretch extends SharedContract {
  /** Where its first interval begins, Unix milliseconds. */
  readonly startMs: number;
  readonly intervalMs: number;
  /** Attempts that started at or after this and before that. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * What was used under a contract in each of its intervals, those without use left out: as many rows as intervals with use stand in memory at once. What a
 * vendor says it served beyond the contract stands in a sum of its own for the same interval.
 */
export const contractUseByInterval = async (
  queries: Queries,
  { organisations, contract, startMs, intervalMs, fromMs, toMs }: IntervalStretch,
): Promise<readonly IntervalSum[]> => {
  const values = [organisations, contract, startMs, intervalMs, fromMs, toMs];
  const rows = await queries.query<IntervalRow>(sumIntervals, values);
  return rows.map(({ interval, provider, targetModel, isCapacity, spilled, amount, sums }) => ({
    interval: Number(interval),
    provider,
    targetModel,
    isCapacity,
    amountNanoUsd: spilled ? 0n : BigInt(amount),
    spilledNanoUsd: spilled ? BigInt(amount) : 0n,
    usage: Object.fromEntries(
      modelBuckets.map((bucket, index) => [bucket, spilled ? 0n : BigInt(sums[index] ?? '0')]),
    ) as Record<ModelBucket, bigint>,
  }));
};
