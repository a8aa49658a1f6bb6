import type { Highs } from 'highs';
import { modelStatus } from '../linear/modelStatus.ts';
import { LinearProgram, type LinearRow } from '../linear/LinearProgram.ts';
import { addFirstStage } from '../model/FirstStage.ts';
import { outageRules, type OutageRule } from '../model/outageRules.ts';
import type { PlanProblem } from '../PlanProblem.ts';

/** One demand that cannot be met together with the others. */
export interface ConflictingRule {
  /** What is lost. */
  readonly loss: string;
  readonly period: number;
  /** Indices of the classes that would not be served as asked. */
  readonly classes: readonly number[];
  /** Units a step that they ask for together. */
  readonly needed: number;
  /** Units a step that can be had of it, where as little as possible is given up in all. */
  readonly reachable: number;
}

/** Why no plan satisfies the policy. */
export interface PolicyConflict {
  /** A smallest set: without any one of them, the others can be met. */
  readonly conflict: readonly ConflictingRule[];
  /** What would have to be given up at the least, so that there is a plan. */
  readonly relaxation: readonly ConflictingRule[];
}

/** A rule that is missed by less is met. Units. */
const slackMin = 1e-6;

interface Solved {
  readonly values: ArrayLike<number>;
}

const solve = (highs: Highs, program: LinearProgram): Solved | null => {
  const model = highs.createModel(program.modelData(true));
  try {
    model.options.set({ output_flag: false });
    model.run();
    return model.getModelStatus() === modelStatus.optimal
      ? { values: Float64Array.from(model.getSolution().colValue) }
      : null;
  } finally {
    model.dispose();
  }
};

/** The rules of what may be decided, those of outages apart. */
const decisionsAlone = (
  problem: PlanProblem,
): { readonly program: LinearProgram; readonly rules: readonly OutageRule[] } => {
  const program = new LinearProgram();
  const stage = addFirstStage(program, { ...problem, resilience: null }, false);
  return { program, rules: outageRules(problem, stage.pools, stage.reservations) };
};

const isFeasible = (highs: Highs, problem: PlanProblem, rows: readonly LinearRow[]): boolean => {
  const { program } = decisionsAlone(problem);
  for (const row of rows) program.row(row);
  return solve(highs, program) !== null;
};

/** Takes one rule after the other away, and leaves it away where the rest still cannot be met. */
const smallestConflict = (
  highs: Highs,
  problem: PlanProblem,
  suspects: readonly OutageRule[],
): readonly OutageRule[] => {
  let kept = suspects;
  for (const suspect of suspects) {
    const others = kept.filter((rule) => rule !== suspect);
    if (
      !isFeasible(
        highs,
        problem,
        others.map(({ row }) => row),
      )
    )
      kept = others;
  }
  return kept;
};

/** Every rule may be missed, and what is missed in all is as little as possible. */
const missedAtLeast = (highs: Highs, problem: PlanProblem): ReadonlyMap<OutageRule, number> => {
  const { program, rules } = decisionsAlone(problem);
  program.costs.fill(0);
  const slacks = rules.map(({ row }) => {
    const slack = program.column(1);
    program.row({ ...row, columns: [...row.columns, slack], values: [...row.values, 1] });
    return slack;
  });
  const solved = solve(highs, program);
  return new Map(rules.map((rule, index) => [rule, solved?.values[slacks[index] ?? 0] ?? 0]));
};

/**
 * What stands in the way of every plan, and what would have to be given up. Rules of caps are never in the way: what is over a cap of list
 * prices has its price.
 * @returns null where what may be decided has no plan even without rules for outages, or has one with them.
 */
export const policyConflict = (highs: Highs, problem: PlanProblem): PolicyConflict | null => {
  const missed = missedAtLeast(highs, problem);
  const told = (rule: OutageRule): ConflictingRule => {
    const short = missed.get(rule) ?? 0;
    const needed = neededBy(problem, rule);
    return { loss: rule.loss, period: rule.period, classes: rule.classes, needed, reachable: needed - short };
  };
  const short = [...missed].filter(([, units]) => units > slackMin).map(([rule]) => rule);
  if (short.length === 0 || !isFeasible(highs, problem, [])) return null;
  return { conflict: smallestConflict(highs, problem, [...missed.keys()]).map(told), relaxation: short.map(told) };
};

const neededBy = ({ resilience }: PlanProblem, { period, classes }: OutageRule): number =>
  classes.reduce(
    (sum, index) => sum + (resilience?.servedShares[index] ?? 0) * (resilience?.designDemand[period]?.[index] ?? 0),
    0,
  );
