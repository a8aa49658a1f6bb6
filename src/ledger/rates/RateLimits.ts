import { assert, failure, success, type Result } from '../../kernel/index.ts';
import {
  rateDimensions,
  totalTokens,
  type RateLeft,
  type RateScope,
  type RatesLeft,
  type Usage,
} from '../../vocabulary/index.ts';
import { RateLevels, type RateRefusal, type RateUnits, type RateUse } from './RateLevels.ts';
import { RateShares } from './RateShares.ts';

/** Most scopes whose rates are kept at a time. */
export const rateScopesMax = 100_000;
/** Fewest milliseconds between two sweeps of what is full. */
const sweepIntervalMs = 1_000;

/** Tokens of a request: expected ones where it is let in, those that were really used where it is over. */
export interface RateTokens {
  /** All that go in, read from a prompt cache or not. */
  readonly inputTokens: number;
  /** Those of them that were read from one. */
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
}

/** The tokens of what was used, summed over its buckets. */
export const rateTokensOf = (usage: Usage): RateTokens => {
  const outputTokens =
    (usage.output ?? 0) + (usage.reasoning ?? 0) + (usage.outputAudio ?? 0) + (usage.outputImage ?? 0);
  return { inputTokens: totalTokens(usage) - outputTokens, cacheReadTokens: usage.cacheRead ?? 0, outputTokens };
};

/** What several attempts of a request used. */
export const rateTokensAdded = (one: RateTokens, other: RateTokens): RateTokens => ({
  inputTokens: one.inputTokens + other.inputTokens,
  cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
  outputTokens: one.outputTokens + other.outputTokens,
});

const unitsOf = (requests: number, used: RateTokens, { countsCacheReads }: RateScope): RateUnits => {
  const inputTokens = used.inputTokens - (countsCacheReads ? 0 : used.cacheReadTokens);
  const { outputTokens } = used;
  return { requests, tokens: inputTokens + outputTokens, inputTokens, outputTokens };
};

/** What one request took, until it is settled. */
export interface RateTake {
  readonly isOpen: boolean;
}

class OpenTake implements RateTake {
  readonly levels: readonly RateLevels[];
  readonly expected: RateTokens;
  isOpen = true;

  constructor(levels: readonly RateLevels[], expected: RateTokens) {
    this.levels = levels;
    this.expected = expected;
  }
}

/** Where nothing was used yet. */
export const noRateTokens: RateTokens = { inputTokens: 0, cacheReadTokens: 0, outputTokens: 0 };

/**
 * Rates as token buckets on the monotonic clock, and requests under way. A take is one step over all scopes and all their dimensions: it takes from
 * each or from none, so a request that is refused for its tokens uses up no request, and one that its team refuses nothing of its key.
 */
export class RateLimits {
  readonly #levels = new Map<string, RateLevels>();
  readonly #shares: RateShares;
  /** By scope, of which others should know how much they are used, where others let a part of them through. */
  readonly #inUse = new Map<string, RateLevels>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  /** @param shares How much of each limit is let through here: all of it, where nothing else is said. */
  constructor(shares: RateShares = new RateShares()) {
    this.#shares = shares;
  }

