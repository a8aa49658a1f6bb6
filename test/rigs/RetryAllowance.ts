import { setTimeout as pause } from 'node:timers/promises';

// What a gateway allows itself: a tenth of its calls, and a reserve that fills again.
const share = 0.1;
const reserve = 100;
const refillPerSecond = 10;

/**
 * What is left of a gateway's retry budget, reckoned from outside. Each outage is to be one by itself, and not the next of a row that the budget
 * is there to end: whoever begins one waits until there is room for it.
 */
export class RetryAllowance {
  #used = 0;
  #atMs = performance.now();

  /** Told of what an outage cost, once it is over. */
  spend(extraCalls: number, calls: number): void {
    this.#refill();
    this.#used += Math.max(0, extraCalls - calls * share);
  }

  /** Resolves once so many extra calls are to be had. */
  async room(extraCalls: number): Promise<void> {
    this.#refill();
    const missing = this.#used + extraCalls - reserve;
    if (missing > 0) await pause((missing / refillPerSecond) * 1_000);
  }

  #refill(): void {
    const nowMs = performance.now();
    this.#used = Math.max(0, this.#used - ((nowMs - this.#atMs) / 1_000) * refillPerSecond);
    this.#atMs = nowMs;
  }
}

/** Most extra calls of an outage: the retry budget's own bound. */
export const extraCallsMax = (requests: number, concurrency: number, seconds: number): number =>
  requests * share + Math.max(reserve, concurrency) + refillPerSecond * seconds;
