import { assert, nanoUsd, type NanoUsd } from '../kernel/index.ts';
import { isRollingWindow } from '../vocabulary/index.ts';
import type { BudgetAmounts, BudgetRefusal, BudgetScope, BudgetStanding } from './budgetTypes.ts';
import { windowAt } from './budgetWindow.ts';
import type { CalendarWindow } from './calendarWindow.ts';
import { WindowPieces, type BalancePiece } from './WindowPieces.ts';

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

/** What is free of an allowance. */
export interface OpenAllowance {
  readonly id: string;
  readonly fromMs: number;
  readonly freeNanoUsd: bigint;
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
  /** What leases are of: a rolling window has one for ever. */
  readonly window: CalendarWindow;
  /** Start of the first piece whose spend counts now. */
  readonly spentFromMs: number;
  /** Spent here, and not in the database yet, as far as it has come. */
  readonly unshippedNanoUsd: bigint;
  readonly heldNanoUsd: bigint;
  readonly grantedNanoUsd: bigint;
  /** When the allowance ends. */
  readonly untilMonotonicMs: number;
  /** Spent here since the last question. */
  readonly drawnNanoUsd: bigint;
  /** Most that was held at a time since then. */
  readonly heldMostNanoUsd: bigint;
}

/** How long what was learnt of others holds for a refusal without a lease asked for. */
const learntMs = 1_000;

/** A balance in the place of another, and the piece of it that has what that one held. */
export interface Heir {
  readonly balance: WindowBalance;
  readonly piece: BalancePiece;
}

/**
 * One window of one budget. It outlives its window while holds made in it are open. A rolling window never ends, but what is too old leaves it piece by piece.
 */
export class WindowBalance {
  scope: BudgetScope;
  readonly #pieces: WindowPieces;
  readonly window: CalendarWindow;
  /** Whether a hard budget needs an allowance: others spend it, too. */
  readonly #isShared: boolean;
  spent = 0n;
  held = 0n;
  /** Part of `spent` that the ledger has no record of yet. */
  unrecorded = 0n;
  isKnown = true;
  /** Start of the piece in which what was spent became unknown. */
  #forgottenFromMs = 0;
  /** Whether what is spent was told by a database that all replicas share: what is too old leaves it there. */
  #isLearnt = false;
  /** Latest instant that it went on to, and that at which it last learnt. */
  #nowMs: number;
  #learntAtMs = -Infinity;
  /** Part of `spent` that was spent here and is not in the database. */
  #unshipped = 0n;
  /** What others held, or had spent that was not in the database, when that was last learnt. */
  #others = 0n;
  #granted = 0n;
  #untilMonotonicMs = -Infinity;
  #drawn = 0n;
  #heldMost = 0n;
  /** Held in pieces that are over. */
  #heldOver = 0n;
  /** Part of what was spent here that the database has as of the window before. */
  #uncounted = 0n;
  /** What this one goes on with. */
  #before: WindowBalance | null = null;
  /** Where what is held here goes on, once its budget counts anew. */
  heir: Heir | null = null;

  constructor(scope: BudgetScope, window: CalendarWindow, isShared: boolean, nowMs: number) {
    this.scope = scope;
    this.window = window;
    this.#isShared = isShared;
    this.#nowMs = nowMs;
    this.#pieces = new WindowPieces(scope.window, nowMs, scope.timeZone);
  }

  /** The piece that holds made now belong to. */
  get running(): BalancePiece {
    return this.#pieces.running;
  }

  /** The piece of an instant; null for one that is over. */
  pieceAt(atMs: number): BalancePiece | null {
    return this.#pieces.at(atMs);
  }

  /** Whether what a record names with this start is counted here, or was once: a rolling window has one lease for all its pieces. */
  isOf(bucketFromMs: number): boolean {
    return isRollingWindow(this.scope.window) || bucketFromMs === this.window.fromMs;
  }

