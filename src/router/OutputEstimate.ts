import { insertBounded } from './insertBounded.ts';
import { sizeBucket, sizeBucketCount } from './sizeBucket.ts';

/** What an answer is expected to be long where nothing was ever seen. Tokens. */
const outputTokensUnseen = 256;
const modelsMax = 1_000;
/** Weight of a new observation once a bucket has seen `1 / weightMin` of them; before that it is the plain mean. */
const weightMin = 0.05;

interface ModelHistory {
  /** Mean output per log2 bucket of the input, and how many observations stand behind it. */
  readonly meanTokens: Float64Array;
  readonly observations: Float64Array;
  overallTokens: number;
  overallObservations: number;
}

const moved = (mean: number, observations: number, seen: number): number =>
  mean + (seen - mean) * Math.max(weightMin, 1 / (observations + 1));

/** How long answers are: a moving average of output tokens per logical model and size of the input. For expected costs only. */
export class OutputEstimate {
  readonly #models = new Map<string, ModelHistory>();

  /** Learns from one finished answer. Counts that are not finite or are negative are left out. */
  observe(model: string, inputTokens: number, outputTokens: number): void {
    if (!(outputTokens >= 0 && outputTokens < Infinity) || !(inputTokens >= 0)) return;
    const history = this.#historyOf(model);
    const bucket = sizeBucket(inputTokens);
    const observations = history.observations[bucket] ?? 0;
    history.meanTokens[bucket] = moved(history.meanTokens[bucket] ?? 0, observations, outputTokens);
    history.observations[bucket] = observations + 1;
    history.overallTokens = moved(history.overallTokens, history.overallObservations, outputTokens);
    history.overallObservations += 1;
  }

  /**
   * Expected output tokens.
   * @param boundTokens most that the request allows, or null.
   */
  expect(model: string, inputTokens: number, boundTokens: number | null): number {
    const expected = this.#expectUnbounded(model, inputTokens);
    return boundTokens === null ? expected : Math.min(expected, boundTokens);
  }

  #expectUnbounded(model: string, inputTokens: number): number {
    const history = this.#models.get(model);
    if (history === undefined) return outputTokensUnseen;
    const bucket = sizeBucket(inputTokens);
    if ((history.observations[bucket] ?? 0) > 0) return history.meanTokens[bucket] ?? outputTokensUnseen;
    return history.overallTokens;
  }

  #historyOf(model: string): ModelHistory {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const history = {
      meanTokens: new Float64Array(sizeBucketCount),
      observations: new Float64Array(sizeBucketCount),
      overallTokens: 0,
      overallObservations: 0,
    };
    insertBounded(this.#models, model, history, modelsMax);
    return history;
  }
}
