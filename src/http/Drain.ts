/** How long a server that ends waits. Milliseconds. */
export interface DrainTimes {
  /** Requests are still taken: balancers need a moment to notice that it leaves. */
  readonly lameDuckMs: number;
  /** After that, for running requests to end. */
  readonly drainMs: number;
  /** After that, for the words that tell what is left that it ends to leave. */
  readonly lastWordsMs: number;
}

export type DrainPhase = 'serving' | 'leaving' | 'refusing';

const nothing = (): void => {};

/** The way of a server to its end: it says that it leaves, takes nothing new, lets end what runs, and ends what is left. */
export class Drain {
  #phase: DrainPhase = 'serving';
  #inFlight = 0;
  #emptied: () => void = nothing;

  get phase(): DrainPhase {
    return this.#phase;
  }

  /** @returns to be called once when the request is over. What comes to be refused is not waited for: a busy client could hold the end up. */
  enter(): () => void {
    if (this.#phase === 'refusing') return nothing;
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#emptied();
    };
  }

  /**
   * @param hurry Ends every wait but the last one.
   * @param endRest Ends what still runs; called where something does.
   */
  async run(times: DrainTimes, hurry: AbortSignal | undefined, endRest: () => void): Promise<void> {
    this.#phase = 'leaving';
    await this.#wait(times.lameDuckMs, hurry, false);
    this.#phase = 'refusing';
    await this.#wait(times.drainMs, hurry, true);
    if (this.#inFlight === 0) return;
    endRest();
    await this.#wait(times.lastWordsMs, undefined, true);
  }

  /** Waits for a time, or for less: at most until somebody is in a hurry, or until nothing runs any more. */
  #wait(ms: number, hurry: AbortSignal | undefined, untilEmpty: boolean): Promise<void> {
    if (ms === 0 || hurry?.aborted === true || (untilEmpty && this.#inFlight === 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        hurry?.removeEventListener('abort', end);
        this.#emptied = nothing;
        resolve();
      };
      const timer = setTimeout(end, ms);
      hurry?.addEventListener('abort', end);
      if (untilEmpty) this.#emptied = end;
    });
  }
}
