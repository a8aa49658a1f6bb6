import type { IntentRecord } from '../../vocabulary/index.ts';

/** An intent without its final, and the segment it lies in. */
interface OpenIntent {
  readonly intent: IntentRecord;
  readonly segment: number;
  readonly sequence: number;
}

/**
 * Intents that have no final yet, by the ids of their attempts. A Map that thousands pass through keeps what it holds alive by the tables that it has
 * outgrown, until the whole heap is collected: ours holds numbers, and the intents stand in a list.
 */
export class OpenIntents {
  readonly #placeOf = new Map<string, number>();
  readonly #places: (OpenIntent | null)[] = [];
  readonly #free: number[] = [];

  has(attemptId: string): boolean {
    return this.#placeOf.has(attemptId);
  }

  add(open: OpenIntent): void {
    const { attemptId } = open.intent;
    const place = this.#placeOf.get(attemptId) ?? this.#free.pop() ?? this.#places.length;
    this.#places[place] = open;
    this.#placeOf.set(attemptId, place);
  }

  /** The final has come; of an attempt that is not open it changes nothing. */
  remove(attemptId: string): void {
    const place = this.#placeOf.get(attemptId);
    if (place === undefined) return;
    this.#placeOf.delete(attemptId);
    this.#places[place] = null;
    this.#free.push(place);
  }

  /** The one that was appended first. */
  oldest(): OpenIntent | null {
    let oldest: OpenIntent | null = null;
    for (const open of this.#places) if (open !== null && open.sequence < (oldest?.sequence ?? Infinity)) oldest = open;
    return oldest;
  }

  /** In the order in which they were appended. */
  all(): readonly OpenIntent[] {
    return this.#places.filter((open) => open !== null).toSorted((one, other) => one.sequence - other.sequence);
  }
}
