import { budgetChargeSql } from './budgetChargeSql.ts';
import type { Queries } from './Database.ts';

/** What one budget of an end user was charged in one of its windows. */
export interface EndUserSpend {
  /** Id of the budget, as records name it. */
  readonly scope: string;
  /** When the last of it began; Unix milliseconds. */
  readonly atMs: number;
  /** Nano-USD. */
  readonly chargeNanoUsd: string;
}

// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
const sumByBudget = `
SELECT bucket->>0 AS scope, max(started_at_ms)::text AS at,
  sum(${budgetChargeSql})::text AS charge
FROM archipel.attempt, jsonb_array_elements(budgets) AS bucket
WHERE organisation_id = $1 AND budgets IS NOT NULL
  AND started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND strpos(bucket->>0, $3) > 0
GROUP BY bucket->>0, bucket->>1`;

/** Sums what budgets were charged whose ids have a mark in them, window by window. @param query.fromMs Attempts that started at or after this. */
export const endUserSpends = async (
  queries: Queries,
  { organisation, fromMs, mark }: { readonly organisation: string; readonly fromMs: number; readonly mark: string },
): Promise<readonly EndUserSpend[]> => {
  const rows = await queries.query<{ scope: string; at: string; charge: string }>(sumByBudget, [
    organisation,
    fromMs,
    mark,
  ]);
  return rows.map(({ scope, at, charge }) => ({ scope, atMs: Number(at), chargeNanoUsd: charge }));
};
