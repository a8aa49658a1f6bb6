import { errorMessage } from '../kernel/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { Shipper, Spool } from '../store/index.ts';
import type { Balances } from './Balances.ts';
import type { KeptLease } from './KeptBalances.ts';
import type { LastGood } from './LastGood.ts';

/** How often it is looked whether balances must be confirmed. */
const lookMs = 1_000;
/** How old balances on disk may become while requests run. */
const keepMs = 5_000;

export interface KeepingParts {
  readonly lastGood: LastGood;
  readonly balances: Balances;
  readonly spool: Spool;
  readonly shipper: Shipper;
  /** Leases of budgets that a start without the database may go on with. */
  readonly leases: (nowMs: number) => readonly KeptLease[];
  /** Puts what else there is, such as servers of jobs. */
  readonly putOthers: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** The disk of the spool, or that of the file: both say so themselves. */
const ignore = (): void => {};

/** Keeps balances on disk while they change, and has them confirmed by the database as soon as it can say what is so. */
export class KeepingLastGood {
  readonly #parts: KeepingParts;
  readonly #stopped = new AbortController();
  #confirming: Promise<void> | null = null;
  #keeping: Promise<void> | null = null;
  #keptSequence = -1;
  #keptMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: KeepingParts) {
    this.#parts = parts;
    // Records that are to be deleted are counted on disk first: a start could not count them any more.
    parts.spool.beforeDrop(async (sequence) => {
      // Once more where a keeping was under way that began before them.
      for (let tries = 0; tries < 2 && sequence > this.#keptSequence; tries += 1) await this.keep();
    });
  }

  /** Looks from now on. */
  start(): void {
    this.#timer = setInterval(() => this.#look(), lookMs).unref();
  }

  /** Resolves once everything as it is now is on disk. @throws Error of a disk, which readiness tells of, too */
  keep(): Promise<void> {
    this.#keeping ??= this.#keepNow().finally(() => (this.#keeping = null));
    return this.#keeping;
  }

  /** Keeps them for the last time. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    if (this.#timer) clearInterval(this.#timer);
    await this.#confirming;
    await this.#keeping?.catch(ignore);
    // What is not on disk then is counted from the spool by the next start.
    await this.keep().catch(ignore);
  }

  #look(): void {
    const { balances, shipper, clock, spool } = this.#parts;
    if (!balances.isExact) this.#confirming ??= this.#confirm(shipper).finally(() => (this.#confirming = null));
    if (spool.appendedSequence > this.#keptSequence && clock.monotonicMs() - this.#keptMs >= keepMs)
      void this.keep().catch(ignore);
  }

  async #confirm(shipper: Shipper): Promise<void> {
    const { balances, spool, clock, log } = this.#parts;
    const wasConfirmed = balances.isConfirmed;
    try {
      await shipper.between((shipped) => balances.confirm(shipped, spool, clock), this.#stopped.signal);
      if (!wasConfirmed) log.info('balances are those of the database again');
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      log.warn('balances were not confirmed by the database yet; this is tried again', {
        message: errorMessage(error),
      });
    }
  }

  async #keepNow(): Promise<void> {
    const { lastGood, balances, spool, clock, leases, putOthers } = this.#parts;
    this.#keptMs = clock.monotonicMs();
    const kept = await balances.keep(spool, clock, leases);
    putOthers();
    lastGood.put('balances', kept);
    await lastGood.write();
    this.#keptSequence = kept.sequence;
  }
}
