import { parseNanoUsd } from '../kernel/index.ts';
import { endUserMark, windowAt } from '../ledger/index.ts';
import { endUserSpends, type EndUserSpendsQuery, type Queries } from '../store/index.ts';
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

/** What is asked for all of whom the same is counted: of one organisation, in the same window by the same pieces, for the same models. */
const questionOf = ({ organisation, budget }: EndUserSource, nowMs: number): Omit<EndUserSpendsQuery, 'beginnings'> => {
  const { fromMs, untilMs } = windowAt(budget.window, nowMs, budget.timeZone);
  const pieceMs = countedPieceMs(budget, nowMs);
  // By a clock that is ahead of this one, the next window may have begun: what is spent in it is none of this one, while of a rolling one it is a further piece.
  const endMs = pieceMs === null && Number.isFinite(untilMs) ? untilMs : null;
  return { organisation, fromMs, untilMs: endMs, pieceMs, models: budget.models ?? null };
};

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
  for (const alike of Map.groupBy(sources, (source) => JSON.stringify(questionOf(source, nowMs))).values()) {
    const question = questionOf(alike[0] as EndUserSource, nowMs);
    const beginnings = alike.map(({ budget }) => `${budget.holder}${endUserMark}`);
    for (const { scope, pieceFromMs, chargeNanoUsd } of await endUserSpends(database, { ...question, beginnings }))
      charges.push({ id: scope, atMs: pieceFromMs ?? question.fromMs, spent: parseNanoUsd(chargeNanoUsd) });
  }
  return charges;
};
