import type { BudgetScope } from './budgetTypes.ts';

/** Whether what one budget has counted is what the other counts. */
export const countsAlike = (one: BudgetScope, other: BudgetScope): boolean =>
  one.window === other.window &&
  one.timeZone === other.timeZone &&
  JSON.stringify(one.models ?? null) === JSON.stringify(other.models ?? null);
