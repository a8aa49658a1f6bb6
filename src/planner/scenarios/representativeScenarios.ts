import { assert } from '../../kernel/index.ts';
import { annualTotals, costEstimate } from './annualTotals.ts';
import type { DemandScenario } from './DemandScenario.ts';
import { assertOutlook, scenarioOf, scenariosMax, stratifiedRecipes, type ScenarioRecipe } from './drawScenarios.ts';
import { fitWeights, missProducts, missProductsWith, type FittedWeights, type MissProducts } from './fitWeights.ts';
import type { Outlook } from './Outlook.ts';
import { SeededRandom } from './SeededRandom.ts';

/** Most futures that are chosen. */
export const representativesMax = 500;

/** Draws that are chosen from where the caller names no number. */
const drawsDefault = 6_000;

/** Share of the costliest futures that is represented with its true weight: that of CVaR .9. */
const tailShareDefault = 0.1;

/** Share of the chosen futures that stand for the tail: more than its weight, because it is where futures differ most. */
const tailFutures = 0.2;

/** Least weight of a chosen future, as a share of the weight that it stands for by its place. */
const leastShare = 0.2;

/** How strongly weights are held to those places; small, so that it decides only where moments leave a choice. */
const pull = 1e-3;

/** Exchanges of one future for another that are tried, for each future chosen. */
const trialsPerFuture = 24;

/** Exchanges of weight for each future: while one future is tried for another, and for the choice itself. */
const trialRounds = 2;
const lastRounds = 200;

/** What one miss counts against another: a standard deviation of an annual total is 1. */
const importance = { cost: 3, total: 1, tailCost: 6, tailTotal: 2, square: 0.3, costSquare: 0.6, stratum: 2 } as const;

/** What is known of one draw: its demand is not kept. */
interface Draw {
  readonly recipe: ScenarioRecipe;
  readonly cost: number;
  readonly totals: readonly number[];
  readonly inTail: boolean;
}

export interface RepresentativeOptions {
  /** How many futures: from 2. */
  readonly count: number;
  readonly seed: number;
  /** Futures to choose from. More make the choice truer and slower: a thousand cost about 50 ms. */
  readonly draws?: number;
  /** Share of the costliest futures that keeps its true weight: 1 - beta of the plan's CVaR. */
  readonly tailShare?: number;
}

const weightOf = (draws: readonly Draw[]): number => draws.reduce((sum, { recipe }) => sum + recipe.weight, 0);

const meanOf = (draws: readonly Draw[], value: (draw: Draw) => number): number =>
  draws.reduce((sum, draw) => sum + draw.recipe.weight * value(draw), 0) / weightOf(draws);

/** Draws of all strata, the costliest of them marked until they have the tail's weight. */
const drawAll = (outlook: Outlook, count: number, seed: number, tailShare: number): readonly Draw[] => {
  const costOf = costEstimate(outlook);
  const draws = stratifiedRecipes(outlook, { count, seed }).map((recipe) => {
    const scenario = scenarioOf(outlook, recipe);
    return { recipe, cost: costOf(scenario), totals: annualTotals(outlook, scenario) };
  });
  let weight = 0;
  return draws
    .toSorted((one, other) => other.cost - one.cost)
    .map((draw) => {
      weight += draw.recipe.weight;
      return { ...draw, inTail: weight - draw.recipe.weight / 2 < tailShare };
    });
};

/** A figure of draws that is matched: what it misses the mean of all by, in its scale. Zero for a figure that never varies. */
type Miss = (draw: Draw) => number;

const scaledMiss = (draws: readonly Draw[], value: (draw: Draw) => number, scale: number): Miss[] => {
  if (!(scale > 0)) return [];
  const mean = meanOf(draws, value);
  return [(draw) => (value(draw) - mean) * scale];
};

/** First and second moment of one figure, over all and within the tail. */
const figureMisses = (
  draws: readonly Draw[],
  value: (draw: Draw) => number,
  counts: { readonly all: number; readonly tail: number; readonly square: number },
): Miss[] => {
  const mean = meanOf(draws, value);
  const spread = Math.sqrt(meanOf(draws, (draw) => (value(draw) - mean) ** 2));
  // A spread that is nothing but rounding is none.
  if (!(spread > 1e-9 * Math.abs(mean))) return [];
  const square = (draw: Draw): number => ((value(draw) - mean) / spread) ** 2;
  const squareSpread = Math.sqrt(meanOf(draws, (draw) => (square(draw) - 1) ** 2));
  const tail = draws.filter(({ inTail }) => inTail);
  const tailMean = tail.length === 0 ? mean : meanOf(tail, value);
  return [
    ...scaledMiss(draws, value, counts.all / spread),
    ...scaledMiss(draws, square, counts.square / squareSpread),
    (draw) => (draw.inTail ? ((value(draw) - tailMean) * counts.tail) / spread : 0),
  ];
};

/** Everything that the chosen futures are to have in common with all draws. */
const allMisses = (outlook: Outlook, draws: readonly Draw[]): readonly Miss[] => {
  const totals = (draws[0]?.totals ?? []).map((_, index) => (draw: Draw) => draw.totals[index] ?? 0);
  const indicators = [
    ...outlook.regimes.map((_, regime) => (draw: Draw) => Number(draw.recipe.regime === regime)),
    ...outlook.pricePaths.map((_, prices) => (draw: Draw) => Number(draw.recipe.prices === prices)),
  ];
  const cost = { all: importance.cost, tail: importance.tailCost, square: importance.costSquare };
  const total = { all: importance.total, tail: importance.tailTotal, square: importance.square };
  return [
    ...figureMisses(draws, (draw) => draw.cost, cost),
    ...totals.flatMap((value) => figureMisses(draws, value, total)),
    ...indicators.flatMap((value) => scaledMiss(draws, value, importance.stratum)),
  ];
};

