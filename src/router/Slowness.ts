/** An answer, as far as its time to the first content tells how fast its target is. */
export interface TimedAnswer {
  /** From the call to the first content. Milliseconds. */
  readonly firstContentMs: number;
  /** Whether the content came as it was written; else all of it came at once. */
  readonly streamed: boolean;
  readonly outputTokens: number;
}

/** What comes whole is written first: so many tokens are taken to last as long as the wait before the first of them. */
const tokensAWait = 64;
/** Weight of a new answer in what is usual, once many were seen; before that it is the plain mean. */
const usualWeightMin = 0.01;
/** Weight of a new answer in what is so now. */
const recentWeight = 0.2;
/** Answers before anything is called usual, or slow. */
const usualAnswersMin = 20;
const recentAnswersMin = 5;
/** Less than this beyond the usual is nothing that anybody feels, however large the ratio. */
const excessMsMin = 200;
/** One answer counts as at most so many times slower. */
const ratioMax = 16;
/** So many times slower than its own usual is a brown-out. */
const brownOutRatio = 3;
/** After this without an answer half of what was seen is forgotten, so that it is tried again. */
const halfLifeMs = 8_000;

interface Usual {
  log: number;
  answers: number;
}

/**
 * By which factor a target is slower now than it usually is: geometric means of its times to the first content, streams and whole answers apart. Slow is not
 * dead: it comes after others, and is tried again once what was seen has faded. All times are monotonic milliseconds.
 */
export class Slowness {
  readonly #streamed: Usual = { log: 0, answers: 0 };
  readonly #whole: Usual = { log: 0, answers: 0 };
  #recentLog = 0;
  #recentAnswers = 0;
  #atMs = 0;

  /** Learns from an answer. @returns how many times slower than usual it was; 1 where it was not, or where that is not known */
  observe({ firstContentMs, streamed, outputTokens }: TimedAnswer, nowMs: number): number {
    const usual = streamed ? this.#streamed : this.#whole;
    const waitMs = Math.max(1, streamed ? firstContentMs : firstContentMs / (1 + outputTokens / tokensAWait));
    const log = Math.log(waitMs);
    const isFelt = waitMs - Math.exp(usual.log) >= excessMsMin;
    const ratioLog = usual.answers < usualAnswersMin || !isFelt ? 0 : Math.min(Math.log(ratioMax), log - usual.log);
    usual.log += (log - usual.log) * Math.max(usualWeightMin, 1 / (usual.answers + 1));
    usual.answers += 1;
    this.#recentLog = this.#fadedLog(nowMs) * (1 - recentWeight) + ratioLog * recentWeight;
    this.#recentAnswers += 1;
    this.#atMs = Math.max(this.#atMs, nowMs);
    return Math.exp(ratioLog);
  }

  /** The factor, where it is a brown-out; else null. */
  factor(nowMs: number): number | null {
    if (this.#recentAnswers < recentAnswersMin || this.#recentLog === 0) return null;
    const factor = Math.exp(this.#fadedLog(nowMs));
    return factor >= brownOutRatio ? factor : null;
  }

  #fadedLog(nowMs: number): number {
    return this.#recentLog * 2 ** (-Math.max(0, nowMs - this.#atMs) / halfLifeMs);
  }
}
