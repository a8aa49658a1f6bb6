import type { BudgetScope } from '../../ledger/index.ts';

/** What a budget is counted as, in a text: one that was counted as another is counted anew. `ledger verify` reads it. */
export const countedAsOf = ({
  window,
  timeZone,
  models,
}: Pick<BudgetScope, 'window' | 'timeZone' | 'models'>): string => JSON.stringify([window, timeZone, models ?? null]);