  /** Goes on to an instant: what became too old counts no more. */
  advance(nowMs: number): void {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    for (const piece of this.#pieces.advance(nowMs)) {
      if (!this.#isLearnt) this.spent -= piece.spent;
      this.held -= piece.held;
      this.#heldOver += piece.held;
      this.unrecorded -= piece.unrecorded;
      const isForgottenOver = piece.span.fromMs >= this.#forgottenFromMs;
      if (isForgottenOver) this.isKnown = true;
    }
  }

  /** From now on nobody knows what was spent: until it is told, or all of that is over. */
  forget(): void {
    this.isKnown = false;
    this.#forgottenFromMs = this.running.span.fromMs;
  }

  /** What was spent as far as the ledger has records of it, by where each piece begins; the running one is the last. */
  recorded(): ReadonlyMap<number, bigint> {
    return new Map(this.#pieces.inOrder.map(({ span, spent, unrecorded }) => [span.fromMs, spent - unrecorded]));
  }

  /** Whether no more than its cap is spent. */
  get isWithin(): boolean {
    return this.spent <= this.scope.capNanoUsd;
  }

  fits(more: bigint): boolean {
    return this.spent + this.held + more <= this.scope.capNanoUsd;
  }

  /** What stands against a hold of so much in a piece, and in every window that it is of; null where nothing does. */
  refusal(piece: BalancePiece, more: bigint, monotonicMs: number): BudgetRefusal | null {
    const reason = this.#reason(piece, more, monotonicMs);
    return reason === null ? null : { ...this.#amounts(), reason, remainingNanoUsd: nanoUsd(this.#lastRemaining) };
  }

  standing(): BudgetStanding {
    return {
      ...this.#amounts(),
      windowFromMs: this.window.fromMs,
      recordedNanoUsd: nanoUsd(this.spent - this.unrecorded),
      hard: this.scope.hard,
      remainingNanoUsd: nanoUsd(this.#lastRemaining),
    };
  }

  /**
   * What may be left of it over all replicas. Of a shared budget this one may spend less of it for the moment, and what others held when that was last learnt
   * counts only for a moment: it takes a lease to know.
   */
  remaining(): bigint {
    const others = this.#isLearntNow ? this.#others : 0n;
    return atLeastZero(this.scope.capNanoUsd - this.#spentForSure - this.held - others);
  }

  /** The same as it was when it was last learnt. */
  get #lastRemaining(): bigint {
    return atLeastZero(this.scope.capNanoUsd - this.spent - this.held - this.#others);
  }

  get #isLearntNow(): boolean {
    return this.#isLearnt && this.#nowMs - this.#learntAtMs <= learntMs;
  }

  /** What others spent in a rolling window may have become too old since it was learnt. */
  get #spentForSure(): bigint {
    if (!this.#isLearnt || this.#isLearntNow || !isRollingWindow(this.scope.window)) return this.spent;
    return this.#pieces.inOrder.reduce((sum, { spent }) => sum + spent, 0n);
  }

  hold(piece: BalancePiece, amount: bigint): void {
    piece.held += amount;
    if (piece.isOver) {
      this.#heldOver += amount;
      return;
    }
    this.held += amount;
    if (this.held > this.#heldMost) this.#heldMost = this.held;
  }

  settle(piece: BalancePiece, held: bigint, actual: bigint): void {
    piece.held -= held;
    assert(piece.held >= 0n, 'what is held is not negative');
    if (piece.isOver) this.#heldOver -= held;
    else this.held -= held;
    this.spend(piece, actual);
  }

  spend(piece: BalancePiece, actual: bigint): void {
    this.count(piece, actual);
    this.#unshipped += actual;
    this.#drawn += actual;
  }

  /** The same in a piece that is over: it counts no more, but the database takes it from the allowance when it is shipped. */
  spendOver(actual: bigint): void {
    this.#unshipped += actual;
  }

  /** Counts as spent what is in the database. @param by negative where less is. */
  count(piece: BalancePiece, by: bigint): void {
    piece.spent += by;
    if (!piece.isOver) this.spent += by;
    assert(this.spent >= 0n, 'what was spent is not negative');
  }

  /** Sets right what a piece has spent. Of the whole a shared database has told already, with what others spend. */
  correct(piece: BalancePiece, by: bigint): void {
    if (this.#isLearnt) piece.spent += by;
    else this.count(piece, by);
    this.isKnown = true;
  }

  /** Says of what was spent that the ledger has no record of it yet. */
  unrecord(piece: BalancePiece, amount: bigint): void {
    piece.unrecorded += amount;
    if (!piece.isOver) this.unrecorded += amount;
  }

  /**
   * What was spent here is in the database now, which took it from the allowance. What was held in the balance before this one is there too, but as of another
   * window: until the attempts are counted anew, nobody else knows that it counts here, and it stays as it is.
   * @returns whether it was of this one.
   */
  shipped(bucketFromMs: number, amount: bigint): boolean {
    const isOf = this.isOf(bucketFromMs);
    if (!isOf && this.#before?.isOf(bucketFromMs) !== true) return false;
    const own = leastOf(amount, this.#unshipped - this.#uncounted);
    if (isOf) {
      // What an earlier process had spent was never of this one.
      this.#unshipped -= own;
      this.#granted -= own;
    } else this.#uncounted += own;
    return true;
  }

  /** Part of what was spent here that the database has as of another window: until that is counted from the attempts anew it stays as it is. */
  get uncounted(): bigint {
    return this.#uncounted;
  }

  /** So much of it was counted: whatever window the attempts name. */
  counted(amount: bigint): void {
    const by = leastOf(amount, this.#uncounted);
    this.#unshipped -= by;
    this.#granted -= by;
    this.spent -= by;
    this.#uncounted -= by;
  }

  /** Goes on with what is held in a balance of the same budget as it was before, and with what was spent there that the database does not have. */
  inherit(before: WindowBalance): void {
    const piece = this.running;
    this.hold(piece, before.held + before.#heldOver);
    this.count(piece, before.#unshipped);
    this.unrecord(piece, before.unrecorded);
    this.#unshipped += before.#unshipped;
    this.#before = before;
    before.#before = null;
    before.heir = { balance: this, piece };
  }

  allow({ grantedNanoUsd, untilMonotonicMs }: Allowance): void {
    this.#granted = grantedNanoUsd;
    this.#untilMonotonicMs = untilMonotonicMs;
  }

  learn({ spentNanoUsd, othersNanoUsd }: FleetSpend): void {
    this.spent = spentNanoUsd + this.#unshipped;
    this.#others = othersNanoUsd;
    this.isKnown = true;
    this.#isLearnt = true;
    this.#learntAtMs = this.#nowMs;
  }

  /** What it came to since this was last asked. */
  draw(): BudgetDraw {
    const draw: BudgetDraw = {
      scope: this.scope,
      window: this.window,
      spentFromMs: this.#spentFromMs,
      unshippedNanoUsd: this.#unshipped,
      heldNanoUsd: this.held + this.#heldOver,
      grantedNanoUsd: this.#granted,
      untilMonotonicMs: this.#untilMonotonicMs,
      drawnNanoUsd: this.#drawn,
      heldMostNanoUsd: this.#heldMost,
    };
    this.#drawn = 0n;
    this.#heldMost = this.held;
    return draw;
  }

  get #spentFromMs(): number {
    const { window, timeZone } = this.scope;
    return windowAt(window, this.running.span.fromMs, timeZone).fromMs;
  }

  /** Whether nothing of it is under way: nothing is held, and the database has all that was spent here. */
  get isDrained(): boolean {
    return this.held + this.#heldOver === 0n && this.#unshipped === 0n;
  }

  /** Whether nothing is lost where it is forgotten: nothing may be spent of it, and what was spent is nothing, or is told again by a database that others share. */
  get isEmpty(): boolean {
    if (!this.isKnown) return false;
    return this.#isShared ? this.isDrained && this.#granted <= 0n : this.spent === 0n && this.held === 0n;
  }

  get allowance(): OpenAllowance {
    const { scope, window } = this;
    return {
      id: scope.id,
      fromMs: window.fromMs,
      freeNanoUsd: this.#free,
      untilMonotonicMs: this.#untilMonotonicMs,
    };
  }

  get #isLeased(): boolean {
    return this.#isShared && this.scope.hard;
  }

  get #free(): bigint {
    return this.#granted - this.#unshipped - this.held - this.#heldOver;
  }

  #reason(piece: BalancePiece, more: bigint, monotonicMs: number): BudgetRefusal['reason'] | null {
    if (!this.scope.hard) return null;
    if (!this.isKnown && !this.#isLeased) return 'unknown';
    if (this.isKnown && this.#mostWith(piece) + more > this.scope.capNanoUsd) return 'cap';
    const isAllowed = !this.#isLeased || more === 0n || (monotonicMs < this.#untilMonotonicMs && more <= this.#free);
    return isAllowed ? null : 'lease';
  }

  /** Most that is spent and held of any window that a piece is of. What others had spent in windows that are over is not known here. */
  #mostWith(piece: BalancePiece): bigint {
    const now = piece.isOver ? 0n : this.#spentForSure + this.held;
    const most = piece === this.running ? now : this.#pieces.mostWith(piece);
    return most > now ? most : now;
  }

  #amounts(): BudgetAmounts {
    return {
      scope: this.scope.id,
      capNanoUsd: this.scope.capNanoUsd,
      spentNanoUsd: nanoUsd(this.spent),
      heldNanoUsd: nanoUsd(this.held),
      resetsAtMs: this.#pieces.resetsAtMs,
      isKnown: this.isKnown,
    };
  }
}

const leastOf = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
