/** A pair whose slopes differ by less than this part of the largest curvature is at rest. */
const restShare = 1e-9;

/** Scalar products of all candidates' misses with each other: symmetric, in rows. */
export type MissProducts = readonly Float64Array[];

/** Candidates that are to stand for a whole by weights. */
export interface WeightFit {
  /** Products of the candidates' misses: by how much each moment of a candidate misses the whole's, in a scale that makes misses comparable. */
  readonly products: MissProducts;
  /** Candidates of each block: weight is exchanged within blocks only, so that each block keeps its mass. */
  readonly blocks: readonly (readonly number[])[];
  /** Weights to start from: within a block they add up to its mass. */
  readonly start: readonly number[];
  /** Weights that are pulled to, and that bound how far a weight may fall. */
  readonly prior: readonly number[];
  /** Least weight, as a share of the prior: above 0 and below 1. */
  readonly leastShare: number;
  /** How strongly weights are pulled to the prior, against a squared miss of 1. */
  readonly pull: number;
  /** Most exchanges of weight; after that the fit is taken as it is. */
  readonly exchangesMax: number;
}

export interface FittedWeights {
  readonly weights: readonly number[];
  /** Sum of squared misses of the weighted whole, and the pull. */
  readonly misfit: number;
}

const dot = (left: ArrayLike<number>, right: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
};

/** @param misses [candidate][moment] */
export const missProducts = (misses: readonly (readonly number[])[]): MissProducts =>
  misses.map((one) => Float64Array.from(misses, (other) => dot(one, other)));

/** The products once the misses of one candidate have changed: its row and its column are made new. */
export const missProductsWith = (
  products: MissProducts,
  misses: readonly (readonly number[])[],
  changed: number,
): MissProducts => {
  const row = Float64Array.from(misses, (other) => dot(misses[changed] ?? [], other));
  return products.map((old, index) => (index === changed ? row : old.with(changed, row[index] ?? 0)));
};

/** Two candidates of one block, and what a unit of weight gains on its way from one to the other. */
interface Exchange {
  readonly from: number;
  readonly to: number;
  readonly gain: number;
}

/** Out of the candidate with the steepest slope that has weight to give, into the one with the least. */
const exchangeWithin = (
  block: readonly number[],
  slopes: Float64Array,
  weights: Float64Array,
  least: Float64Array,
): Exchange => {
  let from = -1;
  let to = -1;
  let steepest = -Infinity;
  let flattest = Infinity;
  for (const index of block) {
    const slope = slopes[index] ?? 0;
    if (slope > steepest && (weights[index] ?? 0) > (least[index] ?? 0)) {
      from = index;
      steepest = slope;
    }
    if (slope < flattest) {
      to = index;
      flattest = slope;
    }
  }
  return { from, to, gain: steepest - flattest };
};

const misfitOf = (fit: WeightFit, weights: Float64Array): number =>
  fit.prior.reduce(
    (sum, prior, index) => sum + (fit.pull * ((weights[index] ?? 0) - prior) ** 2) / prior,
    fit.products.reduce((sum, row, index) => sum + (weights[index] ?? 0) * dot(row, weights), 0),
  );

/**
 * Bounded least squares: the weights with which the candidates' misses cancel out best. Weight moves between the two candidates of a block
 * where that gains most, exactly as far as it gains, until nothing is gained: the question is convex, so where it ends is the optimum.
 * Every weight stays above 0 and every block keeps its mass, by construction.
 */
export const fitWeights = (fit: WeightFit): FittedWeights => {
  const { products, prior, pull } = fit;
  const stiffness = Float64Array.from(prior, (weight) => pull / weight);
  const least = Float64Array.from(prior, (weight) => weight * fit.leastShare);
  const weights = Float64Array.from(fit.start);
  const slopes = Float64Array.from(
    products,
    (row, index) => dot(row, weights) + (stiffness[index] ?? 0) * (weights[index] ?? 0) - pull,
  );
  const curvatureAt = (index: number): number => (products[index]?.[index] ?? 0) + (stiffness[index] ?? 0);
  const rest = restShare * prior.reduce((most, _, index) => Math.max(most, curvatureAt(index)), 0);
  for (let round = 0; round < fit.exchangesMax; round++) {
    const { from, to, gain } = fit.blocks
      .map((block) => exchangeWithin(block, slopes, weights, least))
      .reduce((best, other) => (other.gain > best.gain ? other : best));
    const giver = products[from];
    const taker = products[to];
    if (!(gain > rest) || giver === undefined || taker === undefined) break;
    const curvature = curvatureAt(from) + curvatureAt(to) - 2 * (giver[to] ?? 0);
    const room = (weights[from] ?? 0) - (least[from] ?? 0);
    const moved = curvature > 0 ? Math.min(room, gain / curvature) : room;
    weights[from] = (weights[from] ?? 0) - moved;
    weights[to] = (weights[to] ?? 0) + moved;
    for (let index = 0; index < slopes.length; index++)
      slopes[index] = (slopes[index] ?? 0) + moved * ((taker[index] ?? 0) - (giver[index] ?? 0));
    slopes[from] = (slopes[from] ?? 0) - moved * (stiffness[from] ?? 0);
    slopes[to] = (slopes[to] ?? 0) + moved * (stiffness[to] ?? 0);
  }
  return { weights: [...weights], misfit: misfitOf(fit, weights) };
};
