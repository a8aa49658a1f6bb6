import { Chance } from '../../test/rigs/Chance.ts';
import { judgeBooks, type BookFigures } from '../../test/rigs/judgeBooks.ts';
import type { Outcome } from '../../test/rigs/load.ts';
import type { Fleet } from '../../test/rigs/openFleet.ts';
import { drawPlan, type BudgetPlan, type PlanSettings } from './BudgetPlan.ts';
import { faultsOfBills } from './faultsOfBills.ts';
import { judgeBudget, type BudgetFigures } from './judgeBudget.ts';
import { settleBooks, type SettledBooks } from './settleBooks.ts';
import { spendBudget } from './spendBudget.ts';

export interface SpendingsOptions {
  readonly seed: number;
  readonly settings: PlanSettings;
  /** Most milliseconds for each budget. */
  readonly msMax: number;
}

/** What one budget came to, with how it was spent. */
export interface SpentBudget extends BudgetFigures {
  readonly plan: BudgetPlan;
  readonly ms: number;
}

/** What all came to. */
export interface SpentBudgets {
  readonly figures: readonly SpentBudget[];
  /** Null where there is not one ledger for all. */
  readonly books: BookFigures | null;
  readonly settled: SettledBooks | null;
  readonly faults: readonly string[];
}

/** Most that is spent beyond a cap: every request is held at its worst case before its vendor hears of it. */
const boundNanoUsd = 0n;

/** Figures as a line of JSON has them. */
export const plain = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)));

/** Spends the budgets of a fleet one after the other, each in its own way, and holds the books against it all in the end. */
export const spendBudgets = async (
  fleet: Fleet,
  { seed, settings, msMax }: SpendingsOptions,
): Promise<SpentBudgets> => {
  const { replicas, rivals, keys, database } = fleet;
  const outcomes: Outcome[] = [];
  const figures: SpentBudget[] = [];
  for (const [index, key] of keys.entries()) {
    const plan = drawPlan(new Chance(seed + index), seed + index, settings);
    const startedMs = performance.now();
    const spending = await spendBudget({ replicas, rivals, database, key, plan, boundNanoUsd, msMax });
    // One by one: a long form has hundreds of thousands.
    for (const outcome of spending.outcomes) outcomes.push(outcome);
    const ms = Math.round(performance.now() - startedMs);
    const spent = { plan, ms, ...judgeBudget(spending) };
    figures.push(spent);
    process.stderr.write(`${JSON.stringify(plain(spent))}\n`);
  }
  const books = database === null ? null : await judgeBooks({ rivals, replicas, database, outcomes });
  if (books !== null) process.stderr.write(`${JSON.stringify(books)}\n`);
  const settled = database === null ? null : await settleBooks(fleet);
  if (settled !== null) process.stderr.write(`${JSON.stringify(plain(settled))}\n`);
  const faults = [
    ...figures.flatMap((one) => one.faults),
    ...faultsOfBills(rivals),
    ...(books?.faults ?? []),
    ...(settled?.faults ?? []),
  ];
  return { figures, books, settled, faults };
};
