import { assert } from '../../kernel/index.ts';
import type { PlanProblem, PlanScenario } from '../PlanProblem.ts';
import { stepsPerPeriod } from '../model/periodsOf.ts';
import type { Estimate } from './PlanAnswers.ts';

/** Figures of each scenario of a sample whose true means are known, because they are cheap to draw by the thousand. */
export interface Controls {
  /** By scenario of the sample, then figure. */
  readonly values: readonly (readonly number[])[];
  /** Their means, once from each of several batches of draws that know nothing of each other; a single batch is taken for the truth. */
  readonly batches: readonly (readonly number[])[];
}

/** Scenarios for each control at least: with fewer, controls would explain noise. */
const scenariosPerControl = 10;

/** What is left of the variance of a control that the ones before it do not tell: below, it tells nothing of its own. */
const ownShareMin = 1e-8;

/** Standard errors on each side of a 95 % interval. */
export const errorsOf95 = 1.959964;

/** One control after taking out what the ones before it tell: variance 1, and how far the sample's mean is from that of each batch. */
interface Direction {
  readonly values: Float64Array;
  readonly misses: readonly number[];
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const weightedMean = (values: ArrayLike<number>, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * (values[index] ?? 0), 0);

const product = (one: ArrayLike<number>, other: ArrayLike<number>, weights: readonly number[]): number =>
  weights.reduce((sum, weight, index) => sum + weight * (one[index] ?? 0) * (other[index] ?? 0), 0);

/** Controls as directions at right angles (Gram and Schmidt, twice for the digits). */
const directionsOf = (controls: Controls, weights: readonly number[], most: number): readonly Direction[] => {
  const found: Direction[] = [];
  const count = controls.batches[0]?.length ?? 0;
  for (let index = 0; index < count && found.length < most; index += 1) {
    const raw = controls.values.map((values) => values[index] ?? 0);
    const mean = weightedMean(raw, weights);
    const values = Float64Array.from(raw, (value) => value - mean);
    const spread = Math.sqrt(product(values, values, weights));
    let misses = controls.batches.map((means) => (means[index] ?? 0) - mean);
    if (!(spread > 0)) continue;
    for (let pass = 0; pass < 2; pass += 1) {
      for (const earlier of found) {
        const share = product(values, earlier.values, weights);
        for (const [at, value] of earlier.values.entries()) values[at] = (values[at] ?? 0) - share * value;
        misses = misses.map((miss, batch) => miss - share * (earlier.misses[batch] ?? 0));
      }
    }
    const own = Math.sqrt(product(values, values, weights));
    if (own <= ownShareMin * spread) continue;
    found.push({ values: values.map((value) => value / own), misses: misses.map((miss) => miss / own) });
  }
  return found;
};

/**
 * Means over a sample, corrected by what its controls miss their known means by. Every mean is the same weighted sum of the sample, so that
 * means of parts add up to the mean of the whole.
 */
export class ControlVariates {
  readonly #weights: readonly number[];
  readonly #directions: readonly Direction[];
  /** What each scenario counts: all together 1. */
  readonly corrected: readonly number[];

  /** @param weights Of the sample's scenarios, 1 together. @param controls Null for plain means. */
  constructor(weights: readonly number[], controls: Controls | null) {
    assert(controls === null || controls.values.length === weights.length, 'each scenario has its controls');
    this.#weights = weights;
    this.#directions =
      controls === null ? [] : directionsOf(controls, weights, Math.floor(weights.length / scenariosPerControl));
    const meanMisses = this.#directions.map(({ misses }) => meanOf(misses));
    this.corrected = weights.map(
      (weight, index) =>
        weight *
        this.#directions.reduce((sum, { values }, at) => sum + (values[index] ?? 0) * (meanMisses[at] ?? 0), 1),
    );
  }

  get count(): number {
    return this.#directions.length;
  }

  /** Share of the variance of a figure that the controls tell. */
  explainedShare(values: readonly number[]): number {
    const { variance, shares } = this.#split(values);
    return variance > 0 ? shares.reduce((sum, share) => sum + share * share, 0) / variance : 0;
  }

  /** The mean of a figure of each scenario, with its 95 % interval. */
  estimate(values: readonly number[]): Estimate {
    const { residuals, shares } = this.#split(values);
    const count = values.length;
    const free = Math.max(1, count - 1 - this.count);
    const squares = this.corrected.reduce((sum, weight, index) => sum + (weight * (residuals[index] ?? 0)) ** 2, 0);
    const variance = (squares * count) / free + this.#batchVariance(shares);
    const mean = weightedMean(values, this.corrected);
    const half = errorsOf95 * Math.sqrt(variance);
    return { mean, low: mean - half, high: mean + half };
  }

