import { isModelOf } from '../vocabulary/index.ts';
import type { BudgetScope } from './budgetTypes.ts';

/** What says whose a budget is, and of what. */
export type HeldBudget = Pick<BudgetScope, 'id' | 'holder' | 'models'>;

/** Whether a budget counts what is spent on a model. @param model null for what is spent on none. */
export const coversModel = ({ models = null }: Pick<HeldBudget, 'models'>, model: string | null): boolean =>
  models === null || (model !== null && models.some((pattern) => isModelOf(pattern, model)));

/** Finds the budgets of those who spend. */
export class BudgetIndex {
  readonly #byHolder = new Map<string, HeldBudget[]>();

  constructor(budgets: Iterable<HeldBudget>) {
    for (const budget of budgets) {
      const holder = budget.holder ?? budget.id;
      const known = this.#byHolder.get(holder);
      if (known === undefined) this.#byHolder.set(holder, [budget]);
      else known.push(budget);
    }
  }

  /** Ids of all that what these holders spend on a model draws on. @param model null for what is spent on none, such as the capacity of jobs. */
  idsOf(holders: readonly string[], model: string | null): readonly string[] {
    const ids: string[] = [];
    for (const holder of holders)
      for (const budget of this.#byHolder.get(holder) ?? []) if (coversModel(budget, model)) ids.push(budget.id);
    return ids;
  }
}
