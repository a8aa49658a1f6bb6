import type { Database, Queries } from '../database/index.ts';
import { countSpends, type CountedPieces, type CountedWindow } from './countSpends.ts';

/** The running windows of the budgets of all end users of somebody. */
export interface EndUserWindows extends Omit<CountedWindow, 'scope'> {
  /** What the ids of their budgets begin with. */
  readonly beginning: string;
}

interface KnownRow {
  readonly scope: string;
  readonly from: string;
  readonly spent: string;
}

/** $1 organisation, $2 beginning, $3 window, $4 the first piece that counts. A rolling window is its pieces, any other is its row. */
const selectKnown = `
SELECT scope, bucket_from_ms AS "from", spent_nano_usd AS spent FROM archipel.budget_spend
WHERE organisation_id = $1 AND scope ^@ $2
  AND CASE WHEN $3::bigint = $4::bigint THEN bucket_from_ms = $3 ELSE bucket_from_ms >= $4 END`;

const piecesOf = (rows: readonly KnownRow[]): ReadonlyMap<string, CountedPieces> =>
  new Map(
    [...Map.groupBy(rows, ({ scope }) => scope)].map(([scope, own]) => [
      scope,
      new Map(own.map(({ from, spent }) => [Number(from), BigInt(spent)])),
    ]),
  );

/** Whether two say the same: a piece that is not there has nothing. */
const areEqual = (one: CountedPieces, other: CountedPieces): boolean =>
  [...one.keys(), ...other.keys()].every((fromMs) => (one.get(fromMs) ?? 0n) === (other.get(fromMs) ?? 0n));

const none: CountedPieces = new Map();

/**
 * Counts the budgets of all end users of somebody from the attempts that name them, and sets right of whom something else is known: the budgets may have been of
 * another window or of other models when the attempts were made, or were spent by one gateway alone. Nothing of this replica is shipped meanwhile.
 * @param count tells what their running windows have spent by the attempts, by id of the budget.
 * @returns ids of those that were set right. @throws CodedError database_unavailable
 */
export const countEndUsers = async (
  database: Database,
  windows: EndUserWindows,
  count: (queries: Queries) => Promise<ReadonlyMap<string, CountedPieces>>,
): Promise<readonly string[]> => {
  const { organisation, beginning, fromMs, spentFromMs } = windows;
  const known = piecesOf(
    await database.query<KnownRow & Record<string, unknown>>(selectKnown, [
      organisation,
      beginning,
      fromMs,
      spentFromMs,
    ]),
  );
  const counted = await count(database);
  const wrong = [...new Set([...known.keys(), ...counted.keys()])].filter(
    (scope) => !areEqual(known.get(scope) ?? none, counted.get(scope) ?? none),
  );
  if (wrong.length === 0) return [];
  const wrongWindows = wrong.map((scope) => ({ ...windows, scope }));
  // What is shipped finds the rows by which it waits.
  const named = wrong.map((scope) => ({ organisation, scope, fromMs }));
  await database.query('SELECT FROM archipel.lock_windows($1::jsonb)', [JSON.stringify(named)]);
  const anew = async (queries: Queries, scopes: readonly string[]): Promise<ReadonlyMap<string, CountedPieces>> => {
    const now = await count(queries);
    return new Map(scopes.map((scope) => [scope, now.get(scope) ?? new Map([[spentFromMs, 0n]])]));
  };
  await countSpends(database, wrongWindows, anew, new Set(wrong));
  return wrong;
};
