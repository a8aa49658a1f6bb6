import { insertBounded } from './insertBounded.ts';
import { sizeBucket } from './sizeBucket.ts';

/** Histories that are kept: one for each caller, model and size of input. The oldest is forgotten first. */
const historiesMax = 10_000;
/** Answers that a history needs before it says anything. */
const answersMin = 20;
/** Two bins an octave, up to 2^24 tokens. */
const binsAnOctave = 2;
const binCount = 24 * binsAnOctave + 1;
/** Sizes of input that are told apart: two octaves each. */
const octavesAClass = 2;
/** How much more a new answer weighs than the one before it: 200 answers halve what came before. */
const growth = 2 ** (1 / 200);
const weightMax = 1e12;

interface History {
  readonly weights: Float64Array;
  total: number;
  /** Of the next answer. */
  weight: number;
  answers: number;
  /** More was billed of an answer than anybody saw of it: it is written out of sight, at least in part. */
  hides: boolean;
}

const classOf = (inputTokens: number): number => Math.floor(sizeBucket(inputTokens) / octavesAClass);

/** Bin i holds what is above 2^((i - 1) / 2) and at most 2^(i / 2). */
const binOf = (tokens: number): number =>
  Math.min(binCount - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, tokens)) * binsAnOctave)));

const upperEdge = (bin: number): number => Math.ceil(2 ** (bin / binsAnOctave));

/** An answer that was whole, as its vendor reported it. */
export interface SeenAnswer {
  readonly key: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** UTF-8 bytes of it that came. */
  readonly outputBytes: number;
}

/** The same as a ledger has it: how much of it came is not known. */
export type RecalledAnswer = Omit<SeenAnswer, 'outputBytes'>;

/**
 * How long the answers to one caller are: a quantile of output tokens per key, logical model and size of the input, in which older answers fade.
 * For first holds, which grow; what it says is never relied on for a bound.
 */
export class OutputQuantile {
  readonly #histories = new Map<string, History>();
  readonly #unseenTokensMax: number;

  /** @param unseenTokensMax Tokens beyond the bytes of an answer that say that some of it is written out of sight. */
  constructor(unseenTokensMax: number) {
    this.#unseenTokensMax = unseenTokensMax;
  }

  /** Learns from one answer. Counts that are not finite or are negative are left out. */
  observe({ outputBytes, ...answer }: SeenAnswer): void {
    const history = this.#add(answer);
    if (history !== null) history.hides ||= answer.outputTokens > outputBytes + this.#unseenTokensMax;
  }

  /**
   * Learns from answers to callers of whom nothing was seen yet, the oldest first. By themselves they say nothing: one more that is seen has to tell that
   * such answers come whole.
   */
  recall(answers: readonly RecalledAnswer[]): void {
    const seen = new Set(this.#histories.keys());
    for (const answer of answers) {
      if (seen.has(nameOf(answer.key, answer.model, answer.inputTokens))) continue;
      const history = this.#add(answer);
      if (history !== null) history.answers = Math.min(history.answers, answersMin - 1);
    }
  }

  #add({ key, model, inputTokens, outputTokens }: RecalledAnswer): History | null {
    if (!(outputTokens >= 0 && outputTokens < Infinity) || !(inputTokens >= 0)) return null;
    const history = this.#historyOf(nameOf(key, model, inputTokens));
    const bin = binOf(outputTokens);
    history.weights[bin] = (history.weights[bin] ?? 0) + history.weight;
    history.total += history.weight;
    history.weight *= growth;
    history.answers += 1;
    if (history.weight > weightMax) fade(history);
    return history;
  }

  /** Tokens that this share of such answers does not go beyond; null where too few were seen, or where answers are not seen whole. */
  atMost(share: number, key: string, model: string, inputTokens: number): number | null {
    const history = this.#histories.get(nameOf(key, model, inputTokens));
    if (history === undefined || history.answers < answersMin || history.hides) return null;
    let seen = 0;
    let largest = 0;
    for (const [bin, weight] of history.weights.entries()) {
      if (weight === 0) continue;
      seen += weight;
      largest = bin;
      if (seen >= share * history.total) break;
    }
    // Added up in another order, all of it may come to a little less than the total.
    return upperEdge(largest);
  }

  #historyOf(name: string): History {
    const known = this.#histories.get(name);
    if (known !== undefined) return known;
    const history = { weights: new Float64Array(binCount), total: 0, weight: 1, answers: 0, hides: false };
    insertBounded(this.#histories, name, history, historiesMax);
    return history;
  }
}

const nameOf = (key: string, model: string, inputTokens: number): string => `${key} ${model} ${classOf(inputTokens)}`;

/** Says the same in smaller numbers. */
const fade = (history: History): void => {
  for (const [bin, weight] of history.weights.entries()) history.weights[bin] = weight / weightMax;
  history.total /= weightMax;
  history.weight /= weightMax;
};
