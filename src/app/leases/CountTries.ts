/** Pause after the first failure, doubled by each further one up to the largest. Milliseconds. */
const pauseMs = 1_000;
const pauseMsMax = 300_000;

/** When a count that failed is tried again: later and later, since it may take long, and until one succeeds. Instants in monotonic milliseconds. */
export class CountTries {
  #pauseMs = 0;
  #againMs = -Infinity;

  isDue(monotonicMs: number): boolean {
    return monotonicMs >= this.#againMs;
  }

  /** @returns whether it is the first failure since a count succeeded. */
  failed(monotonicMs: number): boolean {
    const isFirst = this.#pauseMs === 0;
    this.#pauseMs = isFirst ? pauseMs : Math.min(this.#pauseMs * 2, pauseMsMax);
    this.#againMs = monotonicMs + this.#pauseMs;
    return isFirst;
  }

  succeeded(): void {
    this.#pauseMs = 0;
    this.#againMs = -Infinity;
  }
}
