import type { Usage } from '../../vocabulary/index.ts';
import type { FloorBucket } from './FloorBucket.ts';

/** A part of a use. */
const partOf = (usage: Usage, part: number): Usage =>
  part === 1 ? usage : Object.fromEntries(Object.entries(usage).map(([bucket, units]) => [bucket, units * part]));

/** Floors over one target, filled one after the other, and asked as if they were one. */
export class FloorStack {
  readonly #buckets: readonly FloorBucket[];
  /** What each said that it takes, when `freeUsd` was asked last. */
  readonly #freeUsd: Float64Array;

  /** @param buckets in the order in which use goes through them. */
  constructor(buckets: readonly FloorBucket[]) {
    this.#buckets = buckets;
    this.#freeUsd = new Float64Array(buckets.length);
  }

  isOpen(atMs: number): boolean {
    return this.#buckets.some((bucket) => bucket.isOpen(atMs));
  }

  /** As `FloorBucket.freeUsd`: what all of them still take. */
  freeUsd(costUsd: number, inputTokens: number, cachedTokens: number, outputTokens: number, atMs: number): number {
    let left = 1;
    let freeUsd = 0;
    for (const [index, bucket] of this.#buckets.entries()) {
      const leftUsd = left * costUsd;
      const its =
        leftUsd > 0 && bucket.isOpen(atMs)
          ? bucket.freeUsd(leftUsd, left * inputTokens, left * cachedTokens, left * outputTokens, atMs)
          : 0;
      this.#freeUsd[index] = its;
      freeUsd += its;
      if (its > 0) left *= 1 - its / leftUsd;
    }
    return Math.min(costUsd, freeUsd);
  }

  /** What a dollar counts that they take, on average over what each of them takes. */
  bid(atMs: number): number {
    let freeUsd = 0;
    let bidUsd = 0;
    for (const [index, bucket] of this.#buckets.entries()) {
      const its = this.#freeUsd[index] ?? 0;
      if (its <= 0) continue;
      freeUsd += its;
      bidUsd += its * bucket.bid(atMs);
    }
    return freeUsd > 0 ? bidUsd / freeUsd : 0;
  }

  /** As `FloorBucket.saw`: each sees its part of a request, by what an interval of it takes, as if all together were one. */
  saw(
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    elsewhereUsd: number,
    payUsd: number,
    atMs: number,
  ): void {
    const rooms = this.#buckets.map((bucket) =>
      bucket.isOpen(atMs) ? 1 / bucket.sizeOf(costUsd, inputTokens, cachedTokens, outputTokens) : 0,
    );
    const all = rooms.reduce((sum, room) => sum + room, 0);
    // What counts nothing takes no room.
    if (!Number.isFinite(all) || all === 0) return;
    for (const [index, bucket] of this.#buckets.entries()) {
      const part = (rooms[index] ?? 0) / all;
      if (part === 0) continue;
      bucket.saw(
        part * costUsd,
        part * inputTokens,
        part * cachedTokens,
        part * outputTokens,
        part * elsewhereUsd,
        part * payUsd,
        atMs,
      );
    }
  }

  /** As `FloorBucket.take`: what the first has no room for goes to the next. */
  take(usd: number, usage: Usage, atMs: number): number | null {
    let left = 1;
    let taken: number | null = null;
    for (const bucket of this.#buckets) {
      if (left <= 0 || !bucket.isOpen(atMs)) continue;
      const share = bucket.take(left * usd, partOf(usage, left), atMs);
      if (share === null) continue;
      taken = (taken ?? 0) + left * share;
      left *= 1 - share;
    }
    return taken;
  }

  /** As `FloorBucket.giveBack`: the last that was filled is emptied first. */
  giveBack(usd: number, usage: Usage, share: number, takenAtMs: number): void {
    let left = share;
    for (const bucket of this.#buckets.toReversed()) {
      const part = Math.min(left, bucket.holds(usd, usage, takenAtMs));
      if (part > 0) bucket.giveBack(usd, usage, part, takenAtMs);
      left -= part;
    }
  }
}
