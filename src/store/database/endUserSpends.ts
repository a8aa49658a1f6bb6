import { budgetChargeSql } from './budgetChargeSql.ts';
import type { Queries } from './Database.ts';

export interface EndUserSpendsQuery {
  readonly organisation: string;
  /** Attempts that started at or after this. Unix milliseconds. */
  readonly fromMs: number;
  /** Attempts that started before this; null for all since. Unix milliseconds. */
  readonly untilMs: number | null;
  /** What the ids of the budgets begin with, one for all end users of somebody. */
  readonly beginnings: readonly string[];
  /** Keeps apart what started in different pieces of so many milliseconds, counted from 1970 on; null for no pieces. */
  readonly pieceMs: number | null;
  /** Patterns of the models that count, as `isModelOf` reads them; null for all. */
  readonly models: readonly string[] | null;
}

/** What one budget of an end user was charged. */
export interface EndUserSpend {
  /** Id of the budget, as records name it. */
  readonly scope: string;
  /** Start of the piece; null where there are none. Unix milliseconds. */
  readonly pieceFromMs: number | null;
  /** Nano-USD. */
  readonly chargeNanoUsd: string;
}

// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
const sumByBudget = `
SELECT bucket->>0 AS scope, started_at_ms - started_at_ms % $4::bigint AS piece, sum(${budgetChargeSql})::text AS charge
FROM archipel.attempt, jsonb_array_elements(budgets) AS bucket
WHERE organisation_id = $1 AND budgets IS NOT NULL
  AND started_at_ms >= $2 AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND ($5::bigint IS NULL OR started_at_ms < $5) AND (model = ANY ($6::text[]) OR model ^@ ANY ($7::text[]))
  AND bucket->>0 ^@ ANY ($3::text[])
GROUP BY 1, 2`;

/** Sums what budgets of end users were charged by the attempts that name them, in whatever windows. */
export const endUserSpends = async (queries: Queries, query: EndUserSpendsQuery): Promise<readonly EndUserSpend[]> => {
  const { organisation, fromMs, untilMs, beginnings, pieceMs, models } = query;
  const { names = [], modelBeginnings = [] } = Object.groupBy(models ?? ['*'], (pattern) =>
    pattern.endsWith('*') ? 'modelBeginnings' : 'names',
  );
  const rows = await queries.query<{ scope: string; piece: string | null; charge: string }>(sumByBudget, [
    organisation,
    fromMs,
    beginnings,
    pieceMs,
    untilMs,
    names,
    modelBeginnings.map((pattern) => pattern.slice(0, -1)),
  ]);
  return rows.map(({ scope, piece, charge }) => ({
    scope,
    pieceFromMs: piece === null ? null : Number(piece),
    chargeNanoUsd: charge,
  }));
};
