import { budgetSchema, budgetsSchema, type BudgetConfiguration, type NamedBudget } from '../access/index.ts';
import { failure, success, type Result } from '../kernel/index.ts';
import type { Json, NewKey } from '../http/index.ts';
import { isRollingWindow, windowWord } from '../vocabulary/index.ts';

/** Budgets of one holder. */
export interface HeldBudgets {
  readonly budget: BudgetConfiguration | null;
  readonly budgets: readonly NamedBudget[];
  /** Of each of its end users. */
  readonly endUserBudget: BudgetConfiguration | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Budgets as they were written over the API, in one object: further ones stand in it as `also`, that of end users as `endUser`. Null where there are none. */
export const storedBudgets = ({
  budget,
  budgets = [],
  endUserBudget = null,
}: Pick<NewKey, 'budget' | 'budgets' | 'endUserBudget'>): JsonObject | null => {
  const stored = {
    ...budget,
    ...(budgets.length === 0 ? {} : { also: budgets }),
    ...(endUserBudget === null ? {} : { endUser: endUserBudget }),
  };
  return Object.keys(stored).length === 0 ? null : stored;
};

/** Reads budgets by the same words as those of the file; a failure says what is wrong. */
export const readStoredBudgets = (stored: JsonObject | null): Result<HeldBudgets, string> => {
  const { also = [], endUser, ...written } = stored ?? {};
  const budget = Object.keys(written).length === 0 ? null : budgetSchema.safeParse(written);
  const budgets = budgetsSchema.safeParse(also);
  const ofUsers = endUser === undefined ? null : budgetSchema.safeParse(endUser);
  const issue = budget?.error?.issues[0] ?? budgets.error?.issues[0] ?? ofUsers?.error?.issues[0];
  if (issue !== undefined) return failure(`${issue.path.join('.')}: ${issue.message.replaceAll('\n', '; ')}`);
  const named = budgets.data ?? [];
  const twice = named.find(({ name }, index) => named.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) return failure(`two budgets are named ${twice.name}; give each a name of its own`);
  return success({ budget: budget?.data ?? null, budgets: named, endUserBudget: ofUsers?.data ?? null });
};

/** Models that budgets name whole: a beginning and "*", and what is handed on as it is, may be about none. */
export const modelsNamedBy = ({
  budget,
  budgets,
  endUserBudget = null,
}: Omit<HeldBudgets, 'endUserBudget'> & Partial<Pick<HeldBudgets, 'endUserBudget'>>): readonly string[] =>
  [budget, ...budgets, endUserBudget]
    .flatMap((one) => one?.models ?? [])
    .filter((pattern) => !pattern.endsWith('*') && !pattern.startsWith('passthrough/'));

const dollarsText = (amount: bigint): string => {
  const fraction = (amount % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  return `${amount / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}`;
};

const json = ({ usd, window, hard, models }: BudgetConfiguration): Readonly<Record<string, Json>> => ({
  usd: dollarsText(usd),
  capNanoUsd: usd.toString(),
  window: isRollingWindow(window) ? { rolling: windowWord(window) } : window,
  hard,
  ...(models === null ? {} : { models }),
});

/** A budget as it is told over the API. */
export const budgetJson = (budget: BudgetConfiguration | null): Json => (budget === null ? null : json(budget));

/** Further budgets as they are told over the API. */
export const budgetsJson = (budgets: readonly NamedBudget[]): Json =>
  budgets.map(({ name, ...budget }) => ({ name, ...json(budget) }));
