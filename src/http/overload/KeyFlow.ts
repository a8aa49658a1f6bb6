/** Credit that a key has at most: what it may ask for at once after a while of silence. */
const creditMin = 4;
const creditMs = 2_000;
/** Time over which a key's rate is averaged. */
const averageMs = 1_000;
/** Below this rate, a request in twenty seconds, a key is as good as silent. Requests a millisecond. */
const silentRate = 0.000_05;

/** The requests of one key: how many are here, how many it asks for, and what it may have while not all fit. */
export class KeyFlow {
  /** Requests that are here. */
  here = 0;
  /** Those that came since the last look. */
  arrived = 0;
  #wantedRate = 0;
  #credit = 1;
  #creditAtMs = 0;

  /** Requests a millisecond that it asks for. */
  get wantedRate(): number {
    return this.#wantedRate;
  }

  get isSilent(): boolean {
    return this.here === 0 && this.arrived === 0 && this.#wantedRate < silentRate;
  }

  look(elapsedMs: number): void {
    const weight = Math.min(1, elapsedMs / averageMs);
    this.#wantedRate += (this.arrived / elapsedMs - this.#wantedRate) * weight;
    this.arrived = 0;
  }

  /** Takes one request's credit. @returns whether there was any. */
  take(ratePerMs: number, nowMs: number): boolean {
    const grown = this.#credit + ratePerMs * (nowMs - this.#creditAtMs);
    this.#credit = Math.min(grown, Math.max(creditMin, ratePerMs * creditMs));
    this.#creditAtMs = nowMs;
    if (this.#credit < 1) return false;
    this.#credit -= 1;
    return true;
  }

  /** Begins anew with nothing saved: all at once would bring in what has just been too much. */
  restart(nowMs: number): void {
    this.#credit = 1;
    this.#creditAtMs = nowMs;
  }
}
