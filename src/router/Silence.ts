/** Tries without a sign of life that may be chance. */
const triesMin = 5;
/** Tries that are remembered: more of them say nothing more. */
const triesMax = 256;
/** Nobody is taken for silent sooner. */
const patienceMsMin = 1_000;
/** Signs of life before it is known how long quiet is usual, where nothing else tells. */
const signsMin = 20;
/** As many signs of life what the file allows counts as. */
const allowedSigns = 5;
/** Part of what the file allows until the first byte after which quiet is no chance: of a stream, whose head comes before its content, and of an answer that comes whole. */
const allowedShare = { streamed: 1 / 8, whole: 1 / 2 };
/** How many times longer than usual quiet is borne. */
const patienceFactor = 3;
/** Part of the quiet so far after which somebody finds out whether it is over. */
const probeShare = 0.25;
/** Weight of the newest quiet in what is usual, once many were seen; before that it is the plain mean. */
const quietWeightMin = 0.05;
/** What was usual longer ago than this is not believed. */
const pastMsMax = 86_400_000;

/** What a try is given time for. */
export interface AwaitedHead {
  /** Longest time until the first byte of its answer, by the file. Milliseconds. */
  readonly allowedMs: number;
  /** Whether the answer comes as it is written. */
  readonly streamed: boolean;
}

/** How long it usually is until a quota domain is heard of again. Plain data, to be kept. */
export interface UsualQuiet {
  readonly quotaDomain: string;
  readonly quietMs: number;
}

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
  /** As many signs of life what is believed without having heard any counts as; 0 where nothing is. */
  #believedSigns = 0;
  /** Logarithm of how long it usually is from such a try to the next sign of life: a geometric mean. */
  #quietLog = 0;

  /** A try goes out. @param awaited null where nobody says how long it may take */
  sent(nowMs: number, awaited: AwaitedHead | null = null): void {
    if (awaited !== null && this.#signs === 0) this.#believe(awaited);
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
    if (!this.#isKnown || quietMs < patienceMs) return null;
    const untriedMs = nowMs - Math.max(this.#newestMs, sinceMs + patienceMs);
    return untriedMs < Math.max(patienceMs, quietMs * probeShare) ? quietMs : null;
  }

  /** How long it usually is until something is heard; null where that is not known by what was heard. Milliseconds. */
  get usualMs(): number | null {
    return this.#signs + this.#believedSigns < signsMin ? null : Math.exp(this.#quietLog);
  }

  /** Takes over what was usual before this process. @param ageMs since then */
  restore(quietMs: number, ageMs: number): void {
    if (this.#signs > 0 || ageMs > pastMsMax) return;
    this.#believedSigns = signsMin;
    this.#quietLog = Math.log(Math.max(1, quietMs));
  }

  get #isKnown(): boolean {
    return this.#believedSigns > 0 || this.#signs >= signsMin;
  }

  /** Until something is heard: of those who wait there, who may take the longest says how long quiet may be. */
  #believe({ allowedMs, streamed }: AwaitedHead): void {
    if (this.#believedSigns > allowedSigns) return;
    const patienceMs = allowedMs * (streamed ? allowedShare.streamed : allowedShare.whole);
    this.#quietLog = Math.max(this.#quietLog, Math.log(Math.max(1, patienceMs / patienceFactor)));
    this.#believedSigns = allowedSigns;
  }

  /** Quiet that lasted far longer than usual is believed by and by. */
  #learn(nowMs: number): void {
    const [sinceMs] = this.#tries;
    if (sinceMs === undefined) return;
    const quietMs = Math.max(1, Math.min(nowMs - sinceMs, this.#patienceMs));
    const weight = Math.max(quietWeightMin, 1 / (this.#signs + this.#believedSigns));
    this.#quietLog += (Math.log(quietMs) - this.#quietLog) * weight;
  }

  get #patienceMs(): number {
    return Math.max(patienceMsMin, patienceFactor * Math.exp(this.#quietLog));
  }
}
