import type { FirstStageValues } from '../model/FirstStage.ts';
import type { ScenarioGroup } from '../model/ScenarioBlock.ts';
import type { PlanProblem, RiskMeasure } from '../PlanProblem.ts';
import { addCut, emptyCut, type Recourse, type RecourseCut } from './Recourse.ts';

/** What a decision costs, over all scenarios. Money. */
export interface Evaluation {
  readonly objective: number;
  readonly mean: number;
  /** Mean of the worst 1 - beta. */
  readonly cvar: number;
  readonly scenarioCosts: readonly number[];
}

/** Mean and tail of costs with weights that sum to 1. */
export const riskOf = (
  costs: readonly number[],
  weights: readonly number[],
  { cvarWeight, beta }: RiskMeasure,
): { readonly mean: number; readonly cvar: number; readonly objective: number } => {
  // Times a weight of nothing, Infinity is not a number.
  if (costs.includes(Infinity)) return { mean: Infinity, cvar: Infinity, objective: Infinity };
  const order = costs.map((_, index) => index).toSorted((one, other) => (costs[other] ?? 0) - (costs[one] ?? 0));
  let mean = 0;
  let tail = 0;
  let left = 1 - beta;
  for (const index of order) {
    const cost = costs[index] ?? 0;
    const weight = weights[index] ?? 0;
    mean += cost * weight;
    const taken = Math.min(left, weight);
    tail += taken * cost;
    left -= taken;
  }
  const cvar = tail / (1 - beta);
  return { mean, cvar, objective: (1 - cvarWeight) * mean + cvarWeight * cvar };
};

const evaluation = (problem: PlanProblem, costs: readonly number[]): Evaluation => ({
  ...riskOf(
    costs,
    problem.scenarios.map(({ weight }) => weight),
    problem.risk,
  ),
  scenarioCosts: costs,
});

/** The exact cost of a decision. @param singles One group for each scenario. */
export const evaluate = (
  problem: PlanProblem,
  recourse: Recourse,
  singles: readonly ScenarioGroup[],
  values: FirstStageValues,
): Evaluation =>
  evaluation(
    problem,
    singles.map(({ blocks }) => blocks.reduce((sum, block) => sum + recourse.cost(values, block), values.otherCosts)),
  );

/** The exact cost, and one cut for each group and period: what the group's members cost at the least, in the mean. By group, then period. */
export const evaluateWithCuts = (
  problem: PlanProblem,
  recourse: Recourse,
  singles: readonly ScenarioGroup[],
  groups: readonly ScenarioGroup[],
  values: FirstStageValues,
): { readonly evaluation: Evaluation; readonly cuts: readonly (readonly RecourseCut[])[] } => {
  const costs = problem.scenarios.map(() => values.otherCosts);
  const cuts = groups.map((group) =>
    group.blocks.map((_, period) => {
      const sum = emptyCut(problem);
      for (const member of group.members) {
        const block = singles[member]?.blocks[period];
        if (block === undefined) continue;
        const { cost, cut } = recourse.costAndCut(values, block);
        costs[member] = (costs[member] ?? 0) + cost;
        addCut(sum, cut, (problem.scenarios[member]?.weight ?? 0) / group.weight);
      }
      return sum;
    }),
  );
  return { evaluation: evaluation(problem, costs), cuts };
};
