/** A share of failures that forgets: each observation counts half after `halfLifeMs`. */
export class FailureRate {
  readonly #halfLifeMs: number;
  #failures = 0;
  #total = 0;
  #atMs = 0;

  constructor(halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs;
  }

  observe(failed: boolean, nowMs: number): void {
    this.#fade(nowMs);
    this.#total += 1;
    if (failed) this.#failures += 1;
  }

  /** 0 to 1; 0 where nothing was seen. */
  get rate(): number {
    return this.#total === 0 ? 0 : this.#failures / this.#total;
  }

  /** How many observations stand behind the rate, faded. */
  get volume(): number {
    return this.#total;
  }

  /** The same, as it has faded by now. A pure look. */
  volumeAt(nowMs: number): number {
    return this.#total * this.#keptAt(nowMs);
  }

  forget(): void {
    this.#failures = 0;
    this.#total = 0;
  }

  #fade(nowMs: number): void {
    const kept = this.#keptAt(nowMs);
    this.#failures *= kept;
    this.#total *= kept;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }

  #keptAt(nowMs: number): number {
    return nowMs <= this.#atMs ? 1 : 2 ** ((this.#atMs - nowMs) / this.#halfLifeMs);
  }
}
