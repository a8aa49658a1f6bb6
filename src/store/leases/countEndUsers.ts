import type { Database, Queries } from '../database/index.ts';
import type { CountedPieces, CountedWindow } from './countSpends.ts';

/** The running windows of the budgets of all end users of somebody. */
export interface EndUserWindows extends Omit<CountedWindow, 'scope'> {
  /** What the ids of their budgets begin with. */
  readonly beginning: string;
}

/** Windows, and how just these are counted. */
export interface EndUserCount {
  readonly windows: EndUserWindows;
  /** Tells what these windows have spent by the attempts, by id of the budget. */
  readonly count: (queries: Queries) => Promise<ReadonlyMap<string, CountedPieces>>;
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

const none: CountedPieces = new Map();

/** By how much the attempts say something else of a budget than is known, by piece. */
interface Difference {
  readonly scope: string;
  readonly pieces: readonly (readonly [fromMs: number, by: bigint])[];
}

const differenceOf = (scope: string, counted: CountedPieces, known: CountedPieces): Difference => ({
  scope,
  pieces: [...new Set([...counted.keys(), ...known.keys()])]
    .map((fromMs) => [fromMs, (counted.get(fromMs) ?? 0n) - (known.get(fromMs) ?? 0n)] as const)
    .filter(([, by]) => by !== 0n),
});

/**
 * One count at a time, which others wait for shortly. The lock is its session's: whatever becomes of who counts, nobody counts before what it adds is certain. Where
 * who counts is gone, the server ends the session within seconds.
 */
const waitShortly = 'SET lock_timeout = 2000';
const countAlone = `SELECT pg_advisory_lock(hashtext('archipel.count_end_users'))`;

/** What is set right by one transaction: rows of windows and pieces. */
const rowsAtOnce = 2_000;
/** A transaction has three statements. Together, in milliseconds, they take less than a shipment waits for one. */
const boundStatements = 'SET LOCAL statement_timeout = 3000';

const lockWindows = 'SELECT FROM archipel.lock_windows($1::jsonb)';

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

/** Those of one budget stay together. */
const partsOf = (differences: readonly Difference[]): readonly (readonly Difference[])[] => {
  const parts: Difference[][] = [];
  let rows = rowsAtOnce;
  for (const difference of differences) {
    if (rows >= rowsAtOnce) {
      parts.push([]);
      rows = 0;
    }
    parts.at(-1)?.push(difference);
    rows += 1 + difference.pieces.length;
  }
  return parts;
};

const inTransaction = async (queries: Queries, act: () => Promise<unknown>): Promise<void> => {
  await queries.query('BEGIN');
  await queries.query(boundStatements);
  await act();
  await queries.query('COMMIT');
};

const add = async (
  queries: Queries,
  { organisation, fromMs, untilMs, countedAs }: EndUserWindows,
  differences: readonly Difference[],
): Promise<void> => {
  const scopes = differences.map(({ scope }) => scope);
  const named = JSON.stringify(scopes.map((scope) => ({ organisation, scope, fromMs })));
  const amounts = differences.flatMap(({ scope, pieces }) =>
    pieces.map(([pieceFromMs, by]) => ({ organisation, scope, fromMs: pieceFromMs, amount: by.toString() })),
  );
  // What is shipped finds the rows by which it waits.
  await inTransaction(queries, () => queries.query(lockWindows, [named]));
  await inTransaction(queries, async () => {
    await queries.query(lockWindows, [named]);
    await queries.query(addSpends, [JSON.stringify(amounts)]);
    const end = Number.isFinite(untilMs) ? untilMs : null;
    await queries.query(tellWindows, [organisation, scopes, fromMs, countedAs, end]);
  });
};

/**
 * Counts the budgets of all end users of somebody from the attempts that name them, and sets right of whom something else is known: the budgets may have been of
 * another window or of other models when the attempts were made, or were spent by one gateway alone. However long that takes, nobody waits for it: attempts and
 * what is known are read as of one moment, and what they differ by is added to what is known by then, since what is shipped meanwhile adds to either alike. That is
 * done part by part; one that fails leaves those before it, and who counts again finds them right.
 * Corrections of attempts whose windows nobody knew at that moment are not in it: whoever made them has all counted again.
 * @param begin tells which windows run now, and how they are counted; null where there are none any more. Asked once nobody else counts.
 * @returns ids of those that were set right. @throws CodedError database_unavailable, also where another gateway counts for longer than that is waited for
 */
export const countEndUsers = (database: Database, begin: () => EndUserCount | null): Promise<readonly string[]> =>
  database.exclusive(async (queries) => {
    await queries.query(waitShortly);
    await queries.query(countAlone);
    const begun = begin();
    if (begun === null) return [];
    const { windows, count } = begun;
    const { organisation, beginning, fromMs, spentFromMs } = windows;
    await queries.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const asked = [organisation, beginning, fromMs, spentFromMs];
    const known = piecesOf(await queries.query<KnownRow & Record<string, unknown>>(selectKnown, asked));
    const counted = await count(queries);
    await queries.query('COMMIT');
    const differences = [...new Set([...known.keys(), ...counted.keys()])]
      .map((scope) => differenceOf(scope, counted.get(scope) ?? none, known.get(scope) ?? none))
      .filter(({ pieces }) => pieces.length > 0);
    for (const part of partsOf(differences)) await add(queries, windows, part);
    return differences.map(({ scope }) => scope);
  });
