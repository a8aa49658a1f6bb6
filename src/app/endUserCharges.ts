import { parseNanoUsd } from '../kernel/index.ts';
import { endUserMark, windowAt } from '../ledger/index.ts';
import { endUserSpends, type Queries } from '../store/index.ts';
import type { EndUserSource } from './scopeSources.ts';

/** What the budget of one end user was charged in one of its windows. */
export interface EndUserCharge {
  readonly id: string;
  /** When the last of it began; Unix milliseconds. */
  readonly atMs: number;
  /** Nano-USD. */
  readonly spent: bigint;
}

/**
 * What end users have been charged since the running windows of their budgets began, one question for each organisation: as far as records name the budgets,
 * which they do since these are set.
 * @throws CodedError `database_unavailable`
 */
export const endUserCharges = async (
  database: Queries,
  sources: readonly EndUserSource[],
  nowMs: number,
): Promise<readonly EndUserCharge[]> => {
  const charges: EndUserCharge[] = [];
  for (const [organisation, own] of Map.groupBy(sources, (source) => source.organisation)) {
    const starts = own.map(({ budget }) => windowAt(budget.window, nowMs, budget.timeZone).fromMs);
    const spends = await endUserSpends(database, { organisation, fromMs: Math.min(...starts), mark: endUserMark });
    charges.push(
      ...spends.map(({ scope, atMs, chargeNanoUsd }) => ({ id: scope, atMs, spent: parseNanoUsd(chargeNanoUsd) })),
    );
  }
  return charges;
};
