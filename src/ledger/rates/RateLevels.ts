import { rateDimensions, type RateDimension, type RateScope, type RatesLeft } from '../../vocabulary/index.ts';
import { RateBucket } from './RateBucket.ts';

/** What one request takes of each dimension. */
export type RateUnits = Readonly<Record<RateDimension, number>>;

/** A limit that is used up. */
export interface RateRefusal {
  readonly scope: RateScope;
  readonly dimension: RateDimension | 'streams';
  /** Units a minute; of `streams`, requests at a time. */
  readonly limit: number;
  /**
   * Milliseconds after which the same request will be let through, if nothing else is taken meanwhile. Of `streams` nobody knows: when to ask again.
   */
  readonly retryAfterMs: number;
}

/** When to ask again where others have to end first. */
const slotWaitMs = 1_000;

const limitNames = { requests: 'rpm', tokens: 'tpm', inputTokens: 'inputTpm', outputTokens: 'outputTpm' } as const;

/** How much is left to one scope: a bucket for each limited dimension, and how many of its requests are under way. */
export class RateLevels {
  #scope: RateScope;
  readonly #buckets: Record<RateDimension, RateBucket | null> = {
    requests: null,
    tokens: null,
    inputTokens: null,
    outputTokens: null,
  };
  #underWay = 0;

  constructor(scope: RateScope, nowMs: number) {
    this.#scope = scope;
    this.look(scope, nowMs);
  }

  get scope(): RateScope {
    return this.#scope;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Brings everything up to now, under the limits that are in force now. */
  look(scope: RateScope, nowMs: number): void {
    this.#scope = scope;
    for (const dimension of rateDimensions) {
      const limit = scope.rates[limitNames[dimension]];
      const bucket = this.#buckets[dimension];
      if (limit === null) this.#buckets[dimension] = null;
      else if (bucket === null) this.#buckets[dimension] = new RateBucket(limit, nowMs);
      else bucket.fill(limit, nowMs);
    }
  }

  /** What keeps a request out for longest; null where nothing does. */
  refusal(units: RateUnits): RateRefusal | null {
    let longest = this.#refusalOfStreams();
    for (const dimension of rateDimensions) {
      const bucket = this.#buckets[dimension];
      const retryAfterMs = bucket?.waitMs(units[dimension]) ?? 0;
      if (bucket === null || retryAfterMs <= (longest?.retryAfterMs ?? 0)) continue;
      longest = { scope: this.#scope, dimension, limit: bucket.limit, retryAfterMs };
    }
    return longest;
  }

  /** A request begins. */
  enter(units: RateUnits): void {
    this.#underWay += 1;
    this.take(units);
  }

  /** A request is over. */
  leave(): void {
    this.#underWay -= 1;
  }

  /** Takes units, or puts them back where they are negative. */
  take(units: RateUnits): void {
    for (const dimension of rateDimensions) this.#buckets[dimension]?.take(units[dimension]);
  }

  /** How much is left of each dimension. */
  left(): RatesLeft {
    const leftOf = (bucket: RateBucket | null) =>
      bucket === null ? null : { limit: bucket.limit, remaining: bucket.remaining, resetMs: bucket.resetMs };
    const { requests, tokens, inputTokens, outputTokens } = this.#buckets;
    return {
      requests: leftOf(requests),
      tokens: leftOf(tokens),
      inputTokens: leftOf(inputTokens),
      outputTokens: leftOf(outputTokens),
    };
  }

  /** How full the emptiest bucket is. */
  get share(): number {
    let least = 1;
    for (const dimension of rateDimensions) least = Math.min(least, this.#buckets[dimension]?.share ?? 1);
    return least;
  }

  #refusalOfStreams(): RateRefusal | null {
    const { streams } = this.#scope.rates;
    if (streams === null || this.#underWay < streams) return null;
    return { scope: this.#scope, dimension: 'streams', limit: streams, retryAfterMs: slotWaitMs };
  }
}
