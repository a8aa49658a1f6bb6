import type { PlanProblem } from '../PlanProblem.ts';
import { pricesIn } from './ScenarioBlock.ts';
import { stepsPerPeriod } from './periodsOf.ts';

/** Where a scenario or a group of them stands. */
interface Cluster {
  readonly members: readonly number[];
  /** How much its cost counts in the objective. */
  readonly importance: number;
  /** Logarithms of what the demand of each class and period would cost: growth is multiplicative. */
  readonly profile: Float64Array;
  /** Only clusters of one kind are averaged. */
  readonly kind: string;
}

/** What the demand of each class in each period of a scenario would cost at its cheapest. Money. */
const spendProfile = (problem: PlanProblem, scenario: number): Float64Array => {
  const steps = stepsPerPeriod(problem);
  const profile = new Float64Array(problem.periods * problem.classes.length);
  for (let period = 0; period < problem.periods; period += 1) {
    const prices = pricesIn(problem, scenario, period);
    for (const [index] of problem.classes.entries()) {
      const cheapest = Math.min(
        ...problem.sources.flatMap((source, at) => (source.class === index ? [prices[at] ?? Infinity] : [])),
      );
      const path = problem.scenarios[scenario]?.demand[index] ?? [];
      let units = 0;
      for (let step = period * steps; step < (period + 1) * steps; step += 1) units += path[step] ?? 0;
      profile[period * problem.classes.length + index] = units === 0 ? 0 : units * cheapest;
    }
  }
  return profile;
};

/** The dearest scenarios that together weigh 1 - beta, at least one of them. */
const tailOf = (problem: PlanProblem, spend: readonly Float64Array[]): ReadonlySet<number> => {
  const size = (scenario: number): number => spend[scenario]?.reduce((sum, money) => sum + money, 0) ?? 0;
  const order = problem.scenarios.map((_, scenario) => scenario).toSorted((one, other) => size(other) - size(one));
  const tail = new Set<number>();
  let weight = 0;
  for (const scenario of order) {
    weight += problem.scenarios[scenario]?.weight ?? 0;
    if (tail.size > 0 && weight > 1 - problem.risk.beta + 1e-9) break;
    tail.add(scenario);
  }
  return tail;
};

/** What merging two clusters does to the sum of squares within (Ward). */
const mergeCost = (one: Cluster, other: Cluster): number => {
  let square = 0;
  for (const [index, value] of one.profile.entries()) square += (value - (other.profile[index] ?? 0)) ** 2;
  return ((one.importance * other.importance) / (one.importance + other.importance)) * square;
};

const merged = (one: Cluster, other: Cluster): Cluster => {
  const importance = one.importance + other.importance;
  return {
    members: [...one.members, ...other.members],
    importance,
    profile: one.profile.map(
      (value, index) => (value * one.importance + (other.profile[index] ?? 0) * other.importance) / importance,
    ),
    kind: one.kind,
  };
};

/** Merges the two nearest of one kind, until so many are left or none may be merged. */
const mergedTo = (clusters: readonly Cluster[], count: number): readonly Cluster[] => {
  let left = [...clusters];
  while (left.length > count) {
    let nearest: readonly [Cluster, Cluster] | null = null;
    let least = Infinity;
    for (const [index, one] of left.entries()) {
      for (const other of left.slice(index + 1)) {
        if (one.kind !== other.kind) continue;
        const cost = mergeCost(one, other);
        if (cost >= least) continue;
        least = cost;
        nearest = [one, other];
      }
    }
    if (nearest === null) break;
    const [one, other] = nearest;
    left = [...left.filter((cluster) => cluster !== one && cluster !== other), merged(one, other)];
  }
  return left;
};

const clustersOf = (problem: PlanProblem, members: readonly number[]): readonly Cluster[] => {
  const spend = problem.scenarios.map((_, scenario) => spendProfile(problem, scenario));
  const tail = tailOf(problem, spend);
  const { cvarWeight, beta } = problem.risk;
  const mean = spend.reduce((sum, one) => sum + one.reduce((all, money) => all + money, 0), 0) / spend.length || 1;
  return members.map((scenario) => {
    const isTail = tail.has(scenario);
    const { weight, prices } = problem.scenarios[scenario] ?? { weight: 0, prices: 0 };
    return {
      members: [scenario],
      importance: weight * (1 - cvarWeight + (isTail ? cvarWeight / (1 - beta) : 0)) + Number.EPSILON,
      profile: (spend[scenario] ?? new Float64Array(0)).map((money) => Math.log1p((money / mean) * cells(problem))),
      kind: `${isTail ? 'tail' : 'rest'} ${prices}`,
    };
  });
};

const cells = ({ periods, classes }: PlanProblem): number => periods * classes.length;

/**
 * Scenarios in groups of like demand, to be averaged. The dearest 1 - beta stand apart, since averaging them with others would hide the tail,
 * and only scenarios of one price index are averaged. @param count Groups at most, but never fewer than there are kinds.
 */
export const scenarioGroups = (problem: PlanProblem, count: number): readonly (readonly number[])[] =>
  mergedTo(
    clustersOf(
      problem,
      problem.scenarios.map((_, scenario) => scenario),
    ),
    count,
  ).map(({ members }) => members.toSorted((one, other) => one - other));

/** Two parts of a group. */
export const splitGroup = (problem: PlanProblem, members: readonly number[]): readonly (readonly number[])[] =>
  mergedTo(clustersOf(problem, members), 2).map((cluster) => cluster.members);
