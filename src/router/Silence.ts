/** Tries without a sign of life that may be chance. */
const triesMin = 5;
/** Tries that are remembered: more of them say nothing more. */
const triesMax = 256;
/** Nobody is taken for silent sooner. */
const patienceMsMin = 1_000;
/** Signs of life before it is known how long quiet is usual. */
const signsMin = 20;
/** How many times longer than usual quiet is borne. */
const patienceFactor = 3;
/** Part of the quiet so far after which somebody finds out whether it is over. */
const probeShare = 0.25;
/** Weight of the newest quiet in what is usual. */
const quietWeight = 0.05;

/**
 * Whether a quota domain that was talking says nothing any more, while requests wait there. Failures tell of a vendor that hangs only when the first of them is
 * given up, and by then all that was sent meanwhile waits there too: what is under way is counted here. All times are monotonic milliseconds.
 */
export class Silence {
  /** Tries that wait for the head of an answer. */
  #waiting = 0;
  /** When the tries began that are younger than each that was heard of; an older one that waits may just be a long one. */
  #tries: number[] = [];
  #newestMs = 0;
  #signs = 0;
  /** Logarithm of how long it usually is from such a try to the next sign of life: a geometric mean. */
  #quietLog = 0;

  /** A try goes out. */
  sent(nowMs: number): void {
    if (this.#waiting === 0) this.#tries = [];
    this.#waiting += 1;
    this.#newestMs = nowMs;
    if (this.#tries.length < triesMax) this.#tries.push(nowMs);
  }

  /** A try waits no more, whatever became of it. Once for each that was sent. */
  settled(): void {
    this.#waiting -= 1;
  }

  /** The head of an answer came, whatever it says, to a try that began then. */
  heard(startedMs: number, nowMs: number): void {
    this.#signs += 1;
    this.#learn(nowMs);
    const younger = this.#tries.findIndex((triedMs) => triedMs > startedMs);
    if (younger === -1) this.#tries = [];
    else if (younger > 0) this.#tries.splice(0, younger);
  }

  /**
   * How long nothing was heard, where that is too long; else null. Milliseconds. Null as well once nobody has tried for a while: whoever asks next finds out whether
   * the quiet is over, since those who wait may wait long after the vendor is back.
   */
  silentMs(nowMs: number): number | null {
    const [sinceMs] = this.#tries;
    if (sinceMs === undefined || this.#waiting < triesMin || this.#tries.length < triesMin) return null;
    const quietMs = nowMs - sinceMs;
    const patienceMs = this.#patienceMs;
    if (this.#signs < signsMin || quietMs < patienceMs) return null;
    const untriedMs = nowMs - Math.max(this.#newestMs, sinceMs + patienceMs);
    return untriedMs < Math.max(patienceMs, quietMs * probeShare) ? quietMs : null;
  }

  /** Quiet that lasted far longer than usual is believed by and by. */
  #learn(nowMs: number): void {
    const [sinceMs] = this.#tries;
    if (sinceMs === undefined) return;
    const quietMs = Math.max(1, Math.min(nowMs - sinceMs, this.#patienceMs));
    this.#quietLog += (Math.log(quietMs) - this.#quietLog) * quietWeight;
  }

  get #patienceMs(): number {
    return Math.max(patienceMsMin, patienceFactor * Math.exp(this.#quietLog));
  }
}
