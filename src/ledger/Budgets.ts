import type { NanoUsd, Result } from '../kernel/index.ts';
import { assert, failure, nanoUsd, success } from '../kernel/index.ts';
import type { BudgetBucket } from '../vocabulary/index.ts';
import type { BudgetRefusal, BudgetScope, BudgetStanding } from './budgetTypes.ts';
import { BudgetIndex } from './BudgetIndex.ts';
import { countsAlike } from './countsAlike.ts';
import { EndUserScopes, holderOfEndUser, type EndUserBudget } from './EndUserScopes.ts';
import { balanceWindow, pieceAt } from './budgetWindow.ts';
import {
  WindowBalance,
  type Allowance,
  type BudgetDraw,
  type FleetSpend,
  type OpenAllowance,
} from './WindowBalance.ts';
import type { BalancePiece } from './WindowPieces.ts';

/** Most budgets that are kept: one for each key, team and organisation that has one. */
export const budgetScopesMax = 1_000_000;

/** Money set aside for one attempt in all its budgets. Settled or released exactly once. */
export interface Hold {
  readonly amountNanoUsd: NanoUsd;
  /** Soft budgets that it goes beyond. */
  readonly overSoft: readonly string[];
  /** Budgets that it was made in, hard and soft, with the start of their windows, or of the piece of a rolling one. */
  readonly buckets: readonly BudgetBucket[];
}

/** What became of a hold. */
export interface Settlement {
  /** What was spent beyond what was held: produced by the vendor unseen. */
  readonly overshootNanoUsd: NanoUsd;
  /** Budgets, hard or soft, whose cap is now exceeded. */
  readonly over: readonly string[];
  /** Those of which more than their cap is spent by this, and was not before. */
  readonly crossed: readonly string[];
}

/** Where one part of a hold is counted. */
interface HeldPiece {
  readonly balance: WindowBalance;
  readonly piece: BalancePiece;
}

interface Cover extends HeldPiece {
  readonly amountNanoUsd: bigint;
}

/** Where a part of a hold counts by now: its budget may count anew since it was made. */
const presentOf = (held: HeldPiece): HeldPiece => (held.balance.heir === null ? held : presentOf(held.balance.heir));

class OpenHold implements Hold {
  amountNanoUsd: NanoUsd;
  /** As it was made. */
  readonly #pieces: readonly HeldPiece[];
  /** What it grew by since a window of it ended is held in the next one, too, whose leases cover it; it is spent in none of these. */
  readonly covers: Cover[] = [];
  isOpen = true;

  constructor(amount: NanoUsd, pieces: readonly HeldPiece[]) {
    this.amountNanoUsd = amount;
    this.#pieces = pieces;
  }

  get pieces(): readonly HeldPiece[] {
    return this.#pieces.map(presentOf);
  }

  get overSoft(): readonly string[] {
    return this.pieces.flatMap(({ balance }) => (balance.scope.hard || balance.fits(0n) ? [] : [balance.scope.id]));
  }

  get buckets(): readonly BudgetBucket[] {
    return this.#pieces.map(({ balance, piece }) => [balance.scope.id, piece.span.fromMs]);
  }
}

/**
 * Balances of all budgets, in memory. A hold takes from every level or from none, in one step, so no two requests can pass on the same dollar.
 * For each hard budget and window: spent + held <= cap, as long as nothing is settled for more than was held or charged without a hold, and the cap was not
 * lowered meanwhile.
 * A hold belongs to the windows in which it was made: what is settled after midnight still counts to the day before, and what is spent in a rolling window
 * leaves it when its hold has become too old.
 * Where it is not known what a window has spent, a hard budget refuses and a soft one goes on counting.
 * Of budgets that are shared with other replicas a hard one holds only what this replica was allowed: its allowance covers what it holds and what it has spent
 * until that is in the database, and is none where a window begins.
 */
export class Budgets {
  readonly #isShared: boolean;
  /** Balances whose draw was not asked for since they changed, or that have an allowance. */
  readonly #drawn = new Set<WindowBalance>();
  readonly #balances = new Map<string, WindowBalance>();
  /** Of budgets that are gone or count anew, while something of them is under way: the next balance goes on with it. */
  readonly #left = new Map<string, WindowBalance>();
  readonly #scopes = new Map<string, BudgetScope>();
  #index = new BudgetIndex([]);
  readonly #endUsers: EndUserScopes;
  /** Holders of whose end users nobody knows what they have spent. */
  readonly #unknownUsersOf = new Set<string>();

