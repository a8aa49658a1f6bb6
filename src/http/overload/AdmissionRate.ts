import { TurnMedian } from './TurnMedian.ts';

/** What was seen since the last look. */
export interface TurnReading {
  readonly elapsedMs: number;
  /** Mean processor time of a turn of the event loop: about what one more event waits before anybody looks at it. */
  readonly turnMs: number;
  /** Requests that came, and those of them that were let in. */
  readonly arrived: number;
  readonly admitted: number;
  /** Requests that ended. */
  readonly finished: number;
  /** How long requests take from their coming to their end, of late. */
  readonly durationMs: number;
}

/** Time of which the turns are looked at together. Half of it must have gone into turns that are too long: a collection of garbage or one large body is no overload. */
const standingMs = 800;
/** Looks of which the shortest turn counts from then on: a queue that is gone at one of them was a burst. */
const burstLooks = 3;
/** How long nobody must have been turned away before the limit is forgotten. */
const restMs = 3_000;
/** Time over which rates are averaged. */
const averageMs = 1_000;
/** What is taken from the limit when turns are too long, once in the time that it takes to be felt. */
const decrease = 0.85;
/** It is not taken below this share of what was served of late: turns that are long for another reason do not have everybody turned away. */
const servedShareMin = 0.75;
/** What is added to it in that time while turns are short: at most, and from what was served of late on. */
const increaseMax = 0.5;
const increaseBeyond = 0.2;
/** Time over which it is averaged what was served of late. */
const servedMs = 5_000;
/** Time in which it is forgotten what could once be served. */
const knownMs = 30_000;
/** Below this share of that, the limit is found again at once: what has just been too much may be over. It is never less than the other share. */
const knownShareSoon = 0.5;
const knownShareMin = 0.1;
const increaseSoon = 2;
const feltMsSoon = 1_000;
/** The least that is let in whatever the turns, in requests a millisecond: one a second, so that the end of an overload is found. */
const rateMin = 0.001;
/** What turning a request away takes, against serving one. */
const shedCost = 0.08;
/** Least and most time between two decreases. */
const feltMsMin = 300;
const feltMsMax = 10_000;

/**
 * How many requests may come in, learnt from how long the turns of the event loop are. That is our own queue: what vendors take is not in it. While turns are
 * short there is no limit; when they stay too long it begins at what came in, is lowered at once as they grow, and finds the rate at which they stay as
 * long as they may. At that rate the processor is fully used, and what comes in does not wait behind what nobody waits for any more.
 */
export class AdmissionRate {
  #rate: number | null = null;
  readonly #turns = new TurnMedian(standingMs);
  readonly #turnsMs: number[] = [];
  #turnMs = 0;
  #targetMs = 0;
  #restedMs = 0;
  #sinceDecreaseMs = 0;
  #shedRate = 0;
  #admittedRate = 0;
  #finishedRate = 0;
  #servedRate = 0;
  #knownRate = 0;

  /** Requests a millisecond; null: as many as come. */
  get ratePerMs(): number | null {
    if (this.#rate === null) return null;
    const now = this.#turnMs <= this.#targetMs ? 1 : Math.max(0.3, this.#targetMs / this.#turnMs);
    return Math.max(rateMin, this.#rate * now);
  }

  /** @param targetMs How long turns may be; 0: as long as they are. */
  observe(reading: TurnReading, targetMs: number): void {
    const { elapsedMs, arrived, admitted, finished } = reading;
    const weight = Math.min(1, elapsedMs / averageMs);
    this.#admittedRate += (admitted / elapsedMs - this.#admittedRate) * weight;
    this.#finishedRate += (finished / elapsedMs - this.#finishedRate) * weight;
    this.#shedRate += ((arrived - admitted) / elapsedMs - this.#shedRate) * weight;
    this.#turns.add(reading.turnMs, elapsedMs);
    this.#turnsMs.push(reading.turnMs);
    if (this.#turnsMs.length > burstLooks) this.#turnsMs.shift();
    const serving = this.#servingShare();
    const turnMs = Math.min(...this.#turnsMs) * serving;
    this.#turnMs = turnMs;
    this.#targetMs = targetMs;
    if (targetMs === 0) this.#forget();
    else if (this.#rate !== null) this.#adapt({ ...reading, turnMs }, targetMs);
    else if (this.#turns.median * serving > targetMs) this.#begin();
  }

  /**
   * The part of a turn that goes into what was let in. Who is turned away and comes back at once, again and again, makes turns long, too, and to let fewer
   * in would not make them shorter: in the end nobody would be served.
   */
  #servingShare(): number {
    const served = Math.max(this.#admittedRate, this.#finishedRate);
    const shed = this.#shedRate * shedCost;
    return shed === 0 ? 1 : served / (served + shed);
  }

  #forget(): void {
    this.#rate = null;
  }

  #begin(): void {
    // What ends while the processor has no rest is what it can do; where long answers have only begun, nothing may have ended yet.
    this.#rate = Math.max(this.#admittedRate / 2, Math.min(this.#admittedRate, this.#finishedRate));
    this.#servedRate = this.#finishedRate;
    this.#knownRate = Math.max(this.#knownRate, this.#servedRate);
    this.#sinceDecreaseMs = 0;
    this.#restedMs = 0;
  }

  #adapt({ elapsedMs, turnMs, arrived, admitted, durationMs }: TurnReading, targetMs: number): void {
    const rate = this.#rate ?? 0;
    const isBinding = admitted < arrived;
    this.#sinceDecreaseMs += elapsedMs;
    this.#restedMs = isBinding ? 0 : this.#restedMs + elapsedMs;
    if (this.#restedMs >= restMs && turnMs <= targetMs) return this.#forget();
    this.#servedRate += (this.#finishedRate - this.#servedRate) * Math.min(1, elapsedMs / servedMs);
    this.#knownRate = Math.max(this.#servedRate, this.#knownRate * Math.max(0, 1 - elapsedMs / knownMs));
    const feltMs = Math.min(feltMsMax, Math.max(feltMsMin, durationMs));
    if (turnMs > targetMs) {
      if (this.#sinceDecreaseMs < feltMs) return;
      // Where nobody is turned away, below what was let in: else to lower it would change nothing.
      const lowered = (isBinding ? rate : Math.min(rate, this.#admittedRate)) * decrease;
      this.#rate = Math.max(rateMin, this.#servedRate * servedShareMin, this.#knownRate * knownShareMin, lowered);
      this.#sinceDecreaseMs = 0;
    } else if (isBinding) {
      const spare = 1 - turnMs / targetMs;
      const grown = rate < this.#servedRate ? increaseMax / feltMs : increaseBeyond / feltMs;
      const soon = rate < this.#knownRate * knownShareSoon ? increaseSoon / Math.min(feltMs, feltMsSoon) : 0;
      this.#rate = rate * (1 + Math.max(grown, soon) * spare * elapsedMs);
    }
  }
}
