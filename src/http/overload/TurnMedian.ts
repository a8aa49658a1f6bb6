interface Look {
  readonly turnMs: number;
  readonly elapsedMs: number;
}

/** How long turns of the event loop have been of late: half of the time went into turns that were at least so long. */
export class TurnMedian {
  readonly #windowMs: number;
  readonly #looks: Look[] = [];
  #totalMs = 0;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(turnMs: number, elapsedMs: number): void {
    this.#looks.push({ turnMs, elapsedMs });
    this.#totalMs += elapsedMs;
    for (let first = this.#looks[0]; first !== undefined; first = this.#looks[0]) {
      if (this.#totalMs - first.elapsedMs < this.#windowMs) return;
      this.#totalMs -= first.elapsedMs;
      this.#looks.shift();
    }
  }

  /** Zero until there has been time enough to tell. Milliseconds. */
  get median(): number {
    if (this.#totalMs < this.#windowMs) return 0;
    let left = this.#totalMs / 2;
    for (const { turnMs, elapsedMs } of this.#looks.toSorted((one, other) => other.turnMs - one.turnMs)) {
      left -= elapsedMs;
      if (left <= 0) return turnMs;
    }
    return 0;
  }
}
