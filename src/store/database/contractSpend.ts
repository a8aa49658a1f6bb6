import type { Queries } from './Database.ts';

/** A stretch of one contract: from inclusive, to exclusive, Unix milliseconds. */
export interface ContractStretch {
  readonly organisation: string;
  readonly contract: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ContractSpend {
  readonly attempts: number;
  /** Of jobs, whole. */
  readonly acceleratorSeconds: string;
  /** Nano-USD. */
  readonly amountNanoUsd: string;
  /** The most that it can be: the sum of the ranges' upper ends. Nano-USD. */
  readonly upToNanoUsd: string;
}

export interface FloorUse {
  /** Minutes in which anything was spent. */
  readonly minutes: number;
  /** What the floor took: the sum over the minutes of what was spent, at most the quantity each. Nano-USD. */
  readonly withinNanoUsd: string;
  /** All that was spent, spill-over included. Nano-USD. */
  readonly amountNanoUsd: string;
}

const sumContract = `
SELECT
  (count(*) FILTER (WHERE revision = 0))::integer AS attempts,
  coalesce(sum(usage_accelerator_seconds), 0)::text AS seconds,
  coalesce(sum(amount_nano_usd), 0)::text AS amount,
  coalesce(sum(range_high_nano_usd), 0)::text AS up_to
FROM archipel.attempt
WHERE organisation_id = $1 AND contract = $2 AND started_at_ms >= $3 AND started_at_ms < $4
  AND month >= date_trunc('month', to_timestamp($3::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($4::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'`;

const sumMinutes = `
SELECT
  count(*)::integer AS minutes,
  coalesce(sum(least(spent, $5::numeric)), 0)::text AS within,
  coalesce(sum(spent), 0)::text AS amount
FROM (
  SELECT sum(amount_nano_usd) AS spent
  FROM archipel.attempt
  WHERE organisation_id = $1 AND contract = $2 AND started_at_ms >= $3 AND started_at_ms < $4
    AND month >= date_trunc('month', to_timestamp($3::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
    AND month <= to_timestamp($4::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
  GROUP BY started_at_ms / 60000
) AS minute`;

const stretchValues = ({ organisation, contract, fromMs, toMs }: ContractStretch) =>
  [organisation, contract, fromMs, toMs] as const;

/** What was spent under a contract. */
export const contractSpend = async (queries: Queries, stretch: ContractStretch): Promise<ContractSpend> => {
  const [row] = await queries.query<{ attempts: number; seconds: string; amount: string; up_to: string }>(
    sumContract,
    stretchValues(stretch),
  );
  return {
    attempts: row?.attempts ?? 0,
    acceleratorSeconds: row?.seconds ?? '0',
    amountNanoUsd: row?.amount ?? '0',
    upToNanoUsd: row?.up_to ?? '0',
  };
};

/** What a floor contract took, minute by minute. @param quantityNanoUsd what it covers each minute. */
export const contractSpendByMinute = async (
  queries: Queries,
  stretch: ContractStretch,
  quantityNanoUsd: bigint,
): Promise<FloorUse> => {
  const values = [...stretchValues(stretch), quantityNanoUsd.toString()];
  const [row] = await queries.query<{ minutes: number; within: string; amount: string }>(sumMinutes, values);
  return { minutes: row?.minutes ?? 0, withinNanoUsd: row?.within ?? '0', amountNanoUsd: row?.amount ?? '0' };
};
