import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { DatabaseAbsence, Shipper } from '../store/index.ts';
import type { Balances, SharedLedger } from './Balances.ts';

/** Between two readings at the least, and so many times what a reading took: what there is to read grows with the window, and what others spend meanwhile is less and less of it. */
const pauseMs = 5_000;
const pauseTimes = 20;
const pauseMsMax = 86_400_000;
/** How long after nobody else lives any more it is read for the last time: who takes leave ships what is left within so much. */
const settledMs = 60_000;
/** How long a stop waits for a reading that is under way, which nobody needs any more and which it ends. */
const lastReadingMs = 2_000;

export interface FleetSharesParts {
  readonly ledger: SharedLedger & {
    readonly database: { readonly absence: DatabaseAbsence | null };
    readonly shipper: Pick<Shipper, 'failure'>;
  };
  readonly balances: Pick<Balances, 'learnShares'>;
  /** Whether it matters what others spend: some cap is measured by it, and others live. */
  readonly isNeeded: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads again and again what all replicas on the same database have spent, so that caps on shares are those of all of them together. */
export class FleetShares {
  readonly #parts: FleetSharesParts;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** When it last mattered what others spend, and when it was last read since. Monotonic milliseconds. */
  #neededAtMs = Number.NEGATIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the last reading failed: a log says so once. */
  #isBlind = false;

  constructor(parts: FleetSharesParts) {
    this.#parts = parts;
  }

  /** Reads from now on, one reading after the other. */
  start(afterMs = pauseMs): void {
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#turn = this.look().then((nextMs) => this.start(nextMs));
    }, afterMs).unref();
  }

  /** Reads once, where it matters. Never rejects. @returns after how many milliseconds it is read again. */
  async look(): Promise<number> {
    const { ledger, balances, isNeeded, clock, log } = this.#parts;
    const { database, shipper } = ledger;
    const { signal } = this.#stopped;
    const startedMs = clock.monotonicMs();
    if (isNeeded()) this.#neededAtMs = startedMs;
    else if (this.#readAtMs >= this.#neededAtMs + settledMs) return pauseMs;
    try {
      const failure = database.absence?.message ?? shipper.failure();
      if (failure !== null) throw new Error(failure);
      await balances.learnShares(ledger, clock, signal);
      this.#readAtMs = startedMs;
      if (this.#isBlind) log.info('caps on shares are kept by what all replicas spend again');
      this.#isBlind = false;
    } catch (error) {
      if (!this.#isBlind && !signal.aborted)
        log.warn('what other replicas spend is not known now: caps on shares are kept by what was last known of them', {
          message: errorMessage(error),
        });
      this.#isBlind = true;
    }
    return Math.min(Math.max(pauseMs, pauseTimes * (clock.monotonicMs() - startedMs)), pauseMsMax);
  }

  /** Resolves once nothing is read any more, or a reading goes on that changes nothing. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.race([this.#turn, pause(lastReadingMs, undefined, { ref: false })]);
  }
}
