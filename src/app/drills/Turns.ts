import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../kernel/index.ts';

/** Longest work in one go. Milliseconds. */
const goMs = 4;

/** Long work on the thread that serves requests: between its steps whoever waits has a turn. */
export class Turns {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #sinceMs: number;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** After each step. @returns whether others had a turn. */
  async next(): Promise<boolean> {
    if (this.#clock.monotonicMs() - this.#sinceMs < goMs) return false;
    await turn();
    this.#sinceMs = this.#clock.monotonicMs();
    return true;
  }
}
