import { assert } from '../../kernel/index.ts';
import type { PlanDecision, PlanProblem, PlanScenario } from '../PlanProblem.ts';
import {
  billDecision,
  periodFigures,
  scenarioCosts,
  withoutGuards,
  type PeriodBill,
  type ScenarioBill,
} from './billDecision.ts';
import { settledBills } from './settledBills.ts';
import { ControlVariates, type Controls } from './ControlVariates.ts';
import type { AccountCost, Estimate, OutOfSample } from './PlanAnswers.ts';

export interface OutOfSampleOptions {
  /** Figures of the fresh scenarios with known means; null for plain means. See `demandControls`. */
  readonly controls: Controls | null;
  /** Half of the interval that is asked for, as a share of the mean. */
  readonly halfWidthShareMax?: number;
  readonly signal?: AbortSignal;
}

const halfWidthShareMaxDefault = 0.01;
const quantileShares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const;

/** Indices of the scenarios, the dearest first. */
const dearestFirst = (costs: readonly number[]): readonly number[] =>
  costs.map((_, index) => index).toSorted((one, other) => (costs[other] ?? 0) - (costs[one] ?? 0));

/** What each scenario counts in the mean of the worst `share`: the one at the border only as far as it reaches in. */
const tailWeights = (costs: readonly number[], weights: readonly number[], share: number): readonly number[] => {
  const taken = costs.map(() => 0);
  let left = share;
  for (const index of dearestFirst(costs)) {
    const weight = Math.min(left, weights[index] ?? 0);
    taken[index] = weight / share;
    left -= weight;
  }
  return taken;
};

/** The least cost that so large a share of the futures does not exceed. Weights may have been corrected to just below 0. */
const quantileOf = (costs: readonly number[], weights: readonly number[], share: number): number => {
  const ascending = dearestFirst(costs).toReversed();
  let below = 0;
  for (const index of ascending) {
    below += Math.max(0, weights[index] ?? 0);
    if (below >= share - 1e-12) return costs[index] ?? 0;
  }
  return costs[ascending.at(-1) ?? 0] ?? 0;
};

/** By scenario, one figure of each period added up. */
const perScenario = (bills: readonly ScenarioBill[], figure: (bill: PeriodBill) => number): readonly number[] =>
  bills.map((periods) => periods.reduce((sum, bill) => sum + figure(bill), 0));

/**
 * CVaR as the least over thresholds of threshold + mean excess / (1 - beta): at the quantile the threshold hardly matters, so that what is
 * left is a mean, which controls correct like any other.
 */
const cvarEstimate = (variates: ControlVariates, costs: readonly number[], beta: number): Estimate => {
  const threshold = quantileOf(costs, variates.corrected, beta);
  return variates.estimate(costs.map((cost) => threshold + Math.max(0, cost - threshold) / (1 - beta)));
};

/**
 * What a decision costs in fresh scenarios, exactly evaluated without guards, with what clauses that carry save on its usage; their prices are
 * indices of the problem's.
 * @throws the signal's reason once it is aborted.
 */
export const outOfSample = async (
  problem: PlanProblem,
  decision: PlanDecision,
  fresh: readonly PlanScenario[],
  options: OutOfSampleOptions,
): Promise<OutOfSample> => {
  assert(fresh.length > 1, 'a sample has several scenarios');
  const weightSum = fresh.reduce((sum, { weight }) => sum + weight, 0);
  const scenarios = fresh.map((scenario) => ({ ...scenario, weight: scenario.weight / weightSum }));
  const open = withoutGuards({ ...problem, scenarios }, decision);
  const bills = settledBills(open, decision, await billDecision(open, decision, options.signal));
  const weights = scenarios.map(({ weight }) => weight);
  const costs = scenarioCosts(bills);
  const variates = new ControlVariates(weights, options.controls);
  const { beta, cvarWeight } = problem.risk;
  const total = variates.estimate(costs);
  const cvar = cvarEstimate(variates, costs, beta);
  const halfWidthShare = total.mean > 0 ? (total.high - total.low) / 2 / total.mean : 0;
  const tail = tailWeights(costs, weights, 1 - beta);
  const periods = Array.from({ length: problem.periods }, (_, period) => period);
  const accountCost = (_account: unknown, account: number): AccountCost => {
    const paid = (bill: PeriodBill): number => bill.accounts[account] ?? 0;
    const perFuture = perScenario(bills, paid);
    return {
      account,
      total: variates.estimate(perFuture),
      byPeriod: periods.map((period) => variates.estimate(periodFigures(bills, period, paid)).mean),
      inTail: perFuture.reduce((sum, money, index) => sum + money * (tail[index] ?? 0), 0),
    };
  };
  return {
    scenarios: fresh.length,
    total,
    cvar,
    objective: (1 - cvarWeight) * total.mean + cvarWeight * cvar.mean,
    plain: new ControlVariates(weights, null).estimate(costs),
    halfWidthShare,
    isPrecise: halfWidthShare <= (options.halfWidthShareMax ?? halfWidthShareMaxDefault),
    explainedShare: variates.explainedShare(costs),
    controls: variates.count,
    byPeriod: periods.map((period) => variates.estimate(periodFigures(bills, period, (bill) => bill.total))),
    byAccount: problem.accounts.map(accountCost),
    capPenalty: variates.estimate(perScenario(bills, ({ capPenalty }) => capPenalty)),
    burnt: variates.estimate(perScenario(bills, ({ burnt }) => burnt)),
    signingCost: bills[0]?.reduce((sum, { signingCost }) => sum + signingCost, 0) ?? 0,
    carried: variates.estimate(perScenario(bills, ({ carried }) => carried)),
    quantiles: quantileShares.map((share) => ({ share, cost: quantileOf(costs, variates.corrected, share) })),
    costs: costs.toSorted((one, other) => one - other),
  };
};