/** Draws of which one is chosen, and the weight of all of them. */
interface Cell {
  readonly block: number;
  readonly weight: number;
  readonly draws: readonly Draw[];
}

/** Cuts draws into cells of the same weight, in the order given. */
const cellsOf = (draws: readonly Draw[], count: number, block: number): readonly Cell[] => {
  const mass = weightOf(draws);
  const cells = Array.from({ length: count }, (): Draw[] => []);
  let before = 0;
  for (const draw of draws) {
    const place = (before + draw.recipe.weight / 2) / mass;
    cells[Math.min(count - 1, Math.floor(place * count))]?.push(draw);
    before += draw.recipe.weight;
  }
  return cells.filter((cell) => cell.length > 0).map((cell) => ({ block, weight: weightOf(cell), draws: cell }));
};

/** Regimes one after the other, within each the price paths, within each the costs: cells then take strata as often as they weigh. */
const byStratum = (one: Draw, other: Draw): number =>
  (one.recipe.regime ?? 0) - (other.recipe.regime ?? 0) ||
  (one.recipe.prices ?? 0) - (other.recipe.prices ?? 0) ||
  one.cost - other.cost;

const chooseCells = (draws: readonly Draw[], count: number): readonly Cell[] => {
  const tail = draws.filter(({ inTail }) => inTail);
  const body = draws.filter(({ inTail }) => !inTail).toSorted(byStratum);
  const tailCount = tail.length === 0 ? 0 : Math.max(1, Math.round(count * tailFutures));
  return [...cellsOf(body, count - tailCount, 0), ...cellsOf(tail, tailCount, 1)];
};

/** One draw for each cell, and how well they stand for all. */
interface Choice {
  readonly draws: readonly Draw[];
  readonly misses: readonly (readonly number[])[];
  readonly products: MissProducts;
  readonly fitted: FittedWeights;
}

/** Finds one draw for each cell, and weights, so that together they miss as little as possible: tries exchanges, keeps what is better. */
const chooseDraws = (
  cells: readonly Cell[],
  missesOf: (draw: Draw) => readonly number[],
  random: SeededRandom,
): Pick<Choice, 'draws'> & Pick<FittedWeights, 'weights'> => {
  const prior = cells.map(({ weight }) => weight);
  const blocks = [0, 1].map((block) => cells.flatMap((cell, index) => (cell.block === block ? [index] : [])));
  const fitted = (products: MissProducts, start: readonly number[], rounds: number): FittedWeights =>
    fitWeights({ products, blocks, start, prior, leastShare, pull, exchangesMax: rounds * cells.length });
  const drawFrom = (cell: Cell): Draw => {
    const draw = cell.draws[random.below(cell.draws.length)];
    assert(draw !== undefined, 'a cell has draws');
    return draw;
  };
  const first = cells.map(drawFrom);
  const firstMisses = first.map(missesOf);
  const firstProducts = missProducts(firstMisses);
  let best: Choice = {
    draws: first,
    misses: firstMisses,
    products: firstProducts,
    fitted: fitted(firstProducts, prior, lastRounds),
  };
  for (let trial = 0; trial < trialsPerFuture * cells.length; trial++) {
    const at = trial % cells.length;
    const cell = cells[at];
    assert(cell !== undefined, 'trials go round the cells');
    const draw = drawFrom(cell);
    const misses = best.misses.with(at, missesOf(draw));
    const products = missProductsWith(best.products, misses, at);
    const weights = fitted(products, best.fitted.weights, trialRounds);
    if (weights.misfit < best.fitted.misfit)
      best = { draws: best.draws.with(at, draw), misses, products, fitted: weights };
  }
  const { weights } = fitted(best.products, best.fitted.weights, lastRounds);
  return { draws: best.draws, weights };
};

/**
 * A few futures that stand for all: chosen out of thousands of draws over every regime and price path, with weights such that annual totals
 * of each group, their squares, the costliest tail and the probabilities of regimes and price paths are those of all draws as nearly as so
 * few can have them. Weights are above 0 and add up to 1; the tail's add up to its true weight. The same seed gives the same futures.
 */
export const representativeScenarios = (
  outlook: Outlook,
  options: RepresentativeOptions,
): readonly DemandScenario[] => {
  const { count, seed, draws: drawCount = drawsDefault, tailShare = tailShareDefault } = options;
  assertOutlook(outlook);
  assert(count >= 2 && count <= representativesMax, `count is from 2 to ${representativesMax}`);
  assert(drawCount >= count && drawCount <= scenariosMax, `draws are from count to ${scenariosMax}`);
  assert(tailShare > 0 && tailShare < 1, 'the tail is a share');
  const draws = drawAll(outlook, drawCount, seed, tailShare);
  const misses = allMisses(outlook, draws);
  const missesOf = (draw: Draw): readonly number[] => misses.map((miss) => miss(draw));
  const chosen = chooseDraws(chooseCells(draws, count), missesOf, new SeededRandom(seed, -1));
  const sum = chosen.weights.reduce((total, weight) => total + weight, 0);
  return chosen.draws.map(({ recipe }, index) =>
    scenarioOf(outlook, { ...recipe, weight: (chosen.weights[index] ?? 0) / sum }),
  );
};
