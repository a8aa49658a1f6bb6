import { parseNanoUsd } from '../../kernel/index.ts';
import { budgetCharge } from '../../ledger/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import type { MoveRow, Queries } from '../database/index.ts';
import type { LeasedWindow } from './leaseTurn.ts';

/** What attempts have spent in one window of one budget. */
export interface SpendMove extends LeasedWindow {
  readonly amountNanoUsd: bigint;
}

/**
 * Moves what attempts have spent from what their replica was granted to what all have spent, in the transaction that brought the attempts.
 * @throws CodedError database_unavailable
 */
export const moveSpend = async (queries: Queries, replica: string, moves: readonly MoveRow[]): Promise<void> => {
  await queries.query('SELECT archipel.move_spend($1::uuid, $2::jsonb)', [replica, JSON.stringify(moves)]);
};

export const movesOfRows = (rows: readonly MoveRow[]): readonly SpendMove[] =>
  rows.map(({ amount, ...window }) => ({ ...window, amountNanoUsd: parseNanoUsd(amount) }));

/** The same of records, whether or not the database had them before. */
export const movesOf = (finals: readonly FinalRecord[]): readonly SpendMove[] => {
  const moves = new Map<string, SpendMove>();
  for (const final of finals) {
    const amount = budgetCharge(final);
    for (const [scope, fromMs] of final.budgets ?? []) {
      const { organisation } = final;
      const name = JSON.stringify([organisation, scope, fromMs]);
      const before = moves.get(name)?.amountNanoUsd ?? 0n;
      moves.set(name, { organisation, scope, fromMs, amountNanoUsd: before + amount });
    }
  }
  return [...moves.values()];
};
