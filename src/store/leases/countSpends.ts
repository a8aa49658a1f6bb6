import type { Database, Queries } from '../database/index.ts';
import type { LeaseQuestion } from './leaseTurn.ts';

/** What a window has spent by piece, as the attempts of the ledger say: where each begins, and nano-USD. */
export type CountedPieces = ReadonlyMap<number, bigint>;

/** What of a question says what is counted. */
export type CountedWindow = Pick<
  LeaseQuestion,
  'organisation' | 'scope' | 'fromMs' | 'untilMs' | 'spentFromMs' | 'countedAs'
>;

interface LockedRow {
  readonly organisation: string;
  readonly scope_id: string;
  readonly from_ms: string;
  readonly counted: string | null;
}

/** In milliseconds less than a shipment that waits gives it, and than this process waits itself: what takes longer PostgreSQL ends, and nobody takes it for away. */
const boundStatements = 'SET LOCAL statement_timeout = 9000';

/** $1 [{organisation, scope, fromMs, untilMs, spentFromMs, countedAs, pieces}, ...] of locked windows. */
const setSpends = `
SELECT archipel.set_spend(one.organisation, one.scope, one."fromMs", one."spentFromMs", one."countedAs", one.pieces)
FROM jsonb_to_recordset($1::jsonb) AS one(organisation text, scope text, "fromMs" bigint, "spentFromMs" bigint, "countedAs" text, pieces jsonb)`;

/** $1 as above: those that are never leased are forgotten when their time has come, too. */
const setEnds = `
UPDATE archipel.budget_spend AS kept SET window_until_ms = one."untilMs"
FROM jsonb_to_recordset($1::jsonb) AS one(organisation text, scope text, "fromMs" bigint, "untilMs" bigint)
WHERE kept.organisation_id = one.organisation AND kept.scope = one.scope AND kept.bucket_from_ms = one."fromMs"
  AND kept.window_until_ms IS NULL AND one."untilMs" IS NOT NULL`;

const windowName = (organisation: string, scope: string, fromMs: number): string =>
  JSON.stringify([organisation, scope, fromMs]);

/**
 * Counts what was spent in windows that a turn was told are not counted, in one transaction: what attempts have brought is counted, and what comes meanwhile
 * waits and is added. Windows that another replica was quicker to count are left as they are. Nothing of this replica is shipped meanwhile.
 * @param count tells of each scope what its running window has spent by the attempts.
 * @param again scopes that are counted whoever has done so before. @throws CodedError database_unavailable
 */
export const countSpends = async (
  database: Database,
  windows: readonly CountedWindow[],
  count: (queries: Queries, scopes: readonly string[]) => Promise<ReadonlyMap<string, CountedPieces>>,
  again: ReadonlySet<string> = new Set(),
): Promise<void> => {
  // What was being shipped of a rolling window before a turn made the row that both lock is waited for, and nobody waits while attempts are counted.
  if (windows.some(({ fromMs, spentFromMs }) => fromMs !== spentFromMs))
    await database.transaction(async (queries) => {
      await queries.query(boundStatements);
      await queries.query('LOCK TABLE archipel.budget_spend IN SHARE ROW EXCLUSIVE MODE');
    });
  await database.transaction(async (queries) => {
    await queries.query(boundStatements);
    const named = windows.map(({ organisation, scope, fromMs }) => ({ organisation, scope, fromMs }));
    const rows = await queries.query<LockedRow & Record<string, unknown>>(
      'SELECT * FROM archipel.lock_windows($1::jsonb)',
      [JSON.stringify(named)],
    );
    const counted = new Map(
      rows.map((row) => [windowName(row.organisation, row.scope_id, Number(row.from_ms)), row.counted]),
    );
    const open = windows.filter(
      ({ organisation, scope, fromMs, countedAs }) =>
        again.has(scope) || counted.get(windowName(organisation, scope, fromMs)) !== countedAs,
    );
    const spends = await count(
      queries,
      open.map(({ scope }) => scope),
    );
    const told = JSON.stringify(
      open.map(({ organisation, scope, fromMs, untilMs, spentFromMs, countedAs }) => ({
        organisation,
        scope,
        fromMs,
        untilMs: Number.isFinite(untilMs) ? untilMs : null,
        spentFromMs,
        countedAs,
        pieces: [...(spends.get(scope) ?? [])]
          .filter(([pieceFromMs]) => pieceFromMs >= spentFromMs)
          .map(([pieceFromMs, amount]) => ({ fromMs: pieceFromMs, amount: amount.toString() })),
      })),
    );
    await queries.query(setSpends, [told]);
    await queries.query(setEnds, [told]);
  });
};
