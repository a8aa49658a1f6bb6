/** How long the use is that a lease should cover: serving goes on for so long without the database. */
const coveredMinutes = 15;
const minuteMs = 60_000;

interface UsedMinute {
  readonly minute: number;
  /** Nano-USD. */
  drawn: bigint;
  heldMost: bigint;
}

/** What a budget was used for lately, minute by minute. */
export class RecentUse {
  readonly #minutes: UsedMinute[] = [];
  #firstMinute: number | null = null;

  /**
   * @param drawn spent since the last call, nano-USD.
   * @param heldMost most that was held at a time since then.
   */
  add(drawn: bigint, heldMost: bigint, monotonicMs: number): void {
    const minute = Math.floor(monotonicMs / minuteMs);
    while (this.#minutes[0] !== undefined && this.#minutes[0].minute <= minute - coveredMinutes) this.#minutes.shift();
    if (this.#minutes.length === 0) this.#firstMinute = null;
    if (drawn === 0n && heldMost === 0n) return;
    this.#firstMinute ??= minute;
    const last = this.#minutes.at(-1);
    if (last?.minute === minute) {
      last.drawn += drawn;
      if (heldMost > last.heldMost) last.heldMost = heldMost;
    } else this.#minutes.push({ minute, drawn, heldMost });
  }

  /** What goes on as it did takes for so long, and twice the most that was held at a time. Nano-USD; 0 where nothing was used for as long. */
  covering(monotonicMs: number): bigint {
    if (this.#firstMinute === null) return 0n;
    const seen = Math.floor(monotonicMs / minuteMs) - this.#firstMinute + 1;
    const minutes = BigInt(Math.max(1, Math.min(coveredMinutes, seen)));
    let drawn = 0n;
    let heldMost = 0n;
    for (const one of this.#minutes) {
      drawn += one.drawn;
      if (one.heldMost > heldMost) heldMost = one.heldMost;
    }
    return (drawn * BigInt(coveredMinutes)) / minutes + 2n * heldMost;
  }
}
