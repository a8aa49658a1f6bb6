import { valuesOfDecision } from '../model/FirstStage.ts';
import { scenarioGroup } from '../model/ScenarioBlock.ts';
import { evaluate, type Evaluation } from '../recourse/evaluate.ts';
import { Recourse } from '../recourse/Recourse.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { optimise } from '../search/optimise.ts';
import type { PlanLimits } from '../search/PlanLimits.ts';
import { answeringSolver } from './billDecision.ts';
import { outageCertificate } from './outageCertificate.ts';
import type { Frontier, FrontierPoint } from './PlanAnswers.ts';

export interface FrontierOptions {
  /** Shares from 0 to 1; the policy's own is added. Absent: a few below and above it. */
  readonly levels?: readonly number[];
  /** Of the search at each level. */
  readonly limits: PlanLimits;
  readonly seed: number;
  readonly signal?: AbortSignal;
  /** What is known at the policy's own level: then it is not searched again. */
  readonly known?: { readonly decision: PlanDecision; readonly lowerBound: number };
  readonly onPoint?: (along: Frontier['along'], level: number) => void;
}

const coverLevels = [0, 0.5, 0.8, 0.9, 1];
const capSteps = [-0.1, -0.05, 0.05, 0.1];
const sameLevel = 1e-9;

/** The level of the policy: the highest served share, or the tightest cap; null where there is nothing to vary. */
export const currentLevel = ({ resilience, caps }: PlanProblem, along: Frontier['along']): number | null => {
  if (along === 'cap') return caps.length === 0 ? null : Math.min(...caps.map(({ share }) => share));
  if (resilience === null) return null;
  const highest = Math.max(0, ...resilience.servedShares);
  return highest > 0 ? highest : null;
};

/** The problem with all served shares, or all caps, scaled so that the policy's level is another. */
export const problemAtLevel = (problem: PlanProblem, along: Frontier['along'], level: number): PlanProblem => {
  const current = currentLevel(problem, along);
  if (current === null || Math.abs(level - current) <= sameLevel) return problem;
  const scale = level / current;
  if (along === 'cap') {
    // A cap that allows everything is none.
    const caps = problem.caps.map((cap) => ({ ...cap, share: cap.share * scale })).filter(({ share }) => share < 1);
    return { ...problem, caps };
  }
  const { resilience } = problem;
  if (resilience === null) return problem;
  const servedShares = resilience.servedShares.map((share) => Math.min(1, share * scale));
  return { ...problem, resilience: { ...resilience, servedShares } };
};

const levelsOf = (along: Frontier['along'], current: number, asked: readonly number[] | undefined): number[] => {
  const levels = asked ?? (along === 'cap' ? [...capSteps.map((step) => current + step), 1] : coverLevels);
  const valid = levels.filter((level) => (along === 'cap' ? level > 0 : level >= 0) && level <= 1);
  const others = valid.filter((level) => Math.abs(level - current) > sameLevel);
  return [...new Set([...others, current])];
};

interface Found {
  readonly level: number;
  readonly problem: PlanProblem;
  readonly feasible: boolean;
  readonly lowerBound: number;
  readonly own: { readonly decision: PlanDecision; readonly evaluation: Evaluation } | null;
}

/** Exactly, within the guards that the bounds hold for. */
const evaluated = async (problem: PlanProblem, decision: PlanDecision): Promise<Evaluation> => {
  const recourse = new Recourse(await answeringSolver(), problem);
  try {
    const singles = problem.scenarios.map((_, scenario) => scenarioGroup(problem, [scenario]));
    return evaluate(problem, recourse, singles, valuesOfDecision(problem, decision));
  } finally {
    recourse.dispose();
  }
};

const searched = async (
  problem: PlanProblem,
  level: number,
  isKnown: boolean,
  options: FrontierOptions,
): Promise<Found> => {
  const { known, limits, seed, signal } = options;
  if (isKnown && known) {
    const own = { decision: known.decision, evaluation: await evaluated(problem, known.decision) };
    return { level, problem, feasible: true, lowerBound: known.lowerBound, own };
  }
  const { incumbent, lowerBound, feasible } = await optimise(problem, { limits, seed, ...(signal ? { signal } : {}) });
  return { level, problem, feasible, lowerBound, own: incumbent };
};

/** The best plan at a level of all that were found at any: each is looked at where it satisfies the policy. */
const pointOf = async (
  along: Frontier['along'],
  at: Found,
  all: readonly Found[],
  lowerBound: number,
): Promise<FrontierPoint> => {
  let best = at.own;
  let planOfLevel: number | null = null;
  for (const other of all) {
    if (other === at || other.own === null || !at.feasible) continue;
    if (along === 'outageCover' && outageCertificate(at.problem, other.own.decision)?.met === false) continue;
    // What a plan costs has nothing to do with the outages that it is ready for.
    const evaluation = along === 'outageCover' ? other.own.evaluation : await evaluated(at.problem, other.own.decision);
    if (best !== null && evaluation.objective >= best.evaluation.objective) continue;
    best = { decision: other.own.decision, evaluation };
    planOfLevel = other.level;
  }
  const upperBound = best?.evaluation.objective ?? Infinity;
  const figures =
    best === null
      ? null
      : { mean: best.evaluation.mean, cvar: best.evaluation.cvar, objective: best.evaluation.objective };
  return {
    level: at.level,
    upperBound,
    lowerBound: Math.min(lowerBound, upperBound),
    feasible: at.feasible,
    decision: best?.decision ?? null,
    figures,
    planOfLevel,
  };
};

/**
 * What a policy costs at several strictnesses: a short search at each level, with bounds of its own. Whatever was found or proven anywhere is
 * used wherever it holds: a plan for a stricter policy satisfies a looser one, and what a looser policy costs at the least, a stricter one does.
 * That makes both bounds rise with strictness.
 * @returns null where the policy has nothing to vary.
 */
export const frontier = async (
  problem: PlanProblem,
  along: Frontier['along'],
  options: FrontierOptions,
): Promise<Frontier | null> => {
  const current = currentLevel(problem, along);
  if (current === null) return null;
  const looseness = along === 'cap' ? -1 : 1;
  const levels = levelsOf(along, current, options.levels).toSorted((one, other) => looseness * (one - other));
  const found: Found[] = [];
  for (const level of levels) {
    if (options.signal?.aborted) break;
    options.onPoint?.(along, level);
    found.push(await searched(problemAtLevel(problem, along, level), level, level === current, options));
  }
  const points: FrontierPoint[] = [];
  let lowerBound = -Infinity;
  for (const at of found) {
    lowerBound = Math.max(lowerBound, at.lowerBound);
    points.push(await pointOf(along, at, found, lowerBound));
  }
  return { along, current, points };
};
