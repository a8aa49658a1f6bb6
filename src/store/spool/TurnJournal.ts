import type { SpoolRecord } from '../../vocabulary/index.ts';
import type { Spool, SpoolPosition } from './Spool.ts';

interface Waiting {
  readonly records: readonly SpoolRecord[];
  readonly resolve: (position: SpoolPosition) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends to the spool in one write for each turn of the event loop: what many requests have to say at the same moment costs the operating
 * system one call. Who waits for its promise knows as much as after `Spool.append`: a kill of this process loses nothing of it.
 */
export class TurnJournal {
  readonly #spool: Pick<Spool, 'append' | 'synced'>;
  #waiting: Waiting[] = [];
  readonly #onTurn = (): void => this.flush();

  constructor(spool: Pick<Spool, 'append' | 'synced'>) {
    this.#spool = spool;
  }

  /**
   * Keeps records, all or none, behind those that were given before. They must not be changed any more.
   * @returns a position at or behind the last of them. Rejects as `Spool.append` throws.
   */
  append(...records: readonly SpoolRecord[]): Promise<SpoolPosition> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#onTurn);
      this.#waiting.push({ records, resolve, reject });
    });
  }

  /** Resolves once a record is on disk. @throws CodedError ledger_unavailable */
  synced(position: SpoolPosition): Promise<void> {
    return this.#spool.synced(position);
  }

  /** Writes what waits now. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const position = this.#together(waiting);
    if (position === null) for (const one of waiting) this.#apart(one);
    else for (const { resolve } of waiting) resolve(position);
  }

  /** All at once, or none of them: one that is refused or wrong must not take the others with it. */
  #together(waiting: readonly Waiting[]): SpoolPosition | null {
    if (waiting.length === 1) return null;
    try {
      return this.#spool.append(...waiting.flatMap(({ records }) => records));
    } catch {
      return null;
    }
  }

  #apart({ records, resolve, reject }: Waiting): void {
    try {
      resolve(this.#spool.append(...records));
    } catch (error) {
      reject(error);
    }
  }
}
