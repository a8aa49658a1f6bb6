/** Why an answer is not wanted any more: its client left, its time is over, its key has ended, or the server ends. */
export type AbandonReason = 'gone' | 'deadline' | 'key' | 'shutdown';

/** Whether the answer to a request is still wanted. An AbortSignal without its events: there is one for each request, and most are never used. */
export class Abandonment {
  #reason: AbandonReason | null = null;
  readonly #listeners = new Set<() => void>();

  /** Null as long as the answer is wanted. */
  get reason(): AbandonReason | null {
    return this.#reason;
  }

  /** Tells all listeners, once: the first reason counts. */
  abandon(reason: AbandonReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  /** Calls back when it happens; where it has happened already, never: that is asked first. */
  listen(listener: () => void): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
