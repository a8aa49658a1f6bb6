/** Requests that are remembered: those to come are taken to be like them. */
const samplesMax = 64;
/** As many have to be seen before anything is said of worth. */
const samplesMin = 32;
/** Apart by this much at least, so that where many come they are not all of one moment. */
const spacingMs = 6_000;
const hourMs = 3_600_000;
/** How long the rate of requests is remembered. */
const memoryMs = 20 * 60_000;
/** What room is worth is worked out anew after this, or when so many were seen as are needed at first. */
const planEveryMs = 5 * 60_000;
/** Levels of room that are told apart. */
const levels = 32;
const row = levels + 1;
/** Steps into which an interval is cut, at most; where more come, several requests are taken for one. */
const stepsMax = 128;
/** Requests in a step, at most, so that there is rarely more than one. */
const requestsOfStepMax = 0.5;

/** Whether less time has passed; not where the clock was ahead and came back. */
const isWithin = (elapsedMs: number, limitMs: number): boolean => elapsedMs >= 0 && elapsedMs < limitMs;

/** Of a request: its size, what it comes to where the floor takes none of it, and where its target is paid. */
export type WorthSample = readonly [size: number, elsewhereUsd: number, payUsd: number];

/** What is carried over: those who came last, the oldest first, and their rate. */
export interface WorthState {
  readonly samples: readonly WorthSample[];
  readonly requests: number;
  readonly spanMs: number;
}

/**
 * What the room that is left in a floor's interval is worth: what the requests that are still to come in it would save there, with the best choice among
 * them. It is worked out backwards from the interval's end, where room is worth nothing. Sizes and room are shares of an interval, money is Float64
 * US dollars, times are Unix milliseconds.
 */
export class FloorWorth {
  readonly #intervalMs: number;
  readonly #sizes = new Float64Array(samplesMax);
  readonly #elsewhereUsd = new Float64Array(samplesMax);
  readonly #payUsd = new Float64Array(samplesMax);
  #kept = 0;
  #keptMs = -Infinity;
  #keptAtPlan = 0;
  #plannedMs = -Infinity;
  /** Requests and time, both fading: their ratio is the rate. */
  #requests = 0;
  #spanMs = 0;
  #lastMs: number;
  /** By steps that are left and by level of room. */
  readonly #worthUsd = new Float64Array((stepsMax + 1) * row);
  #steps = 0;
  /** What comes to other replicas as well. */
  #requestsPerHourElsewhere = 0;

  constructor(intervalMs: number, beginsMs: number) {
    this.#intervalMs = intervalMs;
    this.#lastMs = beginsMs;
  }

  /** Whether enough was seen. */
  get isKnown(): boolean {
    return this.#steps > 0;
  }

