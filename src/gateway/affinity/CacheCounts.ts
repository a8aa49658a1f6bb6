/** What prompt caches of one target came to since the start. */
export interface CacheStanding {
  /** "provider/model". */
  readonly target: string;
  /** Tokens that went in, as its vendor reported them, and those of them that were read from a cache. */
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  /** Turns that went on elsewhere though it held their conversation, and what it would have saved of them: US dollars, expected. */
  readonly moves: number;
  readonly movedUsd: number;
}

/** Targets that are counted; what a further one does is left out. */
const targetsMax = 4_096;

/** Counts by target how much is read from prompt caches, and what it costs to leave them. */
export class CacheCounts {
  readonly #standings = new Map<string, { -readonly [Name in keyof CacheStanding]: CacheStanding[Name] }>();

  answered(target: string, inputTokens: number, cacheReadTokens: number): void {
    const standing = this.#of(target);
    standing.inputTokens += inputTokens;
    standing.cacheReadTokens += cacheReadTokens;
  }

  left(target: string, usd: number): void {
    const standing = this.#of(target);
    standing.moves += 1;
    standing.movedUsd += usd;
  }

  /** In the order in which they were first asked. */
  get standings(): readonly CacheStanding[] {
    return [...this.#standings.values()].map((standing) => ({ ...standing }));
  }

  #of(target: string) {
    const known = this.#standings.get(target);
    if (known !== undefined) return known;
    const standing = { target, inputTokens: 0, cacheReadTokens: 0, moves: 0, movedUsd: 0 };
    if (this.#standings.size < targetsMax) this.#standings.set(target, standing);
    return standing;
  }
}
