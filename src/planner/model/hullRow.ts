import type { LinearRow } from '../linear/LinearProgram.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { activePools, feesMaxOf, type FirstStage } from './FirstStage.ts';
import { poolLift, poolTerms } from './poolCost.ts';
import type { ScenarioBlock } from './ScenarioBlock.ts';

/** How a cut falls: cost >= list rate x usage at list price + fee rate x fees + lifts of the pools. */
export interface HullRates {
  readonly listRate: number;
  readonly feeRate: number;
}

const liftMin = 1e-9;

/** How far a pool lifts a cut of an account in a block: mean over the members, valid by Jensen's inequality. */
export const meanLift = (
  problem: PlanProblem,
  block: ScenarioBlock,
  account: number,
  pool: number,
  { listRate, feeRate }: HullRates,
): number => {
  const offer = problem.pools[pool];
  if (offer === undefined) return 0;
  const terms = poolTerms(offer, block.period);
  const feesMax = feesMaxOf(problem, block.period, account);
  let lift = 0;
  for (const [index, listMax] of block.listMax.entries()) {
    lift += (block.memberWeights[index] ?? 0) * poolLift(terms, listRate, feeRate, listMax[account] ?? 0, feesMax);
  }
  return lift;
};

/** Columns of one block of a model that a cut of one account speaks of. */
export interface HullPlace {
  readonly block: ScenarioBlock;
  readonly account: number;
  /** Cost of the account. */
  readonly cost: number;
  /** Usage of each of its sources at list price. */
  readonly spend: readonly number[];
}

/**
 * One cut of the convex hull of (usage, fees, pools, cost) of an account in a period. It holds for 0 <= rates <= 1 where no pool is signed, and
 * is exact for the rates of the signed pool.
 */
export const hullRow = (problem: PlanProblem, stage: FirstStage, place: HullPlace, rates: HullRates): LinearRow => {
  const { block, account, cost, spend } = place;
  const columns = [cost, ...spend, stage.fees[block.period]?.[account] ?? 0];
  const values = [1, ...spend.map(() => -rates.listRate), -rates.feeRate];
  for (const pool of activePools(problem, block.period, account)) {
    const lift = meanLift(problem, block, account, pool, rates);
    if (Math.abs(lift) <= liftMin) continue;
    columns.push(stage.pools[pool] ?? 0);
    values.push(-lift);
  }
  return { lower: 0, upper: Infinity, columns, values };
};

/** Rates that make a whole decision exact: one for each discount, the shortfall's own, and none at all. */
export const exactRates = (problem: PlanProblem): readonly HullRates[] => {
  const rates = new Map<string, HullRates>();
  const add = (listRate: number, feeRate: number): void =>
    void rates.set(`${listRate.toFixed(9)} ${feeRate.toFixed(9)}`, { listRate, feeRate });
  add(1, 1);
  for (const { discount, shortfallRate } of problem.pools) {
    add(1 - discount, 1);
    if (shortfallRate < 1) add((1 - shortfallRate) * (1 - discount), 1 - shortfallRate);
  }
  return [...rates.values()];
};
