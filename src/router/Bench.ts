/** How long something stays out: `firstMs`, then twice as long at each failed try, up to `maxMs`. */
export interface BenchPace {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** How far a time that somebody states is believed. Milliseconds. */
export interface StatedBounds {
  /** The least of a first one. Of those that follow it, and nothing is served between them, it is twice that of the one before, up to the second. */
  readonly minMs: number;
  readonly minMsMax: number;
  readonly maxMs: number;
}

export type BenchState = 'healthy' | 'benched' | 'half-open';

/** How long one probe may keep the others waiting; after that it counts as lost and the slot is free again. */
export const probeSlotMsMax = 30_000;
/** When somebody else's probe is under way, asking again after this is worth it. */
const probeRecheckMs = 1_000;

/**
 * One thing that is used, or left alone for a while, as a whole: a target, a credential or a quota domain.
 * Its time out over, it is half-open: one live request at a time probes it (where it is `probed`) until one succeeds.
 * All times are monotonic milliseconds.
 */
export class Bench {
  readonly #probed: boolean;
  #untilMs: number | null = null;
  #waiterUntilMs = 0;
  #pace: BenchPace | null = null;
  #lengthMs = 0;
  /** The least of the last time that somebody stated; 0 where something was served since. */
  #leastMs = 0;
  /** Epochs after the first and after the last of the stated times in a row. */
  #firstStatedEpoch = 0;
  #lastStatedEpoch = 0;
  #cause = '';
  #epoch = 0;
  #prober: object | null = null;
  #probeEndsMs = 0;

  /** @param probed false where the end of the time out is known to be true, so that all may come back at once. */
  constructor(probed: boolean) {
    this.#probed = probed;
  }

  get isHealthy(): boolean {
    return this.#untilMs === null;
  }

  /** Why it is out. Empty when it never was. */
  get cause(): string {
    return this.#cause;
  }

  /** Counts the times out: what began in an earlier epoch says nothing about the present one. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Monotonic end of the time out; null when healthy. */
  get untilMs(): number | null {
    return this.#untilMs;
  }

  state(nowMs: number): BenchState {
    if (this.#untilMs === null) return 'healthy';
    if (nowMs < this.#untilMs) return 'benched';
    return this.#probed ? 'half-open' : 'healthy';
  }

  /**
   * Whether it is closed to a new request, and until when; null when it may be tried. A pure look.
   * @param waited the request has waited as long as the vendor asked, which may be shorter than what we make others wait.
   */
  closedUntilMs(nowMs: number, waited: boolean): number | null {
    if (this.#untilMs === null) return null;
    const untilMs = waited ? Math.min(this.#waiterUntilMs, this.#untilMs) : this.#untilMs;
    if (nowMs < untilMs) return untilMs;
    if (!this.#isProbing(nowMs)) return null;
    return Math.min(this.#probeEndsMs, nowMs + probeRecheckMs);
  }

  /** A request goes there: it takes the probe's slot if there is one to take. @returns whether it did. */
  enter(prober: object, nowMs: number): boolean {
    if (this.state(nowMs) !== 'half-open' || this.#isProbing(nowMs)) return false;
    this.#prober = prober;
    this.#probeEndsMs = nowMs + probeSlotMsMax;
    return true;
  }

  /** Whether the failure of this request is news: nothing was out, or this was the probe. */
  isNewsOf(prober: object): boolean {
    return this.#untilMs === null || this.#prober === prober;
  }

  /** The request is over or no longer tells anything: its slot is free. */
  leave(prober: object): void {
    if (this.#prober === prober) this.#prober = null;
  }

  /** Puts it out, longer than the last time if it never recovered in between. @returns for how many milliseconds. */
  put(nowMs: number, pace: BenchPace, cause: string): number {
    const again = this.#pace === pace && this.#lengthMs > 0;
    this.#pace = pace;
    this.#lengthMs = again ? Math.min(this.#lengthMs * 2, pace.maxMs) : pace.firstMs;
    this.#close(nowMs + this.#lengthMs, nowMs + this.#lengthMs, cause);
    return this.#lengthMs;
  }

  /** Puts it out as long as the last time: more of the same news. */
  repeat(nowMs: number, cause: string): void {
    this.#close(nowMs + this.#lengthMs, nowMs + this.#lengthMs, cause);
  }

  /**
   * Puts it out for a time that somebody stated; never shortens a time out. A request that waits for it waits no longer than was stated.
   * @param epoch Of the request that was told so: what began before the last time out confirms that one and is no reason for a longer one.
   */
  putStated(nowMs: number, statedMs: number, bounds: StatedBounds, epoch: number, cause: string): void {
    const isFirst = this.#leastMs === 0;
    const isNext = isFirst || epoch >= this.#lastStatedEpoch;
    if (isNext) this.#leastMs = isFirst ? bounds.minMs : Math.min(this.#leastMs * 2, bounds.minMsMax);
    const lengthMs = Math.min(Math.max(statedMs, this.#leastMs), bounds.maxMs);
    this.#close(
      Math.max(this.#untilMs ?? 0, nowMs + lengthMs),
      Math.max(this.#untilMs === null ? 0 : this.#waiterUntilMs, nowMs + Math.min(statedMs, lengthMs)),
      cause,
    );
    if (isFirst) this.#firstStatedEpoch = this.#epoch;
    if (isNext) this.#lastStatedEpoch = this.#epoch;
  }

  /** It answers again, but the end is not seen: open to all; another failure still finds the longer time out. */
  lift(epoch: number): boolean {
    if (this.#untilMs === null || epoch !== this.#epoch) return false;
    this.#untilMs = null;
    this.#prober = null;
    return true;
  }

  /** A whole success: the next time out is a first one. @returns whether it was out. */
  recover(epoch: number): boolean {
    // Whoever is let in and served while others are refused shows that the stated times are true.
    if (epoch >= this.#firstStatedEpoch) this.#leastMs = 0;
    if (epoch !== this.#epoch) return false;
    this.#lengthMs = 0;
    return this.lift(epoch);
  }

  #close(untilMs: number, waiterUntilMs: number, cause: string): void {
    this.#untilMs = untilMs;
    this.#waiterUntilMs = waiterUntilMs;
    this.#cause = cause;
    this.#prober = null;
    this.#epoch += 1;
  }

  #isProbing(nowMs: number): boolean {
    return this.#prober !== null && nowMs < this.#probeEndsMs;
  }
}
