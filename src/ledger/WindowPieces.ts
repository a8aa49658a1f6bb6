import { rollingLengthMs } from '../vocabulary/index.ts';
import { pieceAt, type BudgetWindow } from './budgetWindow.ts';
import type { CalendarWindow } from './calendarWindow.ts';

/** One piece of a window. It outlives its window while holds made in it are open. */
export class BalancePiece {
  readonly span: CalendarWindow;
  spent = 0n;
  held = 0n;
  /** Part of `spent` that the ledger has no record of yet. */
  unrecorded = 0n;
  /** It is no part of its window any more. */
  isOver = false;

  constructor(span: CalendarWindow) {
    this.span = span;
  }
}

/** The pieces that a window has now: of a calendar's one, which is all of it; of a rolling one those of the time that has just passed. */
export class WindowPieces {
  readonly #window: BudgetWindow;
  readonly #timeZone: string;
  /** Null for windows of the calendar. */
  readonly #lengthMs: number | null;
  readonly #byStart = new Map<number, BalancePiece>();
  /** Pieces that are over, in the order of time, as long as one in which something is held shares a window with them. */
  #over: readonly BalancePiece[] = [];
  #running: BalancePiece;

  constructor(window: BudgetWindow, nowMs: number, timeZone: string) {
    this.#window = window;
    this.#timeZone = timeZone;
    this.#lengthMs = rollingLengthMs(window);
    this.#running = this.#begin(nowMs);
  }

  /** The piece that what happens now belongs to. */
  get running(): BalancePiece {
    return this.#running;
  }

  /** In the order of time; the running one is the last. */
  get inOrder(): readonly BalancePiece[] {
    return [...this.#byStart.values()].sort((one, other) => one.span.fromMs - other.span.fromMs);
  }

  /** Goes on to an instant of a rolling window; a clock that goes back changes nothing. @returns pieces that are no part of it any more. */
  advance(nowMs: number): readonly BalancePiece[] {
    if (this.#lengthMs === null || nowMs < this.#running.span.untilMs) return [];
    this.#running = this.#begin(nowMs);
    const oldestFromMs = this.#running.span.fromMs - this.#lengthMs;
    const over = this.inOrder.filter(({ span }) => span.fromMs < oldestFromMs);
    for (const piece of over) {
      piece.isOver = true;
      this.#byStart.delete(piece.span.fromMs);
    }
    this.#over = this.#sharing([...this.#over, ...over], this.#lengthMs);
    return over;
  }

  /** Most that any window has spent and holds which this piece is of, be it over or not. */
  mostWith(piece: BalancePiece): bigint {
    const lengthMs = this.#lengthMs ?? 0;
    const atMs = piece.span.fromMs;
    const near = [...this.#over, ...this.inOrder].filter(({ span }) => Math.abs(span.fromMs - atMs) <= lengthMs);
    let most = 0n;
    let sum = 0n;
    let next = 0;
    for (const first of near) {
      if (first.span.fromMs > atMs) break;
      for (; ; next += 1) {
        const last = near[next];
        if (last === undefined || last.span.fromMs > first.span.fromMs + lengthMs) break;
        sum += takenOf(last);
      }
      if (sum > most) most = sum;
      sum -= takenOf(first);
    }
    return most;
  }

  /** The piece of an instant; null for one that is over. What lies ahead is of the running one. */
  at(atMs: number): BalancePiece | null {
    if (atMs >= this.#running.span.fromMs) return this.#running;
    if (this.#lengthMs === null) return null;
    const span = pieceAt(this.#window, atMs, this.#timeZone);
    if (span.fromMs < this.#running.span.fromMs - this.#lengthMs) return null;
    return this.#byStart.get(span.fromMs) ?? this.#keep(new BalancePiece(span));
  }

  /** When something of what was spent or is held is no part of the window any more; null where that never comes. */
  get resetsAtMs(): number | null {
    const { untilMs } = this.#running.span;
    if (this.#lengthMs === null) return Number.isFinite(untilMs) ? untilMs : null;
    const used = this.inOrder.find(({ spent, held }) => spent > 0n || held > 0n);
    return (used ?? this.#running).span.untilMs + this.#lengthMs;
  }

  /** Those of the pieces that are over whose windows may still be drawn on. */
  #sharing(over: readonly BalancePiece[], lengthMs: number): readonly BalancePiece[] {
    const held = [...over, ...this.inOrder].find((piece) => piece.held > 0n);
    return held === undefined ? [] : over.filter(({ span }) => span.fromMs >= held.span.fromMs - lengthMs);
  }

  #begin(nowMs: number): BalancePiece {
    return this.#keep(new BalancePiece(pieceAt(this.#window, nowMs, this.#timeZone)));
  }

  #keep(piece: BalancePiece): BalancePiece {
    this.#byStart.set(piece.span.fromMs, piece);
    return piece;
  }
}

const takenOf = ({ spent, held }: BalancePiece): bigint => spent + held;
