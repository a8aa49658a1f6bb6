import type { Clock } from '../../kernel/index.ts';
import type { JsonObject } from '../json.ts';
import { sandboxLimits } from '../limits.ts';

/** A conversation that the vendor holds: the request so far, its answer as the last message. */
export interface Thread {
  readonly model: string;
  readonly messages: readonly unknown[];
  /** `system` and `tools`, which a continuing request need not repeat. */
  readonly settings: JsonObject;
}

/** Conversations by the id of their last answer, for an hour, the newest only. */
export class ThreadStore {
  readonly #clock: Clock;
  readonly #threads = new Map<string, { readonly thread: Thread; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  keep(messageId: string, thread: Thread): void {
    this.#threads.delete(messageId);
    this.#threads.set(messageId, { thread, untilMs: this.#clock.monotonicMs() + sandboxLimits.threadMs });
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= sandboxLimits.threads) return;
      this.#threads.delete(oldest);
    }
  }

  find(messageId: string): Thread | null {
    const kept = this.#threads.get(messageId);
    return kept === undefined || kept.untilMs <= this.#clock.monotonicMs() ? null : kept.thread;
  }
}
