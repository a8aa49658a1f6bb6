import type { WorldPaces } from '../../drills/index.ts';
import { silentLog } from '../../kernel/index.ts';
import type { Pacing } from '../../router/index.ts';
import type { TargetRef } from '../../vocabulary/index.ts';
import { ContractPaces, type ContractPacesParts } from '../pacing/ContractPaces.ts';

/** How often multipliers take a step. */
const stepMs = 60_000;

/** The paces of contracts in a replay: those of the program, with the time of the requests and what is spent in one of its worlds. */
export class ReplayPaces implements WorldPaces {
  readonly #paces: ContractPaces;
  #nowMs = 0;
  #steppedMs = 0;

  constructor(parts: Pick<ContractPacesParts, 'poolSpent' | 'inForce' | 'shares'>) {
    const nowMs = (): number => this.#nowMs;
    const clock = { nowMs, monotonicMs: nowMs };
    this.#paces = new ContractPaces({ ...parts, together: null, before: null, clock, log: silentLog });
  }

  /**
   * Reads what pools had drawn before. Never rejects: what cannot be read counts as drawn evenly.
   * @param nowMs When the first request came: where nobody asked for anything there was nothing to learn.
   */
  async begin(nowMs: number): Promise<void> {
    this.#nowMs = nowMs;
    this.#steppedMs = nowMs;
    this.#paces.start();
    await this.#paces.stop();
  }

  get pacing(): Pacing | null {
    return this.#paces.pacing;
  }

  indexOf(target: TargetRef): number {
    return this.#paces.indexOf(target);
  }

  moveTo(nowMs: number): void {
    for (; nowMs - this.#steppedMs >= stepMs; this.#steppedMs += stepMs) {
      this.#nowMs = this.#steppedMs + stepMs;
      this.#paces.tick();
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  served(use: Parameters<WorldPaces['served']>[0]): void {
    this.#paces.settled(use, null);
  }
}