  /**
   * A request came.
   * @param size What it takes of an empty interval; more than 1 where it does not fit.
   * @param elsewhereUsd What it comes to where the floor takes none of it.
   * @param payUsd What it comes to where the floor's target is paid for it.
   */
  saw(size: number, elsewhereUsd: number, payUsd: number, atMs: number): void {
    this.#fade(atMs);
    this.#requests += 1;
    // What takes nothing, or no share of a floor that is none, teaches nothing.
    if (!(size > 0 && size < Infinity) || isWithin(atMs - this.#keptMs, spacingMs)) return;
    const place = this.#kept % samplesMax;
    this.#sizes[place] = size;
    this.#elsewhereUsd[place] = elsewhereUsd;
    this.#payUsd[place] = payUsd;
    this.#kept += 1;
    this.#keptMs = atMs;
  }

  /** Works out anew what room is worth, where it is time to. */
  plan(nowMs: number): void {
    const fresh = this.#kept - this.#keptAtPlan;
    if (fresh === 0 || this.#kept < samplesMin) return;
    if (fresh < samplesMin && isWithin(nowMs - this.#plannedMs, planEveryMs)) return;
    this.#keptAtPlan = this.#kept;
    this.#plannedMs = nowMs;
    const requests = ((this.requestsPerHour(nowMs) + this.#requestsPerHourElsewhere) * this.#intervalMs) / hourMs;
    const steps = Math.max(1, Math.ceil(requests / requestsOfStepMax));
    this.#steps = Math.min(stepsMax, steps);
    const together = steps / this.#steps;
    for (let step = 1; step <= this.#steps; step++)
      for (let level = 1; level <= levels; level++)
        this.#worthUsd[step * row + level] = this.#stepBack(step - 1, level, requests / steps, together);
  }

  /** How many come here. */
  requestsPerHour(nowMs: number): number {
    const left = this.#leftOf(nowMs);
    const spanMs = this.#spanMs * left + memoryMs * (1 - left);
    return spanMs > 0 ? ((this.#requests * left) / spanMs) * hourMs : 0;
  }

  /** So many come to others who fill the same intervals: from the next plan on. */
  others(requestsPerHour: number): void {
    this.#requestsPerHourElsewhere = requestsPerHour;
  }

  state(): WorthState {
    const samples: WorthSample[] = [];
    for (let at = Math.max(0, this.#kept - samplesMax); at < this.#kept; at++) {
      const place = at % samplesMax;
      samples.push([this.#sizes[place] ?? 0, this.#elsewhereUsd[place] ?? 0, this.#payUsd[place] ?? 0]);
    }
    return { samples, requests: this.#requests, spanMs: this.#spanMs };
  }

  /** Goes on from what another has seen, where nothing was seen here: nobody came in the time between. */
  adopt({ samples, requests, spanMs }: WorthState, nowMs: number): void {
    if (this.#requests > 0) return;
    for (const [place, [size, elsewhereUsd, payUsd]] of samples.slice(-samplesMax).entries()) {
      this.#sizes[place] = size;
      this.#elsewhereUsd[place] = elsewhereUsd;
      this.#payUsd[place] = payUsd;
      this.#kept = place + 1;
    }
    [this.#requests, this.#spanMs, this.#lastMs] = [requests, spanMs, nowMs];
    this.plan(nowMs);
  }

  /** What is given up by taking so much of the room. @param timeLeft Share of the interval that is still to come. */
  takenUsd(size: number, room: number, timeLeft: number): number {
    return this.#roomUsd(room, timeLeft) - this.#roomUsd(Math.max(0, room - size), timeLeft);
  }

  #roomUsd(room: number, timeLeft: number): number {
    const step = timeLeft * this.#steps;
    const whole = Math.min(this.#steps - 1, Math.floor(step));
    const later = this.#atLevel(whole, room * levels);
    return later + (step - whole) * (this.#atLevel(whole + 1, room * levels) - later);
  }

  /** What a level of room is worth with one step more to go: who comes in it gets room where that saves more than the room is worth afterwards. */
  #stepBack(step: number, level: number, likely: number, together: number): number {
    const samples = Math.min(this.#kept, samplesMax);
    const keptUsd = this.#worthUsd[step * row + level] ?? 0;
    let gainsUsd = 0;
    for (let place = 0; place < samples; place++) {
      const size = (this.#sizes[place] ?? 0) * together * levels;
      const paidShare = size > level ? 1 - level / size : 0;
      const savedUsd = together * ((this.#elsewhereUsd[place] ?? 0) - paidShare * (this.#payUsd[place] ?? 0));
      const gainUsd = savedUsd + this.#atLevel(step, Math.max(0, level - size)) - keptUsd;
      if (gainUsd > 0) gainsUsd += gainUsd;
    }
    return keptUsd + (likely * gainsUsd) / samples;
  }

  #atLevel(step: number, level: number): number {
    const whole = Math.min(levels - 1, Math.floor(level));
    const at = step * row + whole;
    const lower = this.#worthUsd[at] ?? 0;
    return lower + (level - whole) * ((this.#worthUsd[at + 1] ?? 0) - lower);
  }

  /** What is left by then of what is remembered now. */
  #leftOf(nowMs: number): number {
    return Math.exp(-Math.max(0, nowMs - this.#lastMs) / memoryMs);
  }

  #fade(nowMs: number): void {
    const left = this.#leftOf(nowMs);
    this.#requests *= left;
    this.#spanMs = this.#spanMs * left + memoryMs * (1 - left);
    this.#lastMs = nowMs;
  }
}
