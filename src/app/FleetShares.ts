import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { DatabaseAbsence, Shipper } from '../store/index.ts';
import type { Balances, SharedLedger } from './Balances.ts';

/**
 * Between two readings at the least, and so many times what a reading took: what there is to read grows with the window, and what others spend meanwhile is less and
 * less of it. After one that failed as long as it took.
 */
const pauseMs = 5_000;
const pauseTimes = 20;
/** Most time of a reading: a server that hangs is given up, and asked anew. */
const readingMsMax = 300_000;
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
  /** Whether some cap is measured by what others spend. */
  readonly hasCaps: () => boolean;
  /** Whether others live. */
  readonly hasOthers: () => boolean;
  /** Most time of a reading, where not as long as by itself. Milliseconds. */
  readonly readingMsMax?: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reads again and again what all replicas on the same database have spent, so that caps on shares are those of all of them together. */
export class FleetShares {
  readonly #parts: FleetSharesParts;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** When others were last seen to live, whether or not there were caps, and when what they spend was last learnt. Monotonic milliseconds. */
  #othersAtMs = Number.NEGATIVE_INFINITY;
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
    const { hasCaps, hasOthers, clock, log } = this.#parts;
    const startedMs = clock.monotonicMs();
    const tookMs = (): number => clock.monotonicMs() - startedMs;
    if (hasOthers()) this.#othersAtMs = startedMs;
    if (!hasCaps() || this.#readAtMs >= this.#othersAtMs + settledMs) return pauseMs;
    try {
      if (await this.#learn()) {
        this.#readAtMs = startedMs;
        if (this.#isBlind) log.info('caps on shares are kept by what all replicas spend again');
        this.#isBlind = false;
      }
      return Math.max(pauseMs, pauseTimes * tookMs());
    } catch (error) {
      if (!this.#isBlind && !this.#stopped.signal.aborted)
        log.warn('what other replicas spend is not known now: caps on shares are kept by what was last known of them', {
          message: errorMessage(error),
        });
      this.#isBlind = true;
      return Math.max(pauseMs, tookMs());
    }
  }

  /** @returns whether anything was learnt. @throws whatever keeps it from being read */
  #learn(): Promise<boolean> {
    const { ledger, balances, clock, readingMsMax: ms = readingMsMax } = this.#parts;
    const failure = ledger.database.absence?.message ?? ledger.shipper.failure();
    if (failure !== null) throw new Error(failure);
    return balances.learnShares(ledger, clock, AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(ms)]));
  }

  /** Resolves once nothing is read any more, or a reading goes on that changes nothing. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await Promise.race([this.#turn, pause(lastReadingMs, undefined, { ref: false })]);
  }
}
