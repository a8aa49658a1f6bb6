import { budgetScopesOf } from '../gateway/index.ts';
import {
  budgetCharge,
  BudgetIndex,
  holderOfEndUser,
  pieceAt,
  Shares,
  windowAt,
  type BudgetScope,
  type CalendarWindow,
  type ShareRecord,
} from '../ledger/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import type { EndUserSource, ScopeSource } from './scopeSources.ts';

/** Window in which shares are counted. */
export type Counted = ConstructorParameters<typeof Shares>[0];

/** What was spent in the pieces of a window, by where each begins; Unix milliseconds and nano-USD. A window of the calendar is one piece. */
export type SpentPieces = ReadonlyMap<number, bigint>;

/** All that counts for one budget at one moment. */
class WindowCount {
  readonly pieces = new Map<number, bigint>();
  readonly #scope: BudgetScope;
  readonly #window: CalendarWindow;

  constructor(scope: BudgetScope, nowMs: number) {
    this.#scope = scope;
    this.#window = windowAt(scope.window, nowMs, scope.timeZone);
    this.add(nowMs, 0n);
  }

  /** Counts what began at an instant, if that still counts. */
  add(atMs: number, spent: bigint): void {
    if (atMs < this.#window.fromMs || atMs >= this.#window.untilMs) return;
    const { fromMs } = pieceAt(this.#scope.window, atMs, this.#scope.timeZone);
    this.pieces.set(fromMs, (this.pieces.get(fromMs) ?? 0n) + spent);
  }
}

/** What the windows of budgets and shares that run at one moment come to, counted record by record as the database would. */
export class LedgerCount {
  readonly shares: Shares;
  readonly #budgets: Map<string, WindowCount>;
  readonly #endUsers: ReadonlyMap<string, EndUserSource>;
  readonly #nowMs: number;
  readonly #index: BudgetIndex;
  /** Pieces of jobs: told again they are the same piece, and the first counts. */
  readonly #pieces = new Set<string>();

  constructor(
    sources: readonly ScopeSource[],
    counted: Counted,
    nowMs: number,
    endUsers: readonly EndUserSource[] = [],
  ) {
    this.#nowMs = nowMs;
    this.#endUsers = new Map(endUsers.map((source) => [source.budget.holder, source]));
    this.#budgets = new Map(sources.map(({ scope }) => [scope.id, new WindowCount(scope, nowMs)]));
    this.#index = new BudgetIndex(sources.map(({ scope }) => scope));
    this.shares = new Shares(counted);
    this.shares.snapshot(nowMs);
  }

  /** What was counted of each budget; the piece that runs is always among them. */
  get budgets(): ReadonlyMap<string, { readonly pieces: SpentPieces }> {
    return this.#budgets;
  }

  /** Begins a budget with what is known of its window. */
  begin(id: string, spent: SpentPieces): void {
    for (const [fromMs, amount] of spent) this.#budgets.get(id)?.add(fromMs, amount);
  }

  /** Counts what the budget of an end user was charged; other budgets are counted by what is spent on them. */
  addEndUser(id: string, atMs: number, spent: bigint): void {
    const source = this.#endUsers.get(holderOfEndUser(id) ?? '');
    if (source === undefined) return;
    const count = this.#budgets.get(id) ?? new WindowCount({ ...source.budget, id }, this.#nowMs);
    this.#budgets.set(id, count);
    count.add(atMs, spent);
  }

  /** Begins the shares with what is known of their window. */
  beginShares(records: Iterable<ShareRecord>): void {
    this.shares.load(records);
  }

  add(final: FinalRecord): void {
    const isCapacity = final.operation === 'compute';
    if (isCapacity) {
      if (this.#pieces.has(final.attemptId)) return;
      this.#pieces.add(final.attemptId);
    }
    const ids = this.#index.idsOf(budgetScopesOf(final), isCapacity ? null : final.model);
    for (const id of ids) this.#budgets.get(id)?.add(final.startedAtMs, budgetCharge(final));
    if (this.#endUsers.size > 0)
      for (const [id] of final.budgets ?? []) this.addEndUser(id, final.startedAtMs, budgetCharge(final));
    this.shares.add(final);
  }
}
