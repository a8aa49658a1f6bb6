import { budgetChargeSql } from './budgetChargeSql.ts';
import type { Queries } from './Database.ts';

export interface EndUserSpendsQuery {
  readonly organisation: string;
  /** Attempts that started at or after this. Unix milliseconds. */
  readonly fromMs: number;
  /** What the ids of the budgets begin with, one for all end users of somebody. */
  readonly beginnings: readonly string[];
  /** Keeps apart what started in different pieces of so many milliseconds, counted from 1970 on; null for no pieces. */
  readonly pieceMs: number | null;
}

/** What one budget of an end user was charged for one model. */
export interface EndUserSpend {
  /** Id of the budget, as records name it. */
  readonly scope: string;
  readonly model: string;
  /** Start of the piece; null where there are none. Unix milliseconds. */
  readonly pieceFromMs: number | null;
  /** Nano-USD. */
  readonly chargeNanoUsd: string;
}

// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
const sumByBudget = `
SELECT bucket->>0 AS scope, model, started_at_ms - started_at_ms % $4::bigint AS piece, sum(${budgetChargeSql})::text AS charge
FROM archipel.attempt, jsonb_array_elements(budgets) AS bucket
WHERE organisation_id = $1 AND budgets IS NOT NULL
  AND started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND bucket->>0 ^@ ANY ($3::text[])
GROUP BY 1, 2, 3`;

/** Sums what budgets of end users were charged by the attempts that name them, in whatever windows. */
export const endUserSpends = async (queries: Queries, query: EndUserSpendsQuery): Promise<readonly EndUserSpend[]> => {
  const { organisation, fromMs, beginnings, pieceMs } = query;
  const rows = await queries.query<{ scope: string; model: string; piece: string | null; charge: string }>(
    sumByBudget,
    [organisation, fromMs, beginnings, pieceMs],
  );
  return rows.map(({ scope, model, piece, charge }) => ({
    scope,
    model,
    pieceFromMs: piece === null ? null : Number(piece),
    chargeNanoUsd: charge,
  }));
};
