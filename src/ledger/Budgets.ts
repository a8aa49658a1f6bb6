import type { NanoUsd, Result } from '../kernel/index.ts';
import { assert, failure, nanoUsd, success } from '../kernel/index.ts';
import { calendarWindow, type CalendarWindow, type CalendarWindowName } from './calendarWindow.ts';

/** Most budgets that are kept: one for each key, team and organisation that has one. */
export const budgetScopesMax = 1_000_000;

/** Most that may be spent in a window by a key, a team or an organisation. */
export interface BudgetScope {
  /** "key:demo", "team:research", "organisation:default". */
  readonly id: string;
  readonly capNanoUsd: NanoUsd;
  readonly window: CalendarWindowName;
  /** Hard: refuses what would go beyond. Soft: tells. */
  readonly hard: boolean;
  readonly timeZone: string;
}

/** A hard budget that cannot take what was asked. */
export interface BudgetRefusal {
  readonly scope: string;
  readonly capNanoUsd: NanoUsd;
  readonly spentNanoUsd: NanoUsd;
  readonly heldNanoUsd: NanoUsd;
  /** Unix milliseconds at which its window starts anew; null where it never does. */
  readonly resetsAtMs: number | null;
  /** Whether what was spent in the window is known. While it is not, a hard budget refuses everything. */
  readonly isKnown: boolean;
}

/** Where a budget stands in its current window. */
export interface BudgetStanding extends BudgetRefusal {
  readonly windowFromMs: number;
  /** What was spent as far as the ledger has records of it. */
  readonly recordedNanoUsd: NanoUsd;
  readonly hard: boolean;
  /** Never below 0. */
  readonly remainingNanoUsd: NanoUsd;
}

/** Money set aside for one attempt in all its budgets. Settled or released exactly once. */
export interface Hold {
  readonly amountNanoUsd: NanoUsd;
  /** Soft budgets that it goes beyond. */
  readonly overSoft: readonly string[];
}

/** What became of a hold. */
export interface Settlement {
  /** What was spent beyond what was held: produced by the vendor unseen. */
  readonly overshootNanoUsd: NanoUsd;
  /** Budgets, hard or soft, whose cap is now exceeded. */
  readonly over: readonly string[];
}

/** One window of one budget. It outlives its window while holds made in it are open. */
class WindowBalance {
  scope: BudgetScope;
  readonly window: CalendarWindow;
  spent = 0n;
  held = 0n;
  /** Part of `spent` that the ledger has no record of yet. */
  unrecorded = 0n;
  isKnown = true;

  constructor(scope: BudgetScope, window: CalendarWindow) {
    this.scope = scope;
    this.window = window;
  }

  fits(more: bigint): boolean {
    return this.spent + this.held + more <= this.scope.capNanoUsd;
  }

  refusal(): BudgetRefusal {
    return {
      scope: this.scope.id,
      capNanoUsd: this.scope.capNanoUsd,
      spentNanoUsd: nanoUsd(this.spent),
      heldNanoUsd: nanoUsd(this.held),
      resetsAtMs: Number.isFinite(this.window.untilMs) ? this.window.untilMs : null,
      isKnown: this.isKnown,
    };
  }

  /** Whether it stands against a hold of so much. */
  refuses(more: bigint): boolean {
    return this.scope.hard && (!this.isKnown || !this.fits(more));
  }

  remaining(): bigint {
    const left = this.scope.capNanoUsd - this.spent - this.held;
    return left > 0n ? left : 0n;
  }
}

class OpenHold implements Hold {
  amountNanoUsd: NanoUsd;
  readonly balances: readonly WindowBalance[];
  isOpen = true;

  constructor(amount: NanoUsd, balances: readonly WindowBalance[]) {
    this.amountNanoUsd = amount;
    this.balances = balances;
  }

  get overSoft(): readonly string[] {
    return this.balances.flatMap((balance) => (balance.scope.hard || balance.fits(0n) ? [] : [balance.scope.id]));
  }
}

const sameWindow = (one: BudgetScope, other: BudgetScope): boolean =>
  one.window === other.window && one.timeZone === other.timeZone;

