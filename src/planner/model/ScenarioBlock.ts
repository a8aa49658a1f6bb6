import type { PlanProblem } from '../PlanProblem.ts';
import { stepsPerPeriod } from './periodsOf.ts';

/** Demands of one segment of all members, for the use of reserved capacity. */
interface SegmentDemand {
  readonly units: Float64Array;
  /** Weight of each within the group; those of one scenario's steps are the same. */
  readonly weights: Float64Array;
}

/** What a group of scenarios has in one period. */
export interface ScenarioBlock {
  readonly period: number;
  /** Mean demand of each class over the period. Units. */
  readonly demand: Float64Array;
  /** By segment of the period, then class. */
  readonly segments: readonly (readonly SegmentDemand[])[];
  /** Price of each source. Money for one unit. */
  readonly prices: readonly number[];
  /** By member: list cost of all that each account could serve, within the guard. */
  readonly listMax: readonly (readonly number[])[];
  /** Weight of each member within the group. */
  readonly memberWeights: readonly number[];
}

/** Scenarios that are planned for as one: by Jensen's inequality never at more than they cost apart. */
export interface ScenarioGroup {
  readonly weight: number;
  readonly members: readonly number[];
  readonly blocks: readonly ScenarioBlock[];
}

/** Mean of min(demand, capacity) summed over the steps of a segment, and its slope: concave in the capacity. Units, and units per unit. */
export const reservedUse = (
  { units, weights }: SegmentDemand,
  capacity: number,
): { readonly use: number; readonly slope: number } => {
  let use = 0;
  let slope = 0;
  for (const [index, demand] of units.entries()) {
    const weight = weights[index] ?? 0;
    if (demand > capacity) {
      use += weight * capacity;
      slope += weight;
    } else use += weight * demand;
  }
  return { use, slope };
};

/** Most that an account can be asked for at list prices, in the mean of the members. Money. */
export const meanListMax = ({ listMax, memberWeights }: ScenarioBlock, account: number): number =>
  listMax.reduce((sum, one, index) => sum + (one[account] ?? 0) * (memberWeights[index] ?? 0), 0);

/** Prices of all sources in a period of a scenario. */
export const pricesIn = (problem: PlanProblem, scenario: number, period: number): readonly number[] => {
  const index = problem.priceIndices[problem.scenarios[scenario]?.prices ?? 0];
  return problem.sources.map(
    ({ listPrice }, source) => (listPrice[period] ?? 0) * (index?.factors[source]?.[period] ?? 1),
  );
};

const demandIn = (problem: PlanProblem, scenario: number, period: number): Float64Array => {
  const steps = stepsPerPeriod(problem);
  return Float64Array.from(problem.classes, (_, index) => {
    const path = problem.scenarios[scenario]?.demand[index] ?? [];
    let units = 0;
    for (let step = period * steps; step < (period + 1) * steps; step += 1) units += path[step] ?? 0;
    return units;
  });
};

/** Most that each account can be asked for at list prices: all that it could serve, within the guard. */
const listMaxOf = (
  problem: PlanProblem,
  demand: Float64Array,
  prices: readonly number[],
  guardShare: number,
): readonly number[] => {
  const cheapest = problem.classes.map((_, index) =>
    Math.min(...problem.sources.flatMap((source, at) => (source.class === index ? [prices[at] ?? Infinity] : []))),
  );
  const allAtCheapest = demand.reduce(
    (sum, units, index) => (units === 0 ? sum : sum + units * (cheapest[index] ?? 0)),
    0,
  );
  return problem.accounts.map((_, account) => {
    // Of several sources of one class the dearest bounds what it could be.
    const dearest = problem.classes.map((_class, index) =>
      Math.max(
        0,
        ...problem.sources.flatMap((source, at) =>
          source.class === index && source.account === account ? [prices[at] ?? 0] : [],
        ),
      ),
    );
    const all = demand.reduce((sum, units, index) => sum + units * (dearest[index] ?? 0), 0);
    // Without a guard this is no bound, also where there is no demand.
    return Number.isFinite(guardShare) ? Math.min(all, guardShare * allAtCheapest) : all;
  });
};

const blockOf = (
  problem: PlanProblem,
  members: readonly number[],
  memberWeights: readonly number[],
  period: number,
  guardShare: number,
): ScenarioBlock => {
  const steps = stepsPerPeriod(problem);
  const prices = pricesIn(problem, members[0] ?? 0, period);
  const demands = members.map((member) => demandIn(problem, member, period));
  const demand = new Float64Array(problem.classes.length);
  for (const [index, one] of demands.entries()) {
    for (const [at, units] of one.entries()) demand[at] = (demand[at] ?? 0) + units * (memberWeights[index] ?? 0);
  }
  const segments = Array.from({ length: problem.segmentsPerPeriod }, (_, segment) => {
    const first = period * steps + segment * problem.stepsPerSegment;
    return problem.classes.map((_class, index): SegmentDemand => {
      const units: number[] = [];
      const weights: number[] = [];
      for (const [at, member] of members.entries()) {
        const path = problem.scenarios[member]?.demand[index] ?? [];
        for (let step = first; step < first + problem.stepsPerSegment; step += 1) {
          units.push(path[step] ?? 0);
          weights.push(memberWeights[at] ?? 0);
        }
      }
      return { units: Float64Array.from(units), weights: Float64Array.from(weights) };
    });
  });
  const listMax = demands.map((one) => listMaxOf(problem, one, prices, guardShare));
  return { period, demand, segments, prices, listMax, memberWeights };
};

/** @param members Scenarios of one price index. @param guardShare As `SearchGuards.usageShare`. */
export const scenarioGroup = (
  problem: PlanProblem,
  members: readonly number[],
  guardShare: number = problem.guards.usageShare,
): ScenarioGroup => {
  const weights = members.map((member) => problem.scenarios[member]?.weight ?? 0);
  const weight = weights.reduce((sum, one) => sum + one, 0);
  const within = weights.map((one) => one / weight);
  const blocks = Array.from({ length: problem.periods }, (_, period) =>
    blockOf(problem, members, within, period, guardShare),
  );
  return { weight, members, blocks };
};