  constructor({ isShared = false, endUsersMax }: { readonly isShared?: boolean; readonly endUsersMax?: number } = {}) {
    this.#isShared = isShared;
    this.#endUsers = new EndUserScopes(endUsersMax);
  }

  /**
   * Takes a new set of budgets. A budget that stays keeps its balance, under its new cap; one whose window, zone or models changed starts at 0, like a new one.
   * Of one that is shared what is under way goes on in the new balance: nobody but this replica knows of it.
   * @returns ids of the budgets that have no balance yet and wait for `load`.
   */
  configure(scopes: Iterable<BudgetScope>, endUserBudgets: Iterable<EndUserBudget> = []): readonly string[] {
    for (const id of this.#endUsers.configure(endUserBudgets)) this.#leave(id);
    for (const scope of this.#endUsers.all) this.#rescope(scope);
    const before = new Map(this.#scopes);
    this.#scopes.clear();
    for (const scope of scopes) {
      assert(!this.#scopes.has(scope.id), `one budget for ${scope.id}`);
      assert(scope.capNanoUsd >= 0n, `the cap of ${scope.id} is not negative`);
      this.#scopes.set(scope.id, scope);
    }
    assert(this.#scopes.size <= budgetScopesMax, `at most ${budgetScopesMax} budgets`);
    this.#index = new BudgetIndex(this.#scopes.values());
    const fresh: string[] = [];
    for (const [id, scope] of this.#scopes) {
      const old = before.get(id);
      const balance = this.#balances.get(id);
      if (old && countsAlike(old, scope)) {
        if (balance) balance.scope = scope;
      } else {
        this.#leave(id);
        fresh.push(id);
      }
    }
    for (const id of before.keys()) if (!this.#scopes.has(id)) this.#leave(id);
    return fresh;
  }

  /** Ids of all budgets that what these holders spend on a model draws on. @param model null for what is spent on none, such as the capacity of jobs. */
  idsOf(holders: readonly string[], model: string | null): readonly string[] {
    return this.#index.idsOf(holders, model);
  }

  /** Whether end users of any of these have budgets. */
  hasEndUsers(holders: readonly string[]): boolean {
    return this.#endUsers.isAbout(holders);
  }

  /**
   * Ids of the budgets that an end user of these holders draws on, which are there from now on.
   * @param endUser a name of letters and digits.
   * @returns null where there is no room for one more end user.
   */
  idsOfEndUser(holders: readonly string[], model: string, endUser: string, nowMs: number): readonly string[] | null {
    const ids = this.#endUsers.idsOf(holders, model, endUser);
    return ids.every((id) => this.#ensure(id, nowMs)) ? ids : null;
  }

  /** Budgets of end users that are kept now. */
  get endUserScopes(): Iterable<BudgetScope> {
    return this.#endUsers.all;
  }

  /** Says that nobody knows what end users of a holder have spent, also those who come later. Ends with `knowEndUsers`. */
  forgetEndUsers(holder: string, nowMs: number): void {
    this.#unknownUsersOf.add(holder);
    for (const scope of this.#endUsers.all) if (scope.holder === holder) this.forget(scope.id, nowMs);
  }

  /** Says that what end users have spent is known: what was loaded or set right of each, and nothing of all others. */
  knowEndUsers(): void {
    this.#unknownUsersOf.clear();
    for (const { id } of this.#endUsers.all) {
      const balance = this.#balances.get(id);
      if (balance !== undefined) balance.isKnown = true;
    }
  }

  /**
   * Sets what was spent in a piece of a budget's window before this process began to count; what it has counted since is added. An unknown budget or a
   * piece that is over is ignored.
   * @param pieceFromMs any instant of the piece, such as its start; Unix milliseconds.
   */
  load(id: string, pieceFromMs: number, spent: NanoUsd, nowMs = pieceFromMs): void {
    if (holderOfEndUser(id) !== null) this.#begin(id, nowMs);
    const scope = this.#scopeOf(id);
    if (!scope) return;
    const balance = this.#current(scope, nowMs);
    const piece = balance.pieceAt(pieceFromMs);
    if (piece !== null) balance.count(piece, spent);
  }

  /** Says that nobody knows what was spent in a budget's running window: what is counted from now on is a part of it. Ends with `correct`, or with the window. */
  forget(id: string, nowMs: number): void {
    const scope = this.#scopeOf(id);
    if (scope) this.#current(scope, nowMs).forget();
  }

  /**
   * Sets right what was believed to be spent, by what the ledger says. A piece that is over, or a budget that is gone, is passed over.
   * @param pieceFromMs start of the piece of its window that both amounts are of; Unix milliseconds.
   * @param by what the ledger has beyond what was believed; negative where less.
   */
  correct(id: string, pieceFromMs: number, by: bigint, nowMs = pieceFromMs): void {
    if (holderOfEndUser(id) !== null) this.#begin(id, nowMs);
    const balance = this.#balances.get(id);
    const piece = balance?.pieceAt(pieceFromMs);
    if (balance === undefined || piece?.span.fromMs !== pieceFromMs) return;
    balance.correct(piece, by);
  }

  /**
   * Sets money aside in all these budgets or in none. Ids without a budget are passed over.
   * @param monotonicMs by which allowances end.
   */
  hold(scopeIds: readonly string[], amount: NanoUsd, nowMs: number, monotonicMs: number): Result<Hold, BudgetRefusal> {
    assert(amount >= 0n, 'a hold is not negative');
    const pieces = this.#balancesOf(scopeIds, nowMs).map((balance) => ({ balance, piece: balance.running }));
    const refusal = this.#take(pieces, amount, monotonicMs);
    return refusal === null ? success(new OpenHold(amount, pieces)) : failure(refusal);
  }

  /** Adds to a hold in all its budgets or in none, before the bytes that it covers are forwarded, in the windows in which it was made. */
  grow(hold: Hold, more: NanoUsd, monotonicMs: number): Result<Hold, BudgetRefusal> {
    const open = openHold(hold);
    assert(more >= 0n, 'a hold grows by no negative amount');
    const refusal = this.#take(open.pieces, more, monotonicMs, open.covers);
    if (refusal !== null) return failure(refusal);
    open.amountNanoUsd = nanoUsd(open.amountNanoUsd + more);
    return success(hold);
  }

  /** Turns a hold into what was really spent, in the windows in which it was made. */
  settle(hold: Hold, actual: NanoUsd): Settlement {
    const open = openHold(hold);
    assert(actual >= 0n, 'what was spent is not negative');
    open.isOpen = false;
    const over: string[] = [];
    const crossed: string[] = [];
    for (const { balance, piece } of open.pieces) {
      const wasWithin = balance.isWithin;
      balance.settle(piece, open.amountNanoUsd, actual);
      if (wasWithin && !balance.isWithin) crossed.push(balance.scope.id);
      this.#note(balance);
      if (!balance.fits(0n)) over.push(balance.scope.id);
    }
    for (const cover of open.covers) {
      const { balance, piece } = presentOf(cover);
      balance.settle(piece, cover.amountNanoUsd, 0n);
      this.#note(balance);
    }
    const overshoot = actual - open.amountNanoUsd;
    return { overshootNanoUsd: nanoUsd(overshoot > 0n ? overshoot : 0n), over, crossed };
  }

  /**
   * Takes a hold for spent whose end could not be recorded: the most that it can have cost, as the ledger will say once the next start finds its intent
   * without a final. Until then the ledger does not have it.
   */
  forfeit(hold: Hold, most: NanoUsd): void {
    for (const { balance, piece } of openHold(hold).pieces) balance.unrecord(piece, most);
    this.settle(hold, most);
  }

  /** Gives a hold back unspent. */
  release(hold: Hold): void {
    this.settle(hold, nanoUsd(0n));
  }

  /**
   * Counts what was used without a hold, such as the capacity of a job, where its record names it: in the window, or the piece, in which its use began. One
   * that is over no longer changes. Nothing is refused: it was used. @returns budgets, hard or soft, whose cap is now exceeded.
   */
  charge(buckets: readonly BudgetBucket[], actual: NanoUsd): readonly string[] {
    assert(actual >= 0n, 'what was used is not negative');
    const over: string[] = [];
    for (const [id, fromMs] of buckets) {
      const [balance] = this.#balancesOf([id], fromMs);
      if (balance === undefined) continue;
      const piece = balance.pieceAt(fromMs);
      if (piece !== null) balance.spend(piece, actual);
      else if (balance.isOf(fromMs)) balance.spendOver(actual);
      else continue;
      this.#note(balance);
      if (!balance.fits(0n)) over.push(id);
    }
    return over;
  }

  /** What the tightest hard budget among these has left; null where none is hard. */
  remaining(scopeIds: readonly string[], nowMs: number): NanoUsd | null {
    let least: bigint | null = null;
    for (const id of scopeIds) {
      const scope = this.#scopeOf(id);
      if (!scope?.hard) continue;
      const balance = this.#current(scope, nowMs);
      this.#note(balance);
      const left = balance.remaining();
      if (least === null || left < least) least = left;
    }
    return least === null ? null : nanoUsd(least);
  }

  /** Where one budget stands; null where there is none of this id. */
  standing(id: string, nowMs: number): BudgetStanding | null {
    const [balance] = this.#balancesOf([id], nowMs);
    return balance?.standing() ?? null;
  }

  /** What one budget has spent as far as the ledger has records of it, by where each piece of its window begins; the one that runs is the last. */
  recorded(id: string, nowMs: number): ReadonlyMap<number, bigint> {
    return this.#balancesOf([id], nowMs)[0]?.recorded() ?? new Map<number, bigint>();
  }

  /**
   * The budgets among these that something at this moment draws on, with the start of their windows, or of the piece of a rolling one; a piece that is over is
   * none.
   */
  bucketsAt(scopeIds: readonly string[], atMs: number): readonly BudgetBucket[] {
    return scopeIds.flatMap((id): readonly BudgetBucket[] => {
      const scope = this.#scopeOf(id);
      if (!scope) return [];
      const { fromMs } = pieceAt(scope.window, atMs, scope.timeZone);
      const balance = this.#balances.get(id);
      const isOver = balance?.isOf(fromMs) === true && balance.pieceAt(fromMs) === null;
      return isOver ? [] : [[id, fromMs]];
    });
  }

  /** Says what this replica may spend of a shared budget in a window. A window that is over, or a budget that is gone, is passed over. */
  allow(id: string, windowFromMs: number, allowance: Allowance): void {
    const balance = this.#begunBalance(id, windowFromMs);
    if (!balance) return;
    balance.allow(allowance);
    // What may spend nothing takes part again when something happens in it.
    if (allowance.grantedNanoUsd !== 0n) this.#note(balance);
  }

  /** Says what all replicas have spent of a shared budget in a window, hard or soft. */
  learn(id: string, windowFromMs: number, fleet: FleetSpend): void {
    this.#begunBalance(id, windowFromMs)?.learn(fleet);
  }

  /** Says that so much of what was spent here in a window, or in a piece of a rolling one, is in the database now, and no longer of the allowance. */
  shipped(id: string, pieceFromMs: number, amount: bigint): void {
    const balance = this.#balances.get(id) ?? this.#left.get(id);
    if (balance?.shipped(pieceFromMs, amount) === true) this.#note(balance);
  }

  /**
   * The database is about to count the running window of a shared budget from the attempts.
   * @returns what says that it has counted, as it told when this was last learnt: whatever window they name, of what it has by now.
   */
  beginCount(id: string): () => void {
    const balance = this.#balances.get(id);
    if (balance === undefined) return () => {};
    const { uncounted } = balance;
    return () => balance.counted(uncounted);
  }

  /**
   * What the running windows of shared budgets came to since this was last asked: of those in which something was held, spent or allowed since, or is still.
   * These and no others take part in a turn of leases.
   */
  draws(wanted: readonly string[], nowMs: number): readonly BudgetDraw[] {
    for (const balance of this.#balancesOf([...new Set([...wanted, ...this.#left.keys()])], nowMs)) this.#note(balance);
    const draws: BudgetDraw[] = [];
    for (const balance of this.#drawn) {
      this.#drawn.delete(balance);
      if (this.#balances.get(balance.scope.id) !== balance || nowMs >= balance.window.untilMs) continue;
      balance.advance(nowMs);
      draws.push(balance.draw());
    }
    return draws;
  }

  /** What is free of the allowances of running windows. */
  allowances(): readonly OpenAllowance[] {
    return [...this.#drawn]
      .filter((balance) => balance.scope.hard && this.#balances.get(balance.scope.id) === balance)
      .map(({ allowance }) => allowance);
  }

  /**
   * A window that is over is leased no more: what is wanted of it beyond its lease is held in the one that runs, as well.
   * @param covers gets what was held there. @returns what stands against it: then nothing was taken.
   */
  #take(
    pieces: readonly HeldPiece[],
    amount: NanoUsd,
    monotonicMs: number,
    covers: Cover[] = [],
  ): BudgetRefusal | null {
    const covering: HeldPiece[] = [];
    for (const { balance, piece } of pieces) {
      let refusal = balance.refusal(piece, amount, monotonicMs);
      const running = this.#balances.get(balance.scope.id);
      if (refusal?.reason === 'lease' && running !== undefined && running !== balance) {
        refusal = running.refusal(running.running, amount, monotonicMs);
        covering.push({ balance: running, piece: running.running });
      }
      if (refusal === null) continue;
      // Others may have less in it than when that was last learnt.
      this.#note(running ?? balance);
      return refusal;
    }
    for (const { balance, piece } of [...pieces, ...covering]) {
      balance.hold(piece, amount);
      this.#note(balance);
    }
    for (const held of covering) covers.push({ ...held, amountNanoUsd: amount });
    return null;
  }

  #note(balance: WindowBalance): void {
    if (!this.#isShared) return;
    this.#drawn.add(balance);
    const { id } = balance.scope;
    if (balance.isDrained && this.#left.get(id) === balance) this.#left.delete(id);
  }

  #inherit(next: WindowBalance, left: WindowBalance): void {
    next.inherit(left);
    this.#left.delete(left.scope.id);
    this.#note(next);
  }

  #leave(id: string): void {
    const balance = this.#balances.get(id);
    this.#balances.delete(id);
    if (this.#isShared && balance?.isDrained === false) this.#left.set(id, balance);
  }

  /** Begins the window where none is running yet. */
  #begunBalance(id: string, windowFromMs: number): WindowBalance | null {
    const scope = this.#scopeOf(id);
    if (scope && !this.#balances.has(id)) this.#current(scope, windowFromMs);
    return this.#runningBalance(id, windowFromMs);
  }

  #runningBalance(id: string, windowFromMs: number): WindowBalance | null {
    const balance = this.#balances.get(id);
    return balance?.window.fromMs === windowFromMs ? balance : null;
  }

  #scopeOf(id: string): BudgetScope | undefined {
    return this.#scopes.get(id) ?? this.#endUsers.get(id);
  }

  #rescope(scope: BudgetScope): void {
    const balance = this.#balances.get(scope.id);
    if (balance !== undefined) balance.scope = scope;
  }

  /** Begins the budget of an end user who was not seen here yet. */
  #begin(id: string, nowMs: number): void {
    this.#ensure(id, nowMs);
    const scope = this.#endUsers.get(id);
    if (scope !== undefined) this.#current(scope, nowMs);
  }

  /** @returns false where there is no room for one more end user. */
  #ensure(id: string, nowMs: number): boolean {
    const isThere = this.#endUsers.get(id) !== undefined;
    const scope = this.#endUsers.ensure(id, (old) => this.#forgets(old, nowMs));
    if (scope === undefined) return false;
    if (!isThere && this.#unknownUsersOf.has(scope.holder ?? '')) this.#current(scope, nowMs).forget();
    return true;
  }

  /** Forgets a budget of which nothing is held, spent or allowed. @returns false where something is, or where that is not known. */
  #forgets(id: string, nowMs: number): boolean {
    const [balance] = this.#balancesOf([id], nowMs);
    if (balance?.isEmpty === false) return false;
    this.#balances.delete(id);
    return true;
  }

  #balancesOf(scopeIds: readonly string[], nowMs: number): readonly WindowBalance[] {
    const balances: WindowBalance[] = [];
    for (const id of scopeIds) {
      const scope = this.#scopeOf(id);
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
    if (balance && nowMs < balance.window.untilMs) {
      balance.advance(nowMs);
      return balance;
    }
    const window = balanceWindow(scope.window, nowMs, scope.timeZone);
    const next = new WindowBalance(scope, window, this.#isShared, nowMs);
    this.#balances.set(scope.id, next);
    const left = this.#left.get(scope.id);
    if (left !== undefined) this.#inherit(next, left);
    return next;
  }
}

const openHold = (hold: Hold): OpenHold => {
  assert(hold instanceof OpenHold, 'a hold comes from these budgets');
  assert(hold.isOpen, 'a hold is settled exactly once');
  return hold;
};
