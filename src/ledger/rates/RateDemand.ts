/** Over how long a use is smoothed. Milliseconds. */
const memoryMs = 15_000;
const minuteMs = 60_000;

/** How much of one limit could be used here, as far as the last seconds tell: what was let through, and what was refused. Units a minute. */
export class RateDemand {
  #units = 0;
  #perMinute = 0;

  /** Units were let through or refused, or came back where they are negative. */
  add(units: number): void {
    this.#units += units;
  }

  /** Brings in what came since the last look. */
  look(sinceMs: number): number {
    if (sinceMs > 0) {
      const kept = Math.exp(-sinceMs / memoryMs);
      const recent = (Math.max(0, this.#units) * minuteMs) / sinceMs;
      this.#perMinute = this.#perMinute * kept + recent * (1 - kept);
      this.#units = 0;
    }
    return this.#perMinute;
  }
}
