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

/** What one owner has, the least used first. */
interface Holding<Value> {
  readonly entries: Map<string, Entry<Value>>;
  bytes: number;
}

/**
 * Entries of several owners within bounds that may change at any time. Whoever has the most makes room, down to an equal share, with what was used the longest
 * time ago: an owner with no more than that loses nothing to others, however busy they are.
 */
export class RecentEntries<Value> {
  readonly #bounds: () => EntryBounds;
  readonly #ownerOf: (key: string) => string;
  readonly #holdings = new Map<string, Holding<Value>>();
  #count = 0;
  #bytes = 0;

  /** @param ownerOf Whose an entry is, by its key. */
  constructor(bounds: () => EntryBounds, ownerOf: (key: string) => string) {
    this.#bounds = bounds;
    this.#ownerOf = ownerOf;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#holdings.get(this.#ownerOf(key))?.entries.has(key) ?? false;
  }

  /** Takes an entry in place of the one of its key. @returns the keys of those that were sent out for it; its own where there is no room for it, or it is too old. */
  put(
    key: string,
    entry: { readonly bytes: number; readonly createdAtMs: number; readonly value: Value },
    nowMs: number,
  ): readonly string[] {
    this.remove(key);
    if (entry.bytes > this.#bounds().bytesMax || this.#isOld(entry, nowMs)) return [key, ...this.#makeRoom()];
    const owner = this.#ownerOf(key);
    const holding = this.#holdings.get(owner) ?? { entries: new Map<string, Entry<Value>>(), bytes: 0 };
    this.#holdings.set(owner, holding);
    holding.entries.set(key, { ...entry });
    holding.bytes += entry.bytes;
    this.#count += 1;
    this.#bytes += entry.bytes;
    return this.#makeRoom();
  }

  /** The value of a key, which counts as used now; null where there is none, or one that is too old. */
  use(key: string, nowMs: number): Value | null {
    const entries = this.#holdings.get(this.#ownerOf(key))?.entries;
    const entry = entries?.get(key);
    if (entries === undefined || entry === undefined || this.#isOld(entry, nowMs)) return null;
    entries.delete(key);
    entries.set(key, entry);
    return entry.value;
  }

  remove(key: string): boolean {
    const owner = this.#ownerOf(key);
    const holding = this.#holdings.get(owner);
    const entry = holding?.entries.get(key);
    if (holding === undefined || entry === undefined) return false;
    holding.entries.delete(key);
    holding.bytes -= entry.bytes;
    if (holding.entries.size === 0) this.#holdings.delete(owner);
    this.#count -= 1;
    this.#bytes -= entry.bytes;
    entry.value = null;
    assert(this.#bytes >= 0 && holding.bytes >= 0, 'entries are counted once');
    return true;
  }

  /** Sends out what is too old, and what the bounds have no room for any more. @returns their keys */
  sweep(nowMs: number): readonly string[] {
    const old = [...this.#holdings.values()].flatMap(({ entries }) =>
      [...entries].filter(([, entry]) => this.#isOld(entry, nowMs)).map(([key]) => key),
    );
    for (const key of old) this.remove(key);
    return [...old, ...this.#makeRoom()];
  }

  #makeRoom(): readonly string[] {
    const { bytesMax, countMax } = this.#bounds();
    return [
      ...this.#shrink(
        bytesMax,
        () => this.#bytes,
        ({ bytes }) => bytes,
      ),
      ...this.#shrink(
        countMax,
        () => this.#count,
        ({ entries }) => entries.size,
      ),
    ];
  }

  /** @param sizeOf What is bounded, of one owner; `size` of all of them. @returns the keys of what was sent out */
  #shrink(sizeMax: number, size: () => number, sizeOf: (holding: Holding<Value>) => number): readonly string[] {
    const gone: string[] = [];
    while (size() > sizeMax) {
      const share = sizeMax / this.#holdings.size;
      const [first, ...others] = this.#holdings.values();
      assert(first !== undefined, 'who is over a bound has something');
      const fullest = others.reduce((most, one) => (sizeOf(one) > sizeOf(most) ? one : most), first);
      for (const key of fullest.entries.keys()) {
        if (size() <= sizeMax || sizeOf(fullest) <= share) break;
        this.remove(key);
        gone.push(key);
      }
    }
    return gone;
  }

  #isOld({ createdAtMs }: Pick<Entry<Value>, 'createdAtMs'>, nowMs: number): boolean {
    return nowMs - createdAtMs > this.#bounds().ageMsMax;
  }
}
