import {
  rateDimensions,
  type RateDimension,
  type RateName,
  type RateScope,
  type RatesLeft,
} from '../../vocabulary/index.ts';
import { askAgainMs, RateBucket } from './RateBucket.ts';
import { RateDemand } from './RateDemand.ts';
import type { RateShares } from './RateShares.ts';

/** What one request takes of each dimension. */
export type RateUnits = Readonly<Record<RateDimension, number>>;

/** A limit that is used up. */
export interface RateRefusal {
  readonly scope: RateScope;
  readonly dimension: RateDimension | 'streams';
  /** Units a minute; of `streams`, requests at a time. */
  readonly limit: number;
  /** How much of that this process lets through; absent where it is all. */
  readonly here?: number;
  /**
   * Milliseconds after which the same request will be let through, if nothing else is taken meanwhile. Of `streams` nobody knows: when to ask again.
   */
  readonly retryAfterMs: number;
}

/** How much one limit of a scope is used here, or could be. */
export interface RateUse {
  readonly scope: string;
  readonly name: RateName;
  /** All that the limit lets through. */
  readonly limit: number;
  /** Units a minute, or requests at a time, that could be used. */
  readonly wanted: number;
  /** What is in use at this moment and cannot be given up. */
  readonly least: number;
}

/** How long a place is still wanted by somebody who was refused it, or had it. */
const comesBackMs = 5_000;

const limitNames = { requests: 'rpm', tokens: 'tpm', inputTokens: 'inputTpm', outputTokens: 'outputTpm' } as const;

/** How much is left to one scope: a bucket for each limited dimension, and how many of its requests are under way. */
export class RateLevels {
  #scope: RateScope;
  readonly #shares: RateShares;
  readonly #buckets: Record<RateDimension, RateBucket | null> = {
    requests: null,
    tokens: null,
    inputTokens: null,
    outputTokens: null,
  };
  readonly #demands: Record<RateDimension, RateDemand> = {
    requests: new RateDemand(),
    tokens: new RateDemand(),
    inputTokens: new RateDemand(),
    outputTokens: new RateDemand(),
  };
  #underWay = 0;
  /** Most that were under way, and how many were refused their place, since the last look at what could be used. */
  #underWayMost = 0;
  #underWayRefused = 0;
  /** What of them could be used at a time, and until when nothing less is said: whoever is refused comes back a moment later. */
  #wantedAtOnce = 0;
  #wantedUntilMs = Number.NEGATIVE_INFINITY;
  /** Most requests at a time here. */
  #streams: number | null = null;
  #usesAtMs: number;

  constructor(scope: RateScope, shares: RateShares, nowMs: number) {
    this.#scope = scope;
    this.#shares = shares;
    this.#usesAtMs = nowMs;
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
    this.#streams = this.#limitHere('streams', nowMs);
    for (const dimension of rateDimensions) {
      const limit = this.#limitHere(limitNames[dimension], nowMs);
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
      longest = this.#refused(dimension, bucket.limit, retryAfterMs);
    }
    return longest;
  }

  /** Somebody was refused: what is lacking here may lie idle elsewhere. */
  lack({ dimension, here }: RateRefusal, units: RateUnits): void {
    if (dimension === 'streams') this.#underWayRefused += 1;
    else this.#demands[dimension].add(units[dimension]);
    if (here !== undefined) this.#shares.lacked();
  }

  /** How much of each limit could be used. */
  uses(nowMs: number): readonly RateUse[] {
    const { id, rates } = this.#scope;
    const sinceMs = nowMs - this.#usesAtMs;
    this.#usesAtMs = nowMs;
    const uses: RateUse[] = [];
    for (const dimension of rateDimensions) {
      const name = limitNames[dimension];
      const limit = rates[name];
      const wanted = Math.round(this.#demands[dimension].look(sinceMs));
      if (limit !== null && wanted > 0) uses.push({ scope: id, name, limit, wanted, least: 0 });
    }
    const wanted = this.#atOnce(nowMs);
    if (rates.streams !== null && wanted > 0)
      uses.push({ scope: id, name: 'streams', limit: rates.streams, wanted, least: this.#underWay });
    return uses;
  }

  #atOnce(nowMs: number): number {
    const now = this.#underWayMost + this.#underWayRefused;
    this.#underWayMost = this.#underWay;
    this.#underWayRefused = 0;
    if (now > 0 && now >= this.#wantedAtOnce) this.#wantedUntilMs = nowMs + comesBackMs;
    if (now >= this.#wantedAtOnce || nowMs >= this.#wantedUntilMs) this.#wantedAtOnce = now;
    return this.#wantedAtOnce;
  }

  /** A request begins. */
  enter(units: RateUnits): void {
    this.#underWay += 1;
    this.#underWayMost = Math.max(this.#underWayMost, this.#underWay);
    this.take(units);
  }

  /** A request is over. */
  leave(): void {
    this.#underWay -= 1;
  }

  /** Takes units, or puts them back where they are negative. */
  take(units: RateUnits): void {
    for (const dimension of rateDimensions) {
      this.#buckets[dimension]?.take(units[dimension]);
      this.#demands[dimension].add(units[dimension]);
    }
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
    if (this.#streams === null || this.#underWay < this.#streams) return null;
    return this.#refused('streams', this.#streams, askAgainMs);
  }

  #refused(dimension: RateRefusal['dimension'], here: number, retryAfterMs: number): RateRefusal {
    const limit = this.#scope.rates[dimension === 'streams' ? dimension : limitNames[dimension]] ?? here;
    return { scope: this.#scope, dimension, limit, ...(here < limit ? { here } : {}), retryAfterMs };
  }

  #limitHere(name: RateName, nowMs: number): number | null {
    const limit = this.#scope.rates[name];
    return limit === null ? null : this.#shares.limitOf(this.#scope, name, limit, nowMs);
  }
}
