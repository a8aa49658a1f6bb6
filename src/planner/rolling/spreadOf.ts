/** Mean of a figure over scenarios, and where most of it lies. */
export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const lowShare = 0.1;
const highShare = 0.9;

/** Weights are added up in floating point: so little less than a share still is that share. */
const weightSlack = 1e-9;

/**
 * Mean, 10th and 90th percentile of one figure of each scenario. A percentile is the least value that at least so much weight does not exceed. The
 * range is widened to hold the mean, which lies outside where a few scenarios tower above all others: to come out as the mean is no surprise.
 * @param weights Probabilities; together 1.
 */
export const spreadOf = (values: readonly number[], weights: readonly number[]): Spread => {
  const ascending = values.map((_, index) => index).toSorted((one, other) => (values[one] ?? 0) - (values[other] ?? 0));
  const quantile = (share: number): number => {
    let below = 0;
    for (const index of ascending) {
      below += weights[index] ?? 0;
      if (below >= share - weightSlack) return values[index] ?? 0;
    }
    return values[ascending.at(-1) ?? 0] ?? 0;
  };
  const mean = values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0);
  return { mean, low: Math.min(mean, quantile(lowShare)), high: Math.max(mean, quantile(highShare)) };
};
