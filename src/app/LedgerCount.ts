import { budgetScopesOf } from '../gateway/index.ts';
import { budgetCharge, calendarWindow, Shares, type ShareRecord } from '../ledger/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import type { ScopeSource } from './scopeSources.ts';

/** Window in which shares are counted. */
export type Counted = ConstructorParameters<typeof Shares>[0];

/** One window of one budget. */
export interface WindowCount {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Nano-USD. */
  spent: bigint;
}

/** What the windows of budgets and shares that run at one moment come to, counted record by record as the database would. */
export class LedgerCount {
  readonly budgets: ReadonlyMap<string, WindowCount>;
  readonly shares: Shares;
  /** Pieces of jobs: told again they are the same piece, and the first counts. */
  readonly #pieces = new Set<string>();

  constructor(sources: readonly ScopeSource[], counted: Counted, nowMs: number) {
    this.budgets = new Map(
      sources.map(({ scope }) => [scope.id, { ...calendarWindow(scope.window, nowMs, scope.timeZone), spent: 0n }]),
    );
    this.shares = new Shares(counted);
    this.shares.snapshot(nowMs);
  }

  /** Begins a budget with what is known of its window. */
  begin(id: string, spent: bigint): void {
    const count = this.budgets.get(id);
    if (count !== undefined) count.spent += spent;
  }

  /** Begins the shares with what is known of their window. */
  beginShares(records: Iterable<ShareRecord>): void {
    this.shares.load(records);
  }

  add(final: FinalRecord): void {
    if (final.operation === 'compute') {
      if (this.#pieces.has(final.attemptId)) return;
      this.#pieces.add(final.attemptId);
    }
    const { startedAtMs } = final;
    for (const id of budgetScopesOf(final)) {
      const count = this.budgets.get(id);
      if (count !== undefined && startedAtMs >= count.fromMs && startedAtMs < count.untilMs)
        count.spent += budgetCharge(final);
    }
    this.shares.add(final);
  }
}
