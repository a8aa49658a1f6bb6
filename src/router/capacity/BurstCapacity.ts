/** What a quota domain was seen to serve in its busiest minute: for plans, and for what is left when others are gone. */
export interface MeasuredCapacity {
  /** Account + region + model family, as candidates name it. */
  readonly quotaDomain: string;
  /** Most requests that were served in one minute; fades. */
  readonly requestsPerMinute: number;
  /** Most tokens in one minute, in and out together; fades. */
  readonly tokensPerMinute: number;
  /** Whether its vendor refused more at that rate. Where it never did, it may well serve more than this. */
  readonly limited: boolean;
}

const minuteCells = 60;
const cellMs = 1_000;
/** What was measured counts half after this: vendors change limits, and so do contracts. */
const halfLifeMs = 7 * 86_400_000;
/** A refusal at this share of the most that was served, or above, says that this is the most. */
const limitedFrom = 0.8;

/**
 * The most that one quota domain served in a minute, of requests and of tokens. Measured by what was answered, never by trying out. Of several replicas each
 * sees its own part. All times are monotonic milliseconds.
 */
export class BurstCapacity {
  // One cell a second, a ring of 60: the sums are kept, so that no answer walks over the minute.
  readonly #requests = new Float64Array(minuteCells);
  readonly #tokens = new Float64Array(minuteCells);
  #requestsSum = 0;
  #tokensSum = 0;
  #second = 0;
  #requestsMost = 0;
  #tokensMost = 0;
  #mostAtMs = 0;
  #limited = false;

  /** Whether anything was measured. */
  get isMeasured(): boolean {
    return this.#requestsMost > 0;
  }

  /** A request was served. @param tokens in and out together, as far as they are known */
  served(tokens: number, nowMs: number): void {
    const cell = this.#advance(nowMs);
    this.#requests[cell] = (this.#requests[cell] ?? 0) + 1;
    this.#tokens[cell] = (this.#tokens[cell] ?? 0) + tokens;
    this.#requestsSum += 1;
    this.#tokensSum += tokens;
    this.#fade(nowMs);
    if (this.#requestsSum > this.#requestsMost || this.#tokensSum > this.#tokensMost) this.#limited = false;
    this.#requestsMost = Math.max(this.#requestsMost, this.#requestsSum);
    this.#tokensMost = Math.max(this.#tokensMost, this.#tokensSum);
  }

  /** A request was refused for too much. */
  refused(nowMs: number): void {
    this.#advance(nowMs);
    this.#fade(nowMs);
    this.#limited ||=
      this.#requestsSum >= limitedFrom * this.#requestsMost || this.#tokensSum >= limitedFrom * this.#tokensMost;
  }

  /** What was measured before, by another process. @param ageMs since then */
  restore(kept: Omit<MeasuredCapacity, 'quotaDomain'>, ageMs: number, nowMs: number): void {
    this.#fade(nowMs);
    const left = leftAfter(ageMs);
    if (kept.requestsPerMinute * left > this.#requestsMost) this.#limited = kept.limited;
    this.#requestsMost = Math.max(this.#requestsMost, kept.requestsPerMinute * left);
    this.#tokensMost = Math.max(this.#tokensMost, kept.tokensPerMinute * left);
  }

  reading(quotaDomain: string, nowMs: number): MeasuredCapacity {
    this.#fade(nowMs);
    return {
      quotaDomain,
      requestsPerMinute: Math.round(this.#requestsMost),
      tokensPerMinute: Math.round(this.#tokensMost),
      limited: this.#limited,
    };
  }

  #fade(nowMs: number): void {
    const left = leftAfter(nowMs - this.#mostAtMs);
    this.#requestsMost *= left;
    this.#tokensMost *= left;
    this.#mostAtMs = Math.max(this.#mostAtMs, nowMs);
  }

  /** Moves the minute on to now. @returns the cell of this second */
  #advance(nowMs: number): number {
    const second = Math.max(this.#second, Math.floor(nowMs / cellMs));
    const steps = Math.min(minuteCells, second - this.#second);
    for (let step = steps - 1; step >= 0; step--) this.#clear((second - step) % minuteCells);
    this.#second = second;
    return second % minuteCells;
  }

  #clear(cell: number): void {
    this.#requestsSum -= this.#requests[cell] ?? 0;
    this.#tokensSum -= this.#tokens[cell] ?? 0;
    this.#requests[cell] = 0;
    this.#tokens[cell] = 0;
  }
}

const leftAfter = (elapsedMs: number): number => (elapsedMs <= 0 ? 1 : 2 ** (-elapsedMs / halfLifeMs));
