import { parseNanoUsd } from '../kernel/index.ts';
import { BudgetIndex, endUserMark, holderOfEndUser, windowAt } from '../ledger/index.ts';
import { endUserSpends, type Queries } from '../store/index.ts';
import { countedPieceMs } from './budgetSpends.ts';
import type { EndUserSource } from './scopeSources.ts';

/** What the budget of one end user was charged in its running window, or in a piece of a rolling one. */
export interface EndUserCharge {
  readonly id: string;
  /** Start of the piece; Unix milliseconds. */
  readonly atMs: number;
  /** Nano-USD. */
  readonly spent: bigint;
}

/** Those that are counted by one question: of one organisation, since the same moment, in the same pieces. */
const questionOf = ({ organisation, budget }: EndUserSource, nowMs: number): string =>
  JSON.stringify([organisation, windowAt(budget.window, nowMs, budget.timeZone).fromMs, countedPieceMs(budget, nowMs)]);

/**
 * What end users have been charged in the running windows of their budgets, for the models that these count: as far as records name the budgets, which they do
 * since these are set, whatever window they were of then.
 * @throws CodedError `database_unavailable`
 */
export const endUserCharges = async (
  database: Queries,
  sources: readonly EndUserSource[],
  nowMs: number,
): Promise<readonly EndUserCharge[]> => {
  const charges: EndUserCharge[] = [];
  for (const alike of Map.groupBy(sources, (source) => questionOf(source, nowMs)).values()) {
    const [{ organisation, budget }] = alike as [EndUserSource];
    const { fromMs } = windowAt(budget.window, nowMs, budget.timeZone);
    const beginnings = alike.map((source) => `${source.budget.holder}${endUserMark}`);
    const pieceMs = countedPieceMs(budget, nowMs);
    const index = new BudgetIndex(alike.map((source) => ({ ...source.budget, id: source.budget.holder })));
    for (const spend of await endUserSpends(database, { organisation, fromMs, beginnings, pieceMs })) {
      const { scope, model, pieceFromMs, chargeNanoUsd } = spend;
      if (index.idsOf([holderOfEndUser(scope) ?? ''], model).length === 0) continue;
      charges.push({ id: scope, atMs: pieceFromMs ?? fromMs, spent: parseNanoUsd(chargeNanoUsd) });
    }
  }
  return charges;
};
