import { assert } from '../../kernel/index.ts';
import type { LinearRow } from '../linear/LinearProgram.ts';
import type { PlanLoss, PlanProblem, Resilience } from '../PlanProblem.ts';
import { isActive } from './periodsOf.ts';

/** Sets of classes are enumerated: so many classes are 65,536 sets. */
const classesMax = 16;

/** A set of classes of which all that could serve any of them is known. */
interface ClassSet {
  readonly classes: readonly number[];
  /** Nodes that are left and have a source of one of the classes. */
  readonly nodes: readonly number[];
}

/** All sets of classes, with the nodes that serve them when something is lost. */
const classSets = (problem: PlanProblem, loss: PlanLoss): readonly ClassSet[] => {
  assert(problem.classes.length <= classesMax, `a plan with rules for outages has at most ${classesMax} classes`);
  const nodesOf = problem.classes.map((_, index) => [
    ...new Set(
      problem.sources
        .filter((source) => source.class === index && (loss.capacityLeft[source.node] ?? 0) > 0)
        .map(({ node }) => node),
    ),
  ]);
  return Array.from({ length: 2 ** problem.classes.length - 1 }, (_, at) => {
    const classes = problem.classes.flatMap((_class, index) => (((at + 1) >> index) & 1 ? [index] : []));
    return { classes, nodes: [...new Set(classes.flatMap((index) => nodesOf[index] ?? []))].toSorted((a, b) => a - b) };
  });
};

const demandOf = ({ designDemand, servedShares }: Resilience, period: number, classes: readonly number[]): number =>
  classes.reduce((sum, index) => sum + (servedShares[index] ?? 0) * (designDemand[period]?.[index] ?? 0), 0);

/** Of the sets that the same nodes serve, the one that asks for most in a period. */
const heaviest = (resilience: Resilience, period: number, sets: readonly ClassSet[]): readonly ClassSet[] => {
  const found = new Map<string, ClassSet>();
  for (const set of sets) {
    const key = set.nodes.join(' ');
    const known = found.get(key);
    if (known && demandOf(resilience, period, known.classes) >= demandOf(resilience, period, set.classes)) continue;
    found.set(key, set);
  }
  return [...found.values()];
};

/** One demand of the policy: when something is lost, these classes together are served as asked. */
export interface OutageRule {
  readonly loss: string;
  readonly period: number;
  readonly classes: readonly number[];
  readonly row: LinearRow;
}

/**
 * What must be signed so that everything is served as asked whatever is lost. Flows from nodes to classes exist exactly where, for each set of
 * classes, the nodes that serve one of them have enough for all of them (Gale and Hoffman): rows in what is decided alone.
 * @param pools Columns of the pools. @param reservations Columns of the reservations, `exactly` ones counting how often they are bought.
 */
export const outageRules = (
  problem: PlanProblem,
  pools: readonly number[],
  reservations: readonly number[],
): readonly OutageRule[] => {
  const { resilience } = problem;
  if (resilience === null) return [];
  const rules: OutageRule[] = [];
  for (const loss of resilience.losses) {
    const sets = classSets(problem, loss);
    for (let period = 0; period < problem.periods; period += 1) {
      for (const set of heaviest(resilience, period, sets)) {
        const row = outageRow(problem, resilience, loss, period, set, pools, reservations);
        if (row !== null) rules.push({ loss: loss.name, period, classes: set.classes, row });
      }
    }
  }
  return rules;
};

const outageRow = (
  problem: PlanProblem,
  resilience: Resilience,
  loss: PlanLoss,
  period: number,
  { classes, nodes }: ClassSet,
  pools: readonly number[],
  reservations: readonly number[],
): LinearRow | null => {
  const columns = new Map<number, number>();
  const add = (column: number, value: number): void => void columns.set(column, (columns.get(column) ?? 0) + value);
  const lastSegment = (period + 1) * problem.segmentsPerPeriod - 1;
  let base = 0;
  for (const index of nodes) {
    const node = resilience.nodes[index];
    const left = loss.capacityLeft[index] ?? 0;
    if (node === undefined) continue;
    base += left * (node.base[period] ?? 0);
    for (const [at, pool] of problem.pools.entries()) {
      if (pool.account !== node.account || period < pool.fromPeriod || period >= pool.untilPeriod) continue;
      add(pools[at] ?? 0, left * node.perPoolMoney * (pool.floors[period - pool.fromPeriod] ?? 0));
    }
    for (const [at, offer] of problem.reservations.entries()) {
      if (offer.node !== index || !isActive(offer, lastSegment)) continue;
      const units = offer.quantity.kind === 'exactly' ? offer.quantity.units : 1;
      add(reservations[at] ?? 0, left * (1 + node.reservationBurst) * problem.monthsPerStep * units);
    }
  }
  const needed = demandOf(resilience, period, classes) - base;
  if (needed <= 0) return null;
  return { lower: needed, upper: Infinity, columns: [...columns.keys()], values: [...columns.values()] };
};