/**
 * Balances of all budgets, in memory. A hold takes from every level or from none, in one step, so no two requests can pass on the same dollar.
 * For each hard budget and window: spent + held <= cap, as long as nothing is settled for more than was held or charged without a hold, and the cap was not
 * lowered meanwhile.
 * A hold belongs to the windows in which it was made: what is settled after midnight still counts to the day before.
 * Where it is not known what a window has spent, a hard budget refuses and a soft one goes on counting.
 */
export class Budgets {
  readonly #balances = new Map<string, WindowBalance>();
  readonly #scopes = new Map<string, BudgetScope>();

  /**
   * Takes a new set of budgets. A budget that stays keeps its balance, under its new cap; one whose window or zone changed starts at 0, like a new one.
   * @returns ids of the budgets that have no balance yet and wait for `load`.
   */
  configure(scopes: Iterable<BudgetScope>): readonly string[] {
    const before = new Map(this.#scopes);
    this.#scopes.clear();
    for (const scope of scopes) {
      assert(!this.#scopes.has(scope.id), `one budget for ${scope.id}`);
      assert(scope.capNanoUsd >= 0n, `the cap of ${scope.id} is not negative`);
      this.#scopes.set(scope.id, scope);
    }
    assert(this.#scopes.size <= budgetScopesMax, `at most ${budgetScopesMax} budgets`);
    const fresh: string[] = [];
    for (const [id, scope] of this.#scopes) {
      const old = before.get(id);
      const balance = this.#balances.get(id);
      if (old && sameWindow(old, scope)) {
        if (balance) balance.scope = scope;
      } else {
        this.#balances.delete(id);
        fresh.push(id);
      }
    }
    for (const id of before.keys()) if (!this.#scopes.has(id)) this.#balances.delete(id);
    return fresh;
  }

  /**
   * Sets what was spent in a budget's window before this process began to count; what it has counted since is added. An unknown budget or a
   * window that is over is ignored.
   * @param windowFromMs any instant of the window, such as its start; Unix milliseconds.
   */
  load(id: string, windowFromMs: number, spent: NanoUsd): void {
    const scope = this.#scopes.get(id);
    if (!scope) return;
    const balance = this.#current(scope, windowFromMs);
    const isOver = windowFromMs < balance.window.fromMs;
    if (!isOver) balance.spent += spent;
  }

  /** Says that nobody knows what was spent in a budget's running window: what is counted from now on is a part of it. Ends with `correct`, or with the window. */
  forget(id: string, nowMs: number): void {
    const scope = this.#scopes.get(id);
    if (scope) this.#current(scope, nowMs).isKnown = false;
  }

  /**
   * Sets right what was believed to be spent, by what the ledger says. A window that is over, or a budget that is gone, is passed over.
   * @param windowFromMs start of the window that both amounts are of; Unix milliseconds.
   * @param by what the ledger has beyond what was believed; negative where less.
   */
  correct(id: string, windowFromMs: number, by: bigint): void {
    const balance = this.#balances.get(id);
    if (balance?.window.fromMs !== windowFromMs) return;
    balance.spent += by;
    balance.isKnown = true;
    assert(balance.spent >= 0n, 'what was spent is not negative');
  }

  /** Sets money aside in all these budgets or in none. Ids without a budget are passed over. */
  hold(scopeIds: readonly string[], amount: NanoUsd, nowMs: number): Result<Hold, BudgetRefusal> {
    assert(amount >= 0n, 'a hold is not negative');
    const balances = this.#balancesOf(scopeIds, nowMs);
    for (const balance of balances) if (balance.refuses(amount)) return failure(balance.refusal());
    for (const balance of balances) balance.held += amount;
    return success(new OpenHold(amount, balances));
  }

  /** Adds to a hold in all its budgets or in none, before the bytes that it covers are forwarded. */
  grow(hold: Hold, more: NanoUsd): Result<Hold, BudgetRefusal> {
    const open = openHold(hold);
    assert(more >= 0n, 'a hold grows by no negative amount');
    for (const balance of open.balances) if (balance.refuses(more)) return failure(balance.refusal());
    for (const balance of open.balances) balance.held += more;
    open.amountNanoUsd = nanoUsd(open.amountNanoUsd + more);
    return success(hold);
  }

  /** Turns a hold into what was really spent, in the windows in which it was made. */
  settle(hold: Hold, actual: NanoUsd): Settlement {
    const open = openHold(hold);
    assert(actual >= 0n, 'what was spent is not negative');
    open.isOpen = false;
    const over: string[] = [];
    for (const balance of open.balances) {
      balance.held -= open.amountNanoUsd;
      balance.spent += actual;
      assert(balance.held >= 0n, 'what is held is not negative');
      if (!balance.fits(0n)) over.push(balance.scope.id);
    }
    const overshoot = actual - open.amountNanoUsd;
    return { overshootNanoUsd: nanoUsd(overshoot > 0n ? overshoot : 0n), over };
  }

  /**
   * Takes a hold for spent whose end could not be recorded: all of it, as the ledger will say once the next start finds its intent without a final.
   * Until then the ledger does not have it.
   */
  forfeit(hold: Hold): void {
    for (const balance of openHold(hold).balances) balance.unrecorded += hold.amountNanoUsd;
    this.settle(hold, hold.amountNanoUsd);
  }

  /** Gives a hold back unspent. */
  release(hold: Hold): void {
    this.settle(hold, nanoUsd(0n));
  }

  /**
   * Counts what was used without a hold, such as the capacity of a job, in the window in which its use began; a window that is over no longer changes.
   * Nothing is refused: it was used. @returns budgets, hard or soft, whose cap is now exceeded.
   */
  charge(scopeIds: readonly string[], actual: NanoUsd, beganAtMs: number): readonly string[] {
    assert(actual >= 0n, 'what was used is not negative');
    const open = this.#balancesOf(scopeIds, beganAtMs).filter(({ window }) => beganAtMs >= window.fromMs);
    for (const balance of open) balance.spent += actual;
    return open.flatMap((balance) => (balance.fits(0n) ? [] : [balance.scope.id]));
  }

  /** What the tightest hard budget among these has left; null where none is hard. */
  remaining(scopeIds: readonly string[], nowMs: number): NanoUsd | null {
    let least: bigint | null = null;
    for (const id of scopeIds) {
      const scope = this.#scopes.get(id);
      if (!scope?.hard) continue;
      const left = this.#current(scope, nowMs).remaining();
      if (least === null || left < least) least = left;
    }
    return least === null ? null : nanoUsd(least);
  }

  /** Where one budget stands; null where there is none of this id. */
  standing(id: string, nowMs: number): BudgetStanding | null {
    const [balance] = this.#balancesOf([id], nowMs);
    if (!balance) return null;
    return {
      ...balance.refusal(),
      windowFromMs: balance.window.fromMs,
      recordedNanoUsd: nanoUsd(balance.spent - balance.unrecorded),
      hard: balance.scope.hard,
      remainingNanoUsd: nanoUsd(balance.remaining()),
    };
  }

  #balancesOf(scopeIds: readonly string[], nowMs: number): readonly WindowBalance[] {
    const balances: WindowBalance[] = [];
    for (const id of scopeIds) {
      const scope = this.#scopes.get(id);
      if (!scope) continue;
      const balance = this.#current(scope, nowMs);
      assert(!balances.includes(balance), 'no budget is asked twice for one hold');
      balances.push(balance);
    }
    return balances;
  }

  /** A clock that goes back does not reopen a window: the one that was last begun stays. */
  #current(scope: BudgetScope, nowMs: number): WindowBalance {
    const balance = this.#balances.get(scope.id);
    if (balance && nowMs < balance.window.untilMs) return balance;
    const next = new WindowBalance(scope, calendarWindow(scope.window, nowMs, scope.timeZone));
    this.#balances.set(scope.id, next);
    return next;
  }
}

const openHold = (hold: Hold): OpenHold => {
  assert(hold instanceof OpenHold, 'a hold comes from these budgets');
  assert(hold.isOpen, 'a hold is settled exactly once');
  return hold;
};
