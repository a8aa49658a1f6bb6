import type { Queries } from './Database.ts';
import type { SlicesOf } from './ledgerSlices.ts';

// From one name to the next by the index: as many steps as there are names, however many attempts bear them.
const distinctContracts = `
WITH RECURSIVE named AS (
  SELECT its.organisation, first.contract
  FROM unnest($1::text[]) AS its (organisation) CROSS JOIN LATERAL (
    SELECT contract FROM archipel.attempt
    WHERE organisation_id = its.organisation AND contract IS NOT NULL
      AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
      AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
    ORDER BY contract LIMIT 1
  ) AS first
  UNION ALL
  SELECT named.organisation, next.contract
  FROM named CROSS JOIN LATERAL (
    SELECT contract FROM archipel.attempt
    WHERE organisation_id = named.organisation AND contract IS NOT NULL AND contract > named.contract
      AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
      AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
    ORDER BY contract LIMIT 1
  ) AS next
)
SELECT DISTINCT contract FROM named`;

/** The contracts that attempts name in the months of a stretch, and in those beside them. */
export const contractsNamed = async (
  queries: Queries,
  { organisations, fromMs, toMs }: SlicesOf,
): Promise<readonly string[]> => {
  const rows = await queries.query<{ contract: string }>(distinctContracts, [organisations, fromMs, toMs]);
  return rows.map(({ contract }) => contract);
};

/** A stretch in which attempts that name a contract are not under it. Unix milliseconds: from inclusive, until exclusive. */
export interface StrayUseStretch {
  readonly contract: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What was spent on one thing, in one part of a stretch. */
export interface StraySum {
  /** Provider and its model; for capacity, site and kind of accelerator. */
  readonly provider: string;
  readonly targetModel: string;
  readonly isCapacity: boolean;
  /** 0 for the part from the first border on. */
  readonly part: number;
  readonly amountNanoUsd: bigint;
}

const sumStrays = `
SELECT
  width_bucket(started_at_ms, $5::bigint[])::integer AS part, provider, target_model AS "targetModel",
  operation = 'compute' AS "isCapacity", sum(amount_nano_usd)::text AS amount
FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS stray (id, from_ms, until_ms)
JOIN archipel.attempt ON contract = stray.id AND started_at_ms >= stray.from_ms AND started_at_ms < stray.until_ms
WHERE organisation_id = ANY($1) AND started_at_ms >= ($5::bigint[])[1]
  AND started_at_ms < ($5::bigint[])[array_upper($5::bigint[], 1)]
  AND month >= date_trunc('month', to_timestamp(($5::bigint[])[1] / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp(($5::bigint[])[array_upper($5::bigint[], 1)] / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY 1, 2, 3, 4`;

/**
 * What was spent in stretches in which attempts name a contract that they are not under.
 * @param borders as for `contractSpendIn`.
 */
export const strayUseIn = async (
  queries: Queries,
  organisations: readonly string[],
  strays: readonly StrayUseStretch[],
  borders: readonly number[],
): Promise<readonly StraySum[]> => {
  const rows = await queries.query<Omit<StraySum, 'amountNanoUsd'> & { readonly amount: string }>(sumStrays, [
    organisations,
    strays.map(({ contract }) => contract),
    strays.map(({ fromMs }) => fromMs),
    strays.map(({ untilMs }) => untilMs),
    borders,
  ]);
  return rows.map(({ provider, targetModel, isCapacity, part, amount }) => ({
    provider,
    targetModel,
    isCapacity,
    part: part - 1,
    amountNanoUsd: BigInt(amount),
  }));
};
