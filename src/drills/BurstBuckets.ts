import type { BurstCapacity } from './Supply.ts';

const minuteMs = 60_000;

interface Bucket {
  left: number;
  atMs: number;
}

/** What quota domains can still take, by the most that they were seen to take in a minute. Where that was no limit, everything: a report says so. */
export class BurstBuckets {
  readonly #capacity: BurstCapacity;
  readonly #buckets = new Map<string, Bucket>();

  constructor(capacity: BurstCapacity) {
    this.#capacity = capacity;
  }

  /** @param share of the capacity that is left, 0 to 1. @param nowMs never goes back. */
  hasRoom(domain: string, share: number, nowMs: number): boolean {
    const seen = this.#capacity(domain);
    if (seen?.limited !== true) return true;
    const most = Math.max(1, seen.requestsPerMinute * share);
    const bucket = this.#buckets.get(domain);
    if (bucket === undefined) {
      this.#buckets.set(domain, { left: most, atMs: nowMs });
      return true;
    }
    bucket.left = Math.min(most, bucket.left + ((nowMs - bucket.atMs) / minuteMs) * most);
    bucket.atMs = nowMs;
    return bucket.left >= 1;
  }

  /** One request goes there. */
  take(domain: string): void {
    const bucket = this.#buckets.get(domain);
    if (bucket !== undefined) bucket.left -= 1;
  }
}
