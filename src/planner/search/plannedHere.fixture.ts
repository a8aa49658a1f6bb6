// The two workers of a plan, one after the other and on this thread: what they find and prove of a small problem in a few milliseconds.
import type { Highs } from 'highs';
import type { PlanProblem } from '../PlanProblem.ts';
import { PlanBound } from './PlanBound.ts';
import { PlanSearch, type Incumbent } from './PlanSearch.ts';
import { seededRandom } from '../../kernel/index.ts';

export interface PlannedHere {
  readonly incumbents: readonly Incumbent[];
  /** Bounds of the search, then of the proof, each as it was told. */
  readonly searchBounds: readonly number[];
  readonly treeBounds: readonly number[];
  readonly feasible: boolean;
  readonly programs: number;
}

export interface PlannedHereOptions {
  readonly seed?: number;
  readonly programs?: number;
  readonly nodes?: number;
}

/** How much more often a search may tell of itself than it may do work, before it is one that does no work and never ends. */
const idleMax = 50;

export const plannedHere = async (
  highs: Highs,
  problem: PlanProblem,
  { seed = 1, programs = 250, nodes = 2000 }: PlannedHereOptions = {},
): Promise<PlannedHere> => {
  const incumbents: Incumbent[] = [];
  const searchBounds: number[] = [];
  const treeBounds: number[] = [];
  let solved = 0;
  let told = 0;
  const search = new PlanSearch(highs, problem, {
    allowance: { spent: () => solved > programs },
    random: seededRandom(seed),
    found: (incumbent) => void incumbents.push(incumbent),
    bounded: (bound) => void searchBounds.push(bound),
    told: (progress) => {
      told += 1;
      if (told > programs + idleMax) throw new Error('a search by work that does not end');
      solved = progress.programs;
    },
    counted: (count) => {
      solved = count;
    },
    proposed: () => null,
    settled: () => undefined,
    rest: () => false,
  });
  const { feasible } = search.run();
  search.dispose();
  const bound = new PlanBound(problem, {
    fresh: () => Promise.resolve(highs),
    allowance: { spent: () => false },
    best: () => Infinity,
    bounded: (figure) => void treeBounds.push(figure),
    told: () => undefined,
    propose: () => undefined,
    wait: async () => undefined,
    seed,
    nodesMax: nodes,
  });
  await bound.run();
  return { incumbents, searchBounds, treeBounds, feasible, programs: solved };
};