  /** What is not known of the controls' means: by how far the batches would have corrected apart. */
  #batchVariance(shares: readonly number[]): number {
    const count = this.#directions[0]?.misses.length ?? 0;
    if (count < 2) return 0;
    const corrections = Array.from({ length: count }, (_, batch) =>
      this.#directions.reduce((sum, { misses }, at) => sum + (shares[at] ?? 0) * (misses[batch] ?? 0), 0),
    );
    const mean = meanOf(corrections);
    return corrections.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (count - 1) / count;
  }

  #split(values: readonly number[]): {
    readonly residuals: Float64Array;
    readonly variance: number;
    /** How much of each direction is in it. */
    readonly shares: readonly number[];
  } {
    const mean = weightedMean(values, this.#weights);
    const residuals = Float64Array.from(values, (value) => value - mean);
    const variance = product(residuals, residuals, this.#weights);
    const shares = this.#directions.map(({ values: direction }) => {
      const share = product(residuals, direction, this.#weights);
      for (const [at, value] of direction.entries()) residuals[at] = (residuals[at] ?? 0) - share * value;
      return share;
    });
    return { residuals, variance, shares };
  }
}

/** Money for one unit where it is cheapest. By price index, then period, then class; 0 where nothing serves a class. */
type CheapestPrices = readonly (readonly (readonly number[])[])[];

const known = new WeakMap<PlanProblem, CheapestPrices>();

const cheapestPrices = (problem: PlanProblem): CheapestPrices => {
  const found = known.get(problem);
  if (found) return found;
  const made = problem.priceIndices.map(({ factors }) =>
    Array.from({ length: problem.periods }, (_, period) =>
      problem.classes.map((_class, index) => {
        const prices = problem.sources.flatMap((source, at) =>
          source.class === index ? [(source.listPrice[period] ?? 0) * (factors[at]?.[period] ?? 1)] : [],
        );
        return prices.length === 0 ? 0 : Math.min(...prices);
      }),
    ),
  );
  known.set(problem, made);
  return made;
};

/** What the demand of a scenario costs where it is cheapest, at list price: each period's total, then each class of each period. Money. */
export const demandFigures = (problem: PlanProblem, scenario: PlanScenario): readonly number[] => {
  const steps = stepsPerPeriod(problem);
  const prices = cheapestPrices(problem)[scenario.prices] ?? [];
  const figures = Array.from({ length: problem.periods * (1 + problem.classes.length) }, () => 0);
  let at = problem.periods;
  for (let period = 0; period < problem.periods; period += 1) {
    for (const [index, path] of scenario.demand.entries()) {
      let units = 0;
      for (let step = period * steps; step < (period + 1) * steps; step += 1) units += path[step] ?? 0;
      const money = units * (prices[period]?.[index] ?? 0);
      figures[at] = money;
      figures[period] = (figures[period] ?? 0) + money;
      at += 1;
    }
  }
  return figures;
};

/** Mean figures of one batch of draws. */
const batchMeans = (problem: PlanProblem, batch: Iterable<PlanScenario>): readonly number[] => {
  const sums = Array.from({ length: problem.periods * (1 + problem.classes.length) }, () => 0);
  let weight = 0;
  for (const scenario of batch) {
    for (const [index, figure] of demandFigures(problem, scenario).entries())
      sums[index] = (sums[index] ?? 0) + scenario.weight * figure;
    weight += scenario.weight;
  }
  assert(weight > 0, 'a batch has draws');
  return sums.map((sum) => sum / weight);
};

/**
 * The demand of each scenario of a sample as controls: nearly all of what a plan costs can be told from it.
 * @param batches Many draws from what the sample was drawn from, looked at one by one, so that none has to be kept. Each batch from a seed of
 * its own, stratified or not: what differs between them is what is not known of their mean.
 */
export const demandControls = (
  problem: PlanProblem,
  sample: readonly PlanScenario[],
  batches: Iterable<Iterable<PlanScenario>>,
): Controls => ({
  values: sample.map((scenario) => demandFigures(problem, scenario)),
  batches: Array.from(batches, (batch) => batchMeans(problem, batch)),
});
