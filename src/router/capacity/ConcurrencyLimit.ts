/** How far a quota domain is loaded, and what limits it by what was seen of it. */
export interface ConcurrencyStanding {
  /** Requests under way there now. */
  readonly inFlight: number;
  /** Most that are sent there while others are left; null where nothing has limited it yet. */
  readonly limit: number | null;
}

export interface ConcurrencyBounds {
  /** Below so many under way, neither a refusal nor slowness is laid to how many there are. */
  readonly limitMin: number;
  /** A limit that grows beyond this is none any more. */
  readonly limitMax: number;
}

/** What is left of the limit, or of what was under way, after a refusal for too much. */
const keptAfterRefusal = 0.7;
/** Answers that are so many times slower than usual are borne; beyond that the limit sinks by the ratio ... */
const slownessBorne = 2;
/** ... and at most by this factor at a time. */
const gradientMin = 0.5;
/** The latencies of so long, and of so many answers at least, are judged together. */
const roundMs = 1_000;
const roundAnswersMin = 10;

/**
 * How many requests one quota domain bears at a time, found out by its own traffic: the limit sinks with refusals for too much and with latencies that rise
 * (a gradient), and grows by its root a round while it is used and answers come in time. At first there is none: what never refused nor slowed is not
 * held back. All times are monotonic milliseconds.
 */
export class ConcurrencyLimit {
  readonly #bounds: ConcurrencyBounds;
  #limit: number;
  #inFlight = 0;
  #loweredAtMs = -Infinity;
  #roundFromMs = 0;
  #roundAnswers = 0;
  /** Sum of the logarithms of how many times slower than usual they were. */
  #roundLogs = 0;
  #roundPeak = 0;

  constructor(bounds: ConcurrencyBounds) {
    this.#bounds = bounds;
    this.#limit = bounds.limitMax;
  }

  /** Whether one more had better go elsewhere. */
  get isFull(): boolean {
    return this.#inFlight >= this.#limit;
  }

  get standing(): ConcurrencyStanding {
    const limit = this.#limit >= this.#bounds.limitMax ? null : Math.round(this.#limit);
    return { inFlight: this.#inFlight, limit };
  }

  /** A request goes out. @returns how many are under way with it */
  enter(): number {
    this.#inFlight += 1;
    if (this.#inFlight > this.#roundPeak) this.#roundPeak = this.#inFlight;
    return this.#inFlight;
  }

  /** It is over, however it ended. Once for each that entered. */
  leave(): void {
    this.#inFlight -= 1;
  }

  /** It was answered. @param ratio how many times slower than is usual there; below 1 where it was faster */
  answered(ratio: number, nowMs: number): void {
    this.#roundAnswers += 1;
    this.#roundLogs += Math.log(ratio);
    if (this.#roundAnswers < roundAnswersMin || nowMs - this.#roundFromMs < roundMs) return;
    this.#judge(Math.exp(this.#roundLogs / this.#roundAnswers));
    this.#roundFromMs = nowMs;
    this.#roundAnswers = 0;
    this.#roundLogs = 0;
    this.#roundPeak = this.#inFlight;
  }

  /**
   * It was refused for too much. What was sent before the limit last sank says nothing about the present one.
   * @param under how many were under way with it when it was sent
   */
  refused(startedMs: number, under: number, nowMs: number): void {
    if (startedMs < this.#loweredAtMs) return;
    this.#lower(under, keptAfterRefusal);
    this.#loweredAtMs = nowMs;
  }

  #judge(ratio: number): void {
    const { limitMax } = this.#bounds;
    if (ratio > slownessBorne) this.#lower(this.#roundPeak, Math.max(gradientMin, slownessBorne / ratio));
    else if (this.#roundPeak > this.#limit / 2) this.#limit = Math.min(limitMax, this.#limit + Math.sqrt(this.#limit));
  }

  #lower(under: number, kept: number): void {
    const { limitMin } = this.#bounds;
    if (under > limitMin) this.#limit = Math.max(limitMin, Math.min(this.#limit, under) * kept);
  }
}
