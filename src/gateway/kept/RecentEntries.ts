import { assert } from '../../kernel/index.ts';

export interface EntryBounds {
  readonly bytesMax: number;
  readonly countMax: number;
  /** Oldest entry, in milliseconds. */
  readonly ageMsMax: number;
}

/** What is heavy leaves its entry when that is sent out, since tables that a Map has outgrown go on holding the entry. */
interface Entry<Value> {
  readonly bytes: number;
  readonly createdAtMs: number;
  value: Value | null;
}

/** Entries within bounds that may change at any time: who was used the longest time ago makes room. */
export class RecentEntries<Value> {
  readonly #bounds: () => EntryBounds;
  readonly #entries = new Map<string, Entry<Value>>();
  #bytes = 0;

  constructor(bounds: () => EntryBounds) {
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Takes an entry in place of the one of its key. @returns the keys of those that were sent out for it; its own where there is no room for it at all. */
  put(
    key: string,
    entry: { readonly bytes: number; readonly createdAtMs: number; readonly value: Value },
    nowMs: number,
  ): readonly string[] {
    this.remove(key);
    if (entry.bytes > this.#bounds().bytesMax) return [key, ...this.#makeRoom(nowMs)];
    this.#entries.set(key, { ...entry });
    this.#bytes += entry.bytes;
    return this.#makeRoom(nowMs);
  }

  /** The value of a key, which counts as used now; null where there is none, or one that is too old. */
  use(key: string, nowMs: number): Value | null {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#isOld(entry, nowMs)) return null;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  remove(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    entry.value = null;
    assert(this.#bytes >= 0, 'entries are counted once');
    return true;
  }

  /** Sends out what is too old, and what the bounds have no room for any more. @returns their keys */
  sweep(nowMs: number): readonly string[] {
    const old = [...this.#entries].filter(([, entry]) => this.#isOld(entry, nowMs)).map(([key]) => key);
    for (const key of old) this.remove(key);
    return [...old, ...this.#makeRoom(nowMs)];
  }

  #makeRoom(nowMs: number): readonly string[] {
    const { bytesMax, countMax } = this.#bounds();
    const gone: string[] = [];
    for (const [key, entry] of this.#entries) {
      const isFull = this.#bytes > bytesMax || this.#entries.size > countMax;
      if (!isFull && !this.#isOld(entry, nowMs)) break;
      this.remove(key);
      gone.push(key);
    }
    return gone;
  }

  #isOld({ createdAtMs }: Entry<Value>, nowMs: number): boolean {
    return nowMs - createdAtMs > this.#bounds().ageMsMax;
  }
}
