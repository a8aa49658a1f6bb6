import type { Result } from '../kernel/index.ts';
import { assert, failure, success } from '../kernel/index.ts';

/** Most keys whose rates are kept at a time. */
export const rateBucketsMax = 100_000;
/** Fewest milliseconds between two sweeps of full buckets. */
const sweepIntervalMs = 1_000;
const minuteMs = 60_000;

/** Whose rates are counted: a key with the most requests and tokens it may use a minute; null where there is no limit. */
export interface RateHolder {
  /** Name of the key. */
  readonly key: string;
  readonly limits: { readonly rpm: number | null; readonly tpm: number | null };
}

export type RateDimension = 'requests' | 'tokens';

/** A rate that is used up. */
export interface RateRefusal {
  readonly dimension: RateDimension;
  readonly limitPerMinute: number;
  /** Milliseconds after which the same request will be let through, if nothing else is taken meanwhile. */
  readonly retryAfterMs: number;
}

/** What one request took, to be corrected or given back. */
export interface RateTake {
  readonly key: string;
  /** Estimated tokens that were taken and are not yet replaced by real ones. */
  readonly tokensOpen: number;
}

class OpenTake implements RateTake {
  readonly key: string;
  tokensOpen: number;

  constructor(key: string, tokens: number) {
    this.key = key;
    this.tokensOpen = tokens;
  }
}

/**
 * A bucket that holds a minute's worth and fills evenly. Below 0 it is in debt, which it pays off before it lets anything through.
 * Its level counts sixty-thousandths of a unit, of which `limit` flow in each whole millisecond: integers, so that what a refusal promises comes true.
 */
interface Bucket {
  limit: number;
  level: number;
  atMs: number;
}

const full = (bucket: Bucket): number => bucket.limit * minuteMs;

const filled = (bucket: Bucket, nowMs: number): void => {
  const wholeMs = Math.floor(nowMs);
  if (wholeMs <= bucket.atMs) return;
  bucket.level = Math.min(full(bucket), bucket.level + (wholeMs - bucket.atMs) * bucket.limit);
  bucket.atMs = wholeMs;
};

/** Puts units back, or takes them where they are negative; a full bucket stays full. */
const giveBack = (bucket: Bucket | undefined, units: number, nowMs: number): void => {
  if (!bucket) return;
  filled(bucket, nowMs);
  bucket.level = Math.min(full(bucket), bucket.level + units * minuteMs);
};

/** More than a whole minute's worth is let through by a full bucket, and paid off afterwards: else it could never be asked for. */
const needed = (bucket: Bucket, units: number): number => Math.min(units, bucket.limit) * minuteMs;

const waitMs = (bucket: Bucket, units: number): number =>
  Math.ceil((needed(bucket, units) - bucket.level) / bucket.limit);

/**
 * Rates per key as token buckets on the monotonic clock. A take is one step over both dimensions: it takes from both or from neither,
 * so a request that is refused for its tokens uses up no request.
 */
export class RateLimits {
  readonly #requests = new Map<string, Bucket>();
  readonly #tokens = new Map<string, Bucket>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  /**
   * Takes one request and its estimated tokens.
   * @param nowMs monotonic milliseconds.
   */
  take(holder: RateHolder, tokens: number, nowMs: number): Result<RateTake, RateRefusal> {
    this.#sweep(nowMs);
    const { key, limits } = holder;
    const requests = this.#bucket(this.#requests, key, limits.rpm, nowMs);
    const tokenBucket = this.#bucket(this.#tokens, key, limits.tpm, nowMs);
    const refusal = later(refusalOf('requests', requests, 1), refusalOf('tokens', tokenBucket, tokens));
    if (refusal) return failure(refusal);
    if (requests) requests.level -= minuteMs;
    if (tokenBucket) tokenBucket.level -= tokens * minuteMs;
    return success(new OpenTake(key, tokens));
  }

  /**
   * Books tokens that were really used. The first correction replaces the estimate; those after it, for further attempts of the same request, add.
   * @param nowMs monotonic milliseconds.
   */
  correct(take: RateTake, tokensActual: number, nowMs: number): void {
    assert(take instanceof OpenTake, 'a take comes from these limits');
    giveBack(this.#tokens.get(take.key), take.tokensOpen - tokensActual, nowMs);
    take.tokensOpen = 0;
  }

  /** Gives everything back: the request was refused further on and never left. */
  refund(take: RateTake, nowMs: number): void {
    this.correct(take, 0, nowMs);
    giveBack(this.#requests.get(take.key), 1, nowMs);
  }

  /** Buckets kept, for the figures of this process. */
  get size(): number {
    return this.#requests.size + this.#tokens.size;
  }

  #bucket(buckets: Map<string, Bucket>, id: string, limit: number | null, nowMs: number): Bucket | null {
    if (limit === null) {
      buckets.delete(id);
      return null;
    }
    const known = buckets.get(id);
    if (known) {
      filled(known, nowMs);
      // A new limit keeps what is owed and takes off what no longer fits.
      known.limit = limit;
      known.level = Math.min(known.level, full(known));
      return known;
    }
    const bucket: Bucket = { limit, level: limit * minuteMs, atMs: Math.floor(nowMs) };
    if (buckets.size < rateBucketsMax) buckets.set(id, bucket);
    else this.#insertInsteadOfFullest(buckets, id, bucket);
    return bucket;
  }

  /** A bucket that is full again is the same as none: leaving it out loses nothing. */
  #sweep(nowMs: number): void {
    const isDue = this.#requests.size >= rateBucketsMax || this.#tokens.size >= rateBucketsMax;
    if (!isDue || nowMs - this.#sweptAtMs < sweepIntervalMs) return;
    this.#sweptAtMs = nowMs;
    for (const buckets of [this.#requests, this.#tokens]) {
      for (const [id, bucket] of buckets) {
        filled(bucket, nowMs);
        if (bucket.level >= full(bucket)) buckets.delete(id);
      }
    }
  }

  /** Beyond the bound the bucket that has least to lose makes room. */
  #insertInsteadOfFullest(buckets: Map<string, Bucket>, id: string, bucket: Bucket): void {
    let fullest: string | null = null;
    let most = Number.NEGATIVE_INFINITY;
    for (const [other, { level, limit }] of buckets) {
      if (level / limit <= most) continue;
      most = level / limit;
      fullest = other;
    }
    if (fullest !== null) buckets.delete(fullest);
    buckets.set(id, bucket);
  }
}

const refusalOf = (dimension: RateDimension, bucket: Bucket | null, units: number): RateRefusal | null => {
  if (!bucket || bucket.level >= needed(bucket, units)) return null;
  return { dimension, limitPerMinute: bucket.limit, retryAfterMs: waitMs(bucket, units) };
};

/** The refusal that lasts longer: waiting for the shorter one would be in vain. */
const later = (one: RateRefusal | null, other: RateRefusal | null): RateRefusal | null => {
  if (!one || !other) return one ?? other;
  return one.retryAfterMs >= other.retryAfterMs ? one : other;
};
