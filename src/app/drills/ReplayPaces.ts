import type { WorldPaces } from '../../drills/index.ts';
import { fulfilmentWindow } from '../../contracts/index.ts';
import { nanoUsd, silentLog } from '../../kernel/index.ts';
import type { Pacing } from '../../router/index.ts';
import type { TargetRef } from '../../vocabulary/index.ts';
import type { PoolSpent } from '../contractHistory.ts';
import { ContractPaces, type ContractPacesParts } from '../pacing/ContractPaces.ts';

/** How often multipliers take a step. */
const stepMs = 60_000;
/** Most steps from one request to the next: where nobody asks for hours, steps are longer. */
const stepsMax = 480;

const nothing = nanoUsd(0n);

/** A pool at a border within what is replayed: nothing is drawn of its new interval, and nothing carried into it that was not known at the beginning. */
const begun = (atFirst: PoolSpent | undefined): PoolSpent => ({
  drawnNanoUsd: nothing,
  feesNanoUsd: nothing,
  wholeFeesNanoUsd: nothing,
  earlierNanoUsd: atFirst?.earlierNanoUsd ?? [],
});

/** The paces of contracts in a replay: those of the program, with the time of the requests and what is spent in one of its worlds. */
export class ReplayPaces implements WorldPaces {
  readonly #paces: ContractPaces;
  /** What the ledger said of pools as they stood at the beginning. */
  readonly #atFirst = new Map<string, PoolSpent>();
  #beganMs = 0;
  #nowMs = 0;
  #steppedMs = 0;

  constructor(parts: Pick<ContractPacesParts, 'poolSpent' | 'inForce' | 'shares'>) {
    const nowMs = (): number => this.#nowMs;
    const clock = { nowMs, monotonicMs: nowMs };
    const poolSpent: ContractPacesParts['poolSpent'] = async (contracts, pool, atMs) => {
      // What the ledger has of later intervals is what happened, and not what happens here.
      if (fulfilmentWindow(pool, atMs).fromMs > this.#beganMs) return begun(this.#atFirst.get(pool.id));
      const spent = await parts.poolSpent(contracts, pool, atMs);
      this.#atFirst.set(pool.id, spent);
      return spent;
    };
    this.#paces = new ContractPaces({ ...parts, poolSpent, together: null, before: null, clock, log: silentLog });
  }

  /**
   * Reads what pools had drawn before. Never rejects: what cannot be read counts as drawn evenly.
   * @param nowMs When the first request came: where nobody asked for anything there was nothing to learn.
   */
  async begin(nowMs: number): Promise<void> {
    this.#beganMs = nowMs;
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

  /** What was asked at a border is known: so that the same replay goes the same way each time. */
  async settle(): Promise<void> {
    await this.#paces.stop();
  }

  moveTo(nowMs: number): void {
    const oneMs = stepMs * Math.max(1, Math.ceil((nowMs - this.#steppedMs) / stepMs / stepsMax));
    for (; nowMs - this.#steppedMs >= oneMs; this.#steppedMs += oneMs) {
      this.#nowMs = this.#steppedMs + oneMs;
      this.#paces.tick();
    }
    this.#nowMs = Math.max(this.#nowMs, nowMs);
  }

  served(use: Parameters<WorldPaces['served']>[0]): void {
    this.#paces.settled(use, null);
  }
}
