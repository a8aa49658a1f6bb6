import type { Clock } from '../../kernel/index.ts';
import type { TokenCount } from '../bill/billTokens.ts';
import { sandboxLimits } from '../limits.ts';

/** A place in a prompt up to which it can be kept. */
export interface PrefixEnd {
  /** Names everything up to here. */
  readonly digest: string;
  /** Tokens up to here. */
  readonly tokens: number;
  /** How long the request asks to keep it; null where it only could match what an earlier request kept. */
  readonly keep: '5m' | '1h' | null;
}

/** Prefixes with fewer tokens are never kept, as the vendor documents for its models. */
export const prefixTokensMin = 1024;

const keepMs = { '5m': 300_000, '1h': 3_600_000 } as const;

/** The prompt prefixes that a vendor keeps: written where a request marks them, read where a later one begins alike. */
export class PromptCache {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly ms: number; untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Splits a prompt's tokens into read, written and plain ones. @param ends in the prompt's order */
  use(ends: readonly PrefixEnd[], totalTokens: number): TokenCount {
    const nowMs = this.#clock.monotonicMs();
    const lastMark = ends.findLastIndex(({ keep }) => keep !== null);
    const usable = ends.slice(0, lastMark + 1).filter(({ tokens }) => tokens >= prefixTokensMin);
    const hit = usable.findLast(({ digest }) => this.#isKept(digest, nowMs));
    let covered = hit?.tokens ?? 0;
    const count = { cacheRead: covered, cacheWrite5m: 0, cacheWrite1h: 0 };
    for (const { digest, tokens, keep } of usable) {
      if (keep === null) continue;
      const written = Math.max(0, tokens - covered);
      count[keep === '5m' ? 'cacheWrite5m' : 'cacheWrite1h'] += written;
      covered += written;
      this.#keep(digest, keepMs[keep], nowMs);
    }
    if (hit !== undefined) this.#refresh(hit.digest, nowMs);
    return { input: totalTokens - covered, ...count };
  }

  #isKept(digest: string, nowMs: number): boolean {
    const entry = this.#entries.get(digest);
    return entry !== undefined && entry.untilMs > nowMs;
  }

  /** A read starts the time anew. */
  #refresh(digest: string, nowMs: number): void {
    const entry = this.#entries.get(digest);
    if (entry !== undefined) entry.untilMs = nowMs + entry.ms;
  }

  #keep(digest: string, ms: number, nowMs: number): void {
    this.#entries.delete(digest);
    this.#entries.set(digest, { ms, untilMs: nowMs + ms });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= sandboxLimits.cachedPrefixes) return;
      this.#entries.delete(oldest);
    }
  }
}
