import { rateDimensions, type QuotaLeft, type QuotaReading, type RateDimension } from '../vocabulary/index.ts';

/** One limit of a vendor, as it told of it last, less what went out since. */
interface Told {
  remaining: number;
  /** Most that there can be; null where it did not say. */
  readonly limit: number | null;
  /** Units that come back each millisecond; 0 where that is not known, and all come back at the end. */
  readonly perMs: number;
  /** Monotonic milliseconds. */
  readonly heardAtMs: number;
  readonly wholeAtMs: number;
}

/** Why a quota domain had better rest: the request would very likely be refused there. */
export interface QuotaRest {
  readonly dimension: RateDimension;
  /** Monotonic milliseconds. */
  readonly untilMs: number;
}

/**
 * What is left of one quota domain, by its vendor's own headers: an estimate, by which others are preferred and nobody is ever refused. Vendors let what was
 * used flow back evenly, and say when all of it will be back; where one does not say how much that is, nothing is counted on before then.
 */
export class QuotaEstimate {
  readonly #restMsMax: number;
  readonly #told: Record<RateDimension, Told | null> = {
    requests: null,
    tokens: null,
    inputTokens: null,
    outputTokens: null,
  };

  /** @param restMsMax Longest rest that is believed. */
  constructor(restMsMax: number) {
    this.#restMsMax = restMsMax;
  }

  /** Takes the newest word of its vendor for what is so. */
  hear(reading: QuotaReading, nowMs: number): void {
    for (const dimension of rateDimensions) {
      const left = reading[dimension];
      if (left !== undefined) this.#told[dimension] = toldAt(left, nowMs, this.#restMsMax);
    }
  }

  /** A request goes out, of which no head has told yet. */
  spend(inputTokens: number): void {
    for (const dimension of rateDimensions) {
      const told = this.#told[dimension];
      if (told !== null)
        told.remaining = Math.max(-(told.limit ?? 0), told.remaining - spentOf(dimension, inputTokens));
    }
  }

  /** What it lacks longest for a request; null where the request fits, as far as is known. */
  rest(inputTokens: number, nowMs: number): QuotaRest | null {
    let longest: QuotaRest | null = null;
    for (const dimension of rateDimensions) {
      const told = this.#told[dimension];
      if (told === null) continue;
      const untilMs = fitsAtMs(told, neededOf(dimension, inputTokens), nowMs);
      if (untilMs > (longest?.untilMs ?? nowMs)) longest = { dimension, untilMs };
    }
    return longest;
  }
}

const toldAt = ({ limit, remaining, resetMs }: QuotaLeft, nowMs: number, restMsMax: number): Told => ({
  remaining,
  limit,
  perMs: limit === null || resetMs === 0 ? 0 : (limit - remaining) / resetMs,
  heardAtMs: nowMs,
  wholeAtMs: nowMs + Math.min(resetMs, restMsMax),
});

/** Output is not known before it is written: some of it must be there, and it is counted when the vendor tells. */
const neededOf = (dimension: RateDimension, inputTokens: number): number =>
  dimension === 'tokens' || dimension === 'inputTokens' ? Math.max(1, inputTokens) : 1;

const spentOf = (dimension: RateDimension, inputTokens: number): number =>
  dimension === 'outputTokens' ? 0 : neededOf(dimension, inputTokens);

const fitsAtMs = ({ remaining, limit, perMs, heardAtMs, wholeAtMs }: Told, needed: number, nowMs: number): number => {
  if (nowMs >= wholeAtMs) return nowMs;
  const lacking = Math.min(needed, limit ?? needed) - remaining;
  if (lacking <= 0) return nowMs;
  return perMs > 0 ? Math.min(wholeAtMs, heardAtMs + Math.ceil(lacking / perMs)) : wholeAtMs;
};
