import type { NanoUsd } from '../kernel/index.ts';
import type { BudgetWindow } from './budgetWindow.ts';

/** Most that may be spent in a window by a key, a team or an organisation. */
export interface BudgetScope {
  /** "key:demo", "team:research", "organisation:default"; "key:demo/day" where the holder has several. */
  readonly id: string;
  /** Whose it is: "key:demo". Absent: as the id. */
  readonly holder?: string;
  readonly capNanoUsd: NanoUsd;
  readonly window: BudgetWindow;
  /** Hard: refuses what would go beyond. Soft: tells. */
  readonly hard: boolean;
  readonly timeZone: string;
  /** Models whose use it counts, by patterns; null or absent: all that is spent. */
  readonly models?: readonly string[] | null;
}

export interface BudgetAmounts {
  readonly scope: string;
  readonly capNanoUsd: NanoUsd;
  /** By all replicas, as far as this one has learnt. */
  readonly spentNanoUsd: NanoUsd;
  /** By this replica. */
  readonly heldNanoUsd: NanoUsd;
  /** Unix milliseconds at which its window starts anew, or a rolling one lets go of the oldest that it has; null where it never does. */
  readonly resetsAtMs: number | null;
  /** Whether what was spent in the window is known. While it is not, a hard budget refuses everything that no allowance covers. */
  readonly isKnown: boolean;
}

/** A hard budget that cannot take what was asked. */
export interface BudgetRefusal extends BudgetAmounts {
  /**
   * `cap`: it would go beyond the cap. `lease`: this replica may not spend so much of it, and has to ask for more. `unknown`: nobody knows what was spent.
   */
  readonly reason: 'cap' | 'lease' | 'unknown';
  /** What was left over all replicas when that was last learnt, less what this one holds: never below 0. */
  readonly remainingNanoUsd: NanoUsd;
}

/** Where a budget stands in its current window. */
export interface BudgetStanding extends BudgetAmounts {
  /** 0 for a rolling one, which never begins anew. */
  readonly windowFromMs: number;
  /** What was spent as far as the ledger has records of it. */
  readonly recordedNanoUsd: NanoUsd;
  readonly hard: boolean;
  /** Never below 0. */
  readonly remainingNanoUsd: NanoUsd;
}
