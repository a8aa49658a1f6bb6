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
