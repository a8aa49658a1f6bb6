/** Slots of figures, each written by one worker only. */
const slots = ['searchUpper', 'searchLower', 'boundLower'] as const;
type Slot = (typeof slots)[number];

const figureBytes = Float64Array.BYTES_PER_ELEMENT;
const flagBytes = Int32Array.BYTES_PER_ELEMENT;
const stopFlag = 0;
const settledFlag = 1;
const provingFlag = 2;
const flagCount = 3;

/** What the workers of one plan know of each other while they compute and hear no messages. */
export class Sharing {
  readonly buffer: SharedArrayBuffer;
  readonly #figures: Float64Array;
  readonly #flags: Int32Array;

  /** @param buffer Of the other side; absent for a new one. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(slots.length * figureBytes + flagCount * flagBytes);
    this.#figures = new Float64Array(this.buffer, 0, slots.length);
    this.#flags = new Int32Array(this.buffer, slots.length * figureBytes, flagCount);
    if (buffer === undefined) this.#figures.set([Infinity, -Infinity, -Infinity]);
  }

  /** Cost of the best plan that was evaluated exactly, or Infinity. */
  get upper(): number {
    return this.#figures[slots.indexOf('searchUpper')] ?? Infinity;
  }

  /** The best lower bound, or -Infinity. */
  get lower(): number {
    return Math.max(
      this.#figures[slots.indexOf('searchLower')] ?? -Infinity,
      this.#figures[slots.indexOf('boundLower')] ?? -Infinity,
    );
  }

  get stopped(): boolean {
    return Atomics.load(this.#flags, stopFlag) === 1;
  }

  get settled(): boolean {
    return Atomics.load(this.#flags, settledFlag) === 1;
  }

  /** Keeps the better of what a slot has and a new figure: the lower one of costs, the higher one of bounds. */
  improve(slot: Slot, figure: number): void {
    if (Number.isNaN(figure)) return;
    const at = slots.indexOf(slot);
    const now = this.#figures[at] ?? 0;
    if (slot === 'searchUpper' ? figure < now : figure > now) this.#figures[at] = figure;
  }

  stop(): void {
    Atomics.store(this.#flags, stopFlag, 1);
    Atomics.notify(this.#flags, stopFlag);
  }

  /** Whether the worker of the bound is at work, or will be. */
  get proving(): boolean {
    return Atomics.load(this.#flags, provingFlag) === 0;
  }

  /** The worker of the bound has ended. */
  proved(): void {
    Atomics.store(this.#flags, provingFlag, 1);
  }

  /** Blocks this thread until the search is stopped, at most so long. */
  sleep(ms: number): void {
    Atomics.wait(this.#flags, stopFlag, 0, ms);
  }

  settle(): void {
    Atomics.store(this.#flags, settledFlag, 1);
  }
}
