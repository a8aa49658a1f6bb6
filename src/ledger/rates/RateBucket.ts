const minuteMs = 60_000;
/** When to ask again where others must act first. */
export const askAgainMs = 1_000;

/**
 * A bucket that holds a minute's worth and fills evenly. Below 0 it is in debt, which it pays off before it lets anything through.
 * Its level counts sixty-thousandths of a unit, of which `limit` flow in each whole millisecond: integers, so that what a refusal promises comes true.
 */
export class RateBucket {
  #limit: number;
  #level: number;
  #atMs: number;

  constructor(limit: number, nowMs: number) {
    this.#limit = limit;
    this.#level = limit * minuteMs;
    this.#atMs = Math.floor(nowMs);
  }

  get limit(): number {
    return this.#limit;
  }

  /** Lets flow in what came since the last look. A new limit keeps what is owed and takes off what no longer fits. */
  fill(limit: number, nowMs: number): void {
    const wholeMs = Math.floor(nowMs);
    if (wholeMs > this.#atMs) {
      this.#level += (wholeMs - this.#atMs) * this.#limit;
      this.#atMs = wholeMs;
    }
    this.#limit = limit;
    this.#level = Math.min(this.#full, this.#level);
  }

  /**
   * Milliseconds until these units fit, 0 where they do: more than a minute's worth is let through by a full bucket, else it could never be asked for.
   * Of no limit at all nothing is let through, and nobody knows when that changes: when to ask again.
   */
  waitMs(units: number): number {
    if (this.#limit === 0) return units > 0 ? askAgainMs : 0;
    const needed = Math.min(units, this.#limit) * minuteMs;
    return needed <= this.#level ? 0 : Math.ceil((needed - this.#level) / this.#limit);
  }

  /** Takes units, or puts them back where they are negative; a full bucket stays full. */
  take(units: number): void {
    this.#level = Math.min(this.#full, this.#level - units * minuteMs);
  }

  /** Whole units that are there. */
  get remaining(): number {
    return Math.max(0, Math.floor(this.#level / minuteMs));
  }

  /** Milliseconds until it is full. */
  get resetMs(): number {
    return this.#limit === 0 ? askAgainMs : Math.ceil((this.#full - this.#level) / this.#limit);
  }

  /** How full it is: 1 when nothing is missing, below 0 in debt. */
  get share(): number {
    return this.#limit === 0 ? Math.min(1, 1 + this.#level) : this.#level / this.#full;
  }

  get #full(): number {
    return this.#limit * minuteMs;
  }
}
