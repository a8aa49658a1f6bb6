import { parseNanoUsd } from '../kernel/index.ts';
import { BudgetIndex, pieceAt, windowAt, type BudgetScope } from '../ledger/index.ts';
import { attemptTotals, type AttemptTotal, type Queries, type TotalDimension } from '../store/index.ts';
import type { SpentPieces } from './LedgerCount.ts';
import type { ScopeSource } from './scopeSources.ts';

/** How long the pieces are that a budget is counted in; null where its window is one. */
export const countedPieceMs = (
  { window, timeZone }: Pick<BudgetScope, 'window' | 'timeZone'>,
  nowMs: number,
): number | null => {
  const { fromMs, untilMs } = pieceAt(window, nowMs, timeZone);
  return windowAt(window, nowMs, timeZone).fromMs === fromMs ? null : untilMs - fromMs;
};

/** Asks the ledger for what counts for a budget now, apart by what its filter asks of it. */
const totalsFor = (
  database: Queries,
  { scope, by, organisation }: ScopeSource,
  nowMs: number,
): { readonly question: string; readonly ask: () => Promise<readonly AttemptTotal[]> } => {
  const { fromMs } = windowAt(scope.window, nowMs, scope.timeZone);
  const pieceMs = countedPieceMs(scope, nowMs);
  const keys: readonly TotalDimension[] = [
    ...(by === null ? [] : [by]),
    ...((scope.models ?? null) === null ? [] : (['model', 'wire'] as const)),
  ];
  const query = { organisation, fromMs, keys, ...(pieceMs === null ? {} : { pieceMs }) };
  return { question: JSON.stringify(query), ask: () => attemptTotals(database, query) };
};

/**
 * What the running windows of these budgets have spent, by piece. One question for all budgets of one kind, window and way to count.
 * @throws CodedError `database_unavailable`
 */
export const budgetSpends = async (
  database: Queries,
  sources: readonly ScopeSource[],
  nowMs: number,
): Promise<ReadonlyMap<string, SpentPieces>> => {
  const answers = new Map<string, ReadonlyMap<string, readonly AttemptTotal[]>>();
  const spends = new Map<string, SpentPieces>();
  for (const source of sources) {
    const { scope, by, name } = source;
    const { question, ask } = totalsFor(database, source, nowMs);
    const nameOf = ({ group }: AttemptTotal): string => (by === null ? name : (group[by] ?? ''));
    const totals = answers.get(question) ?? Map.groupBy(await ask(), nameOf);
    answers.set(question, totals);
    const { fromMs } = pieceAt(scope.window, nowMs, scope.timeZone);
    const pieces = new Map([[fromMs, 0n]]);
    const index = new BudgetIndex([scope]);
    for (const { group, pieceFromMs, chargeNanoUsd } of totals.get(name) ?? []) {
      const model = group.wire === 'jobs' ? null : (group.model ?? null);
      if (index.idsOf([scope.holder ?? scope.id], model).length === 0) continue;
      const piece = pieceFromMs ?? fromMs;
      pieces.set(piece, (pieces.get(piece) ?? 0n) + parseNanoUsd(chargeNanoUsd));
    }
    spends.set(scope.id, pieces);
  }
  return spends;
};
