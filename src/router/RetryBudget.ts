const windowSeconds = 60;

export interface RetryBudgetLimits {
  /** Extra calls allowed per first call of the last 60 s. */
  readonly share: number;
  /** Least size of the reserve; it grows to the peak concurrency, so that all requests in flight may move on once. */
  readonly reserveMin: number;
  readonly refillPerSecond: number;
}

export const defaultRetryBudgetLimits: RetryBudgetLimits = { share: 0.1, reserveMin: 100, refillPerSecond: 10 };

export interface RetryBudgetStanding {
  /** First calls in the last 60 s. */
  readonly calls: number;
  /** Extra calls in the last 60 s that were paid by the share of calls. */
  readonly retries: number;
  readonly reserve: number;
  readonly reserveLeft: number;
  readonly concurrency: number;
  readonly peakConcurrency: number;
  /** Extra calls that were refused since the start. */
  readonly refused: number;
}

/**
 * Keeps retries from amplifying an outage. Over any window of w seconds extra calls are at most
 * share x first calls (of the window and the 60 s before it) + the largest reserve + refill x w.
 * All times are monotonic milliseconds.
 */
export class RetryBudget {
  readonly #limits: RetryBudgetLimits;
  // One cell a second, a ring of 60: the sums are kept, so that no call walks over the window.
  readonly #calls = new Float64Array(windowSeconds);
  readonly #retries = new Float64Array(windowSeconds);
  readonly #peaks = new Float64Array(windowSeconds);
  #callsSum = 0;
  #retriesSum = 0;
  #second = 0;
  #concurrency = 0;
  #reserveUsed = 0;
  #refilledAtMs = 0;
  #refused = 0;

  constructor(limits: Partial<RetryBudgetLimits> = {}) {
    this.#limits = { ...defaultRetryBudgetLimits, ...limits };
  }

  /** A request makes its first call upstream. Its later calls are the extra ones and must not be told here. */
  called(nowMs: number): void {
    const cell = this.#advance(nowMs);
    this.#calls[cell] = (this.#calls[cell] ?? 0) + 1;
    this.#callsSum += 1;
  }

  requestStarted(nowMs: number): void {
    const cell = this.#advance(nowMs);
    this.#concurrency += 1;
    this.#peaks[cell] = Math.max(this.#peaks[cell] ?? 0, this.#concurrency);
  }

  requestEnded(nowMs: number): void {
    this.#advance(nowMs);
    this.#concurrency = Math.max(0, this.#concurrency - 1);
  }

  /** Takes leave for one extra call. @returns false when there is none: the request must end with what it has. */
  tryRetry(nowMs: number): boolean {
    const cell = this.#advance(nowMs);
    if (this.#retriesSum + 1 <= this.#limits.share * this.#callsSum) {
      this.#retries[cell] = (this.#retries[cell] ?? 0) + 1;
      this.#retriesSum += 1;
      return true;
    }
    if (this.#reserveUsed + 1 <= this.#reserve()) {
      this.#reserveUsed += 1;
      return true;
    }
    this.#refused += 1;
    return false;
  }

  standing(nowMs: number): RetryBudgetStanding {
    this.#advance(nowMs);
    const reserve = this.#reserve();
    return {
      calls: this.#callsSum,
      retries: this.#retriesSum,
      reserve,
      reserveLeft: Math.max(0, reserve - this.#reserveUsed),
      concurrency: this.#concurrency,
      peakConcurrency: this.#peak(),
      refused: this.#refused,
    };
  }

  /** What was taken is counted, not what is left: so the reserve grows with the concurrency at once, before an outage needs it. */
  #reserve(): number {
    return Math.max(this.#limits.reserveMin, this.#peak());
  }

  #peak(): number {
    let peak = 0;
    for (const cellPeak of this.#peaks) if (cellPeak > peak) peak = cellPeak;
    return peak;
  }

  /** Moves the window on to now. @returns the cell of this second. */
  #advance(nowMs: number): number {
    if (nowMs > this.#refilledAtMs) {
      const refilled = ((nowMs - this.#refilledAtMs) / 1_000) * this.#limits.refillPerSecond;
      this.#reserveUsed = Math.max(0, this.#reserveUsed - refilled);
      this.#refilledAtMs = nowMs;
    }
    const second = Math.floor(this.#refilledAtMs / 1_000);
    const steps = Math.min(windowSeconds, second - this.#second);
    for (let step = steps - 1; step >= 0; step--) this.#clear((second - step) % windowSeconds);
    this.#second = second;
    return second % windowSeconds;
  }

  #clear(cell: number): void {
    this.#callsSum -= this.#calls[cell] ?? 0;
    this.#retriesSum -= this.#retries[cell] ?? 0;
    this.#calls[cell] = 0;
    this.#retries[cell] = 0;
    this.#peaks[cell] = this.#concurrency;
  }
}
