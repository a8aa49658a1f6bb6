/** Where a turn stands. */
export interface RecountMoment {
  readonly monotonicMs: number;
  /** Sequence up to which the spool is in the database. */
  readonly shipped: number;
  /** Sequence of its last record. */
  readonly appended: number;
}

interface Recount {
  /** When it came, in monotonic milliseconds. */
  readonly sinceMs: number;
  /** When all requests of before are over, in monotonic milliseconds. */
  readonly overMs: number;
  isCounted: boolean;
  /** Last record that there was then; null before. */
  lastSequence: number | null;
}

const isWhole = ({ lastSequence }: Recount, { shipped }: RecountMoment): boolean =>
  lastSequence !== null && shipped >= lastSequence;

/**
 * Budgets that came to this replica while it ran, or while it was down. What it spent before names them nowhere, so that they are counted from the attempts
 * whether or not another replica has done so: before they are leased, and once more when all that it had under way is in the database.
 */
export class Recounts {
  readonly #recounts = new Map<string, Recount>();

  /** @param overMs when all requests that are under way now are over. Both in monotonic milliseconds. */
  add(ids: readonly string[], sinceMs: number, overMs: number): void {
    for (const id of ids) this.#recounts.set(id, { sinceMs, overMs, isCounted: false, lastSequence: null });
  }

  /** Forgets those that are no longer there. */
  keep(isThere: (id: string) => boolean): void {
    for (const id of this.#recounts.keys()) if (!isThere(id)) this.#recounts.delete(id);
  }

  /** Those among these that are to be counted now. */
  due(ids: readonly string[], moment: RecountMoment): ReadonlySet<string> {
    const due = new Set<string>();
    for (const id of ids) {
      const recount = this.#recounts.get(id);
      if (recount === undefined) continue;
      if (moment.monotonicMs >= recount.overMs) recount.lastSequence ??= moment.appended;
      if (!recount.isCounted || isWhole(recount, moment)) due.add(id);
    }
    return due;
  }

  /** Says that these were counted at a moment at which they were due, or later. What came after that moment may be another than was counted. */
  counted(ids: Iterable<string>, moment: RecountMoment): void {
    for (const id of ids) {
      const recount = this.#recounts.get(id);
      if (recount === undefined || recount.sinceMs > moment.monotonicMs) continue;
      recount.isCounted = true;
      if (isWhole(recount, moment)) this.#recounts.delete(id);
    }
  }
}
