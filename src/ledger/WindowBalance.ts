import { assert, nanoUsd, type NanoUsd } from '../kernel/index.ts';
import type { BudgetAmounts, BudgetRefusal, BudgetScope, BudgetStanding } from './budgetTypes.ts';
import type { CalendarWindow } from './calendarWindow.ts';

/**
 * What one of several replicas may spend of a hard budget in a window: what it has spent that the database does not have, what it holds, and what is free.
 * Below 0 where more was spent than was held.
 */
export interface Allowance {
  /** Nano-USD. */
  readonly grantedNanoUsd: bigint;
  /** Monotonic milliseconds from which on nothing more of it is held. */
  readonly untilMonotonicMs: number;
}

/** What is known of a window over all replicas. */
export interface FleetSpend {
  /** What the database has as spent by all of them. */
  readonly spentNanoUsd: NanoUsd;
  /** What the others hold, or have spent that the database does not have. */
  readonly othersNanoUsd: NanoUsd;
}

/** What one window of one budget has come to since it was last asked. */
export interface BudgetDraw {
  readonly scope: BudgetScope;
  readonly window: CalendarWindow;
  /** Spent here, and not in the database yet, as far as it has come. */
  readonly unshippedNanoUsd: bigint;
  readonly heldNanoUsd: bigint;
  readonly grantedNanoUsd: bigint;
  /** Spent here since the last question. */
  readonly drawnNanoUsd: bigint;
  /** Most that was held at a time since then. */
  readonly heldMostNanoUsd: bigint;
}

/** One window of one budget. It outlives its window while holds made in it are open. */
export class WindowBalance {
  scope: BudgetScope;
  readonly window: CalendarWindow;
  /** Whether a hard budget needs an allowance: others spend it, too. */
  readonly #isShared: boolean;
  spent = 0n;
  held = 0n;
  /** Part of `spent` that the ledger has no record of yet. */
  unrecorded = 0n;
  isKnown = true;
  /** Part of `spent` that was spent here and is not in the database. */
  #unshipped = 0n;
  /** What others held, or had spent that was not in the database, when that was last learnt. */
  #others = 0n;
  #granted = 0n;
  #untilMonotonicMs = -Infinity;
  #drawn = 0n;
  #heldMost = 0n;

  constructor(scope: BudgetScope, window: CalendarWindow, isShared: boolean) {
    this.scope = scope;
    this.window = window;
    this.#isShared = isShared;
  }

  fits(more: bigint): boolean {
    return this.spent + this.held + more <= this.scope.capNanoUsd;
  }

  /** What stands against a hold of so much; null where nothing does. */
  refusal(more: bigint, monotonicMs: number): BudgetRefusal | null {
    const reason = this.#reason(more, monotonicMs);
    return reason === null ? null : { ...this.#amounts(), reason };
  }

  standing(): BudgetStanding {
    return {
      ...this.#amounts(),
      windowFromMs: this.window.fromMs,
      recordedNanoUsd: nanoUsd(this.spent - this.unrecorded),
      hard: this.scope.hard,
      remainingNanoUsd: nanoUsd(this.remaining()),
    };
  }

  /** What is left of it over all replicas. Of a shared budget this one may spend less of it for the moment. */
  remaining(): bigint {
    const left = this.scope.capNanoUsd - this.spent - this.held - this.#others;
    return left > 0n ? left : 0n;
  }

  hold(amount: bigint): void {
    this.held += amount;
    if (this.held > this.#heldMost) this.#heldMost = this.held;
  }

  settle(held: bigint, actual: bigint): void {
    this.held -= held;
    assert(this.held >= 0n, 'what is held is not negative');
    this.spend(actual);
  }

  spend(actual: bigint): void {
    this.spent += actual;
    this.#unshipped += actual;
    this.#drawn += actual;
  }

  /** What was spent here is in the database now, which took it from the allowance. */
  shipped(amount: bigint): void {
    this.#unshipped -= amount;
    this.#granted -= amount;
  }

  allow({ grantedNanoUsd, untilMonotonicMs }: Allowance): void {
    this.#granted = grantedNanoUsd;
    this.#untilMonotonicMs = untilMonotonicMs;
  }

  learn({ spentNanoUsd, othersNanoUsd }: FleetSpend): void {
    this.spent = spentNanoUsd + this.#unshipped;
    this.#others = othersNanoUsd;
    this.isKnown = true;
  }

  /** What it came to since this was last asked. */
  draw(): BudgetDraw {
    const draw: BudgetDraw = {
      scope: this.scope,
      window: this.window,
      unshippedNanoUsd: this.#unshipped,
      heldNanoUsd: this.held,
      grantedNanoUsd: this.#granted,
      drawnNanoUsd: this.#drawn,
      heldMostNanoUsd: this.#heldMost,
    };
    this.#drawn = 0n;
    this.#heldMost = this.held;
    return draw;
  }

  get #isLeased(): boolean {
    return this.#isShared && this.scope.hard;
  }

  get #free(): bigint {
    return this.#granted - this.#unshipped - this.held;
  }

  #reason(more: bigint, monotonicMs: number): BudgetRefusal['reason'] | null {
    if (!this.scope.hard) return null;
    if (!this.isKnown && !this.#isLeased) return 'unknown';
    if (this.isKnown && !this.fits(more)) return 'cap';
    const isAllowed = !this.#isLeased || (monotonicMs < this.#untilMonotonicMs && more <= this.#free);
    return isAllowed ? null : 'lease';
  }

  #amounts(): BudgetAmounts {
    return {
      scope: this.scope.id,
      capNanoUsd: this.scope.capNanoUsd,
      spentNanoUsd: nanoUsd(this.spent),
      heldNanoUsd: nanoUsd(this.held),
      resetsAtMs: Number.isFinite(this.window.untilMs) ? this.window.untilMs : null,
      isKnown: this.isKnown,
    };
  }
}
