import type { Database, Queries } from '../database/index.ts';
import { boundStatements, type CountedPieces, type CountedWindow } from './countSpends.ts';

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

/** What the attempts say beyond what is known, by piece. */
const differenceOf = (counted: CountedPieces, known: CountedPieces): readonly (readonly [number, bigint])[] =>
  [...new Set([...counted.keys(), ...known.keys()])].map((fromMs) => [
    fromMs,
    (counted.get(fromMs) ?? 0n) - (known.get(fromMs) ?? 0n),
  ]);

/** One count at a time, which others wait for shortly. It conflicts with nothing that serves, and takes no snapshot: what whoever counted before has set right is seen. */
const waitShortly = 'SET LOCAL lock_timeout = 2000';
const countAlone = 'LOCK TABLE archipel.budget_lease IN SHARE UPDATE EXCLUSIVE MODE';

/** $1 [{organisation, scope, fromMs, amount}, ...] */
const addSpends = `
INSERT INTO archipel.budget_spend AS kept (organisation_id, scope, bucket_from_ms, spent_nano_usd)
SELECT one.organisation, one.scope, one."fromMs", one.amount
FROM jsonb_to_recordset($1::jsonb) AS one(organisation text, scope text, "fromMs" bigint, amount numeric)
ORDER BY one.scope, one."fromMs"
ON CONFLICT (organisation_id, scope, bucket_from_ms) DO UPDATE SET spent_nano_usd = kept.spent_nano_usd + excluded.spent_nano_usd`;

/** $1 organisation, $2 scopes, $3 window, $4 what it is counted as, $5 where it ends: those that are never leased are forgotten when their time has come, too. */
const tellWindows = `
UPDATE archipel.budget_spend SET counted_as = $4, window_until_ms = coalesce(window_until_ms, $5::bigint)
WHERE organisation_id = $1 AND scope = ANY ($2::text[]) AND bucket_from_ms = $3`;

const add = async (
  database: Database,
  { organisation, fromMs, untilMs, countedAs }: EndUserWindows,
  differences: ReadonlyMap<string, ReturnType<typeof differenceOf>>,
): Promise<void> => {
  const scopes = [...differences.keys()];
  const named = JSON.stringify(scopes.map((scope) => ({ organisation, scope, fromMs })));
  const amounts = [...differences].flatMap(([scope, pieces]) =>
    pieces.map(([pieceFromMs, by]) => ({ organisation, scope, fromMs: pieceFromMs, amount: by.toString() })),
  );
  // What is shipped finds the rows by which it waits.
  await database.query('SELECT FROM archipel.lock_windows($1::jsonb)', [named]);
  await database.transaction(async (queries) => {
    await queries.query(boundStatements);
    await queries.query('SELECT FROM archipel.lock_windows($1::jsonb)', [named]);
    await queries.query(addSpends, [JSON.stringify(amounts)]);
    const end = Number.isFinite(untilMs) ? untilMs : null;
    await queries.query(tellWindows, [organisation, scopes, fromMs, countedAs, end]);
  });
};

/**
 * Counts the budgets of all end users of somebody from the attempts that name them, and sets right of whom something else is known: the budgets may have been of
 * another window or of other models when the attempts were made, or were spent by one gateway alone. However long that takes, nobody waits for it: attempts and
 * what is known are read as of one moment, and what they differ by is added to what is known by then, since what is shipped meanwhile adds to either alike.
 * Corrections of attempts whose windows nobody knew at that moment are not in it: whoever made them has all counted again.
 * @param count tells what their running windows have spent by the attempts, by id of the budget.
 * @returns ids of those that were set right. @throws CodedError database_unavailable, also where another gateway counts for longer than that is waited for
 */
export const countEndUsers = (
  database: Database,
  windows: EndUserWindows,
  count: (queries: Queries) => Promise<ReadonlyMap<string, CountedPieces>>,
): Promise<readonly string[]> =>
  database.exclusive(async (queries) => {
    const { organisation, beginning, fromMs, spentFromMs } = windows;
    await queries.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await queries.query(waitShortly);
    await queries.query(countAlone);
    const asked = [organisation, beginning, fromMs, spentFromMs];
    const known = piecesOf(await queries.query<KnownRow & Record<string, unknown>>(selectKnown, asked));
    const counted = await count(queries);
    const wrong = [...new Set([...known.keys(), ...counted.keys()])].filter(
      (scope) => !areEqual(known.get(scope) ?? none, counted.get(scope) ?? none),
    );
    const differences = wrong.map(
      (scope) => [scope, differenceOf(counted.get(scope) ?? none, known.get(scope) ?? none)] as const,
    );
    // The lock is kept until it is added.
    if (wrong.length > 0) await add(database, windows, new Map(differences));
    return wrong;
  });
