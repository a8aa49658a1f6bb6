import type { Highs } from 'highs';
import { LiveProgram } from '../linear/LiveProgram.ts';
import { separate, type GroupedModel } from '../model/GroupedModel.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import type { Allowance } from './Allowance.ts';

/** Rounds of cuts at most, how deep a cut must be, and how much a round must bring to be followed by another. */
const roundsMax = 14;
const depthMin = 5e-3;
const gainMin = 5e-5;

export interface Root {
  /** A lower bound of every plan within the guards. Money. */
  readonly bound: number;
  /** The point at which it stands. */
  readonly point: Float64Array;
}

/**
 * The linear relaxation of a grouped model with the cuts of its hull, which stay in the model.
 * @returns null where no plan, not even a fractional one, satisfies the policy.
 */
export const rootOf = (highs: Highs, problem: PlanProblem, model: GroupedModel, allowance: Allowance): Root | null => {
  const live = new LiveProgram(highs, model.program);
  try {
    let solution = live.solve();
    if (solution === null) return null;
    for (let round = 0; round < roundsMax && !allowance.spent(); round += 1) {
      const rows = separate(problem, model, solution.values, depthMin);
      if (rows.length === 0) break;
      for (const row of rows) model.program.row(row);
      live.add(rows);
      const next = live.solve();
      if (next === null) break;
      const gain = (next.objective - solution.objective) / Math.abs(solution.objective);
      solution = next;
      if (gain < gainMin) break;
    }
    return { bound: solution.objective, point: solution.values };
  } finally {
    live.dispose();
  }
};