  /**
   * Lets a request in with the tokens that it is expected to use. What is taken is settled once, however the request ends.
   * @param nowMs monotonic milliseconds.
   */
  take(scopes: readonly RateScope[], expected: RateTokens, nowMs: number): Result<RateTake, RateRefusal> {
    this.#sweep(nowMs);
    const levels = scopes.map((scope) => this.#levelsOf(scope, nowMs));
    const refusal = this.#longestOf(levels, expected);
    if (refusal !== null) return failure(refusal);
    for (const level of levels) level.enter(unitsOf(1, expected, level.scope));
    return success(new OpenTake(levels, expected));
  }

  /**
   * What would keep a request out now, or null. Takes nothing.
   * @param nowMs monotonic milliseconds.
   */
  refusal(scope: RateScope, expected: RateTokens, nowMs: number): RateRefusal | null {
    this.#sweep(nowMs);
    return this.#longestOf([this.#levelsOf(scope, nowMs)], expected);
  }

  /**
   * How much of each limit could be used here, as far as the last seconds tell, each limit once. To be asked again and again.
   * @param nowMs monotonic milliseconds.
   */
  uses(nowMs: number): readonly RateUse[] {
    // What began while nobody else was there has its place, too.
    for (const [id, levels] of this.#levels) if (levels.underWay > 0) this.#inUse.set(id, levels);
    return [...this.#inUse].flatMap(([id, levels]) => {
      const uses = levels.uses(nowMs);
      if (uses.length === 0) this.#inUse.delete(id);
      return uses;
    });
  }

  /**
   * The request is over: what it really used takes the place of what was expected.
   * @param used null where it never left: then all that it took is given back.
   * @param nowMs monotonic milliseconds.
   */
  settle(take: RateTake, used: RateTokens | null, nowMs: number): void {
    assert(take instanceof OpenTake && take.isOpen, 'a take comes from these limits, and is settled once');
    take.isOpen = false;
    for (const level of take.levels) {
      level.look(level.scope, nowMs);
      level.leave();
      level.take(unitsOf(used === null ? -1 : 0, difference(used ?? noRateTokens, take.expected), level.scope));
    }
  }

  /**
   * Of each dimension what the tightest of the scopes has left.
   * @param nowMs monotonic milliseconds.
   */
  left(scopes: readonly RateScope[], nowMs: number): RatesLeft {
    const all = scopes.map((scope) => this.#levelsOf(scope, nowMs).left());
    const tightest: Record<(typeof rateDimensions)[number], RateLeft | null> = {
      requests: null,
      tokens: null,
      inputTokens: null,
      outputTokens: null,
    };
    for (const dimension of rateDimensions)
      for (const { [dimension]: one } of all) tightest[dimension] = tighter(tightest[dimension], one);
    return tightest;
  }

  /** Requests of a scope that are under way. */
  underWay({ id }: Pick<RateScope, 'id'>): number {
    return this.#levels.get(id)?.underWay ?? 0;
  }

  /** Scopes kept, for the figures of this process. */
  get size(): number {
    return this.#levels.size;
  }

  /** The refusal that lasts longest: waiting for a shorter one would be in vain. */
  #longestOf(levels: readonly RateLevels[], expected: RateTokens): RateRefusal | null {
    let longest: RateRefusal | null = null;
    for (const level of levels) {
      if (this.#shares.isShared) this.#inUse.set(level.scope.id, level);
      const units = unitsOf(1, expected, level.scope);
      const refusal = level.refusal(units);
      if (refusal === null) continue;
      level.lack(refusal, units);
      if (refusal.retryAfterMs > (longest?.retryAfterMs ?? 0)) longest = refusal;
    }
    return longest;
  }

  #levelsOf(scope: RateScope, nowMs: number): RateLevels {
    const known = this.#levels.get(scope.id);
    if (known !== undefined) {
      known.look(scope, nowMs);
      return known;
    }
    const levels = new RateLevels(scope, this.#shares, nowMs);
    if (this.#levels.size >= rateScopesMax) this.#forgetFullest();
    if (this.#levels.size < rateScopesMax) this.#levels.set(scope.id, levels);
    return levels;
  }

  /** What is full, and has nothing under way, is the same as none: leaving it out loses nothing. */
  #sweep(nowMs: number): void {
    if (this.#levels.size < rateScopesMax || nowMs - this.#sweptAtMs < sweepIntervalMs) return;
    this.#sweptAtMs = nowMs;
    for (const [id, levels] of this.#levels) {
      levels.look(levels.scope, nowMs);
      if (levels.underWay === 0 && levels.share >= 1) this.#levels.delete(id);
    }
  }

  /** Beyond the bound the one that has least to lose makes room; whoever has something under way stays. */
  #forgetFullest(): void {
    let fullest: string | null = null;
    let most = Number.NEGATIVE_INFINITY;
    for (const [id, { underWay, share }] of this.#levels) {
      if (underWay > 0 || share <= most) continue;
      most = share;
      fullest = id;
    }
    if (fullest !== null) this.#levels.delete(fullest);
  }
}

const difference = (used: RateTokens, expected: RateTokens): RateTokens => ({
  inputTokens: used.inputTokens - expected.inputTokens,
  cacheReadTokens: used.cacheReadTokens - expected.cacheReadTokens,
  outputTokens: used.outputTokens - expected.outputTokens,
});

const tighter = (one: RateLeft | null, other: RateLeft | null): RateLeft | null => {
  if (one === null || other === null) return one ?? other;
  return other.remaining < one.remaining ? other : one;
};
