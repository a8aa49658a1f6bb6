import { lowerCost } from './lowerCost.ts';
import { placeInTurn } from './placeInTurn.ts';
import type { QueueAssignment } from './QueueAssignment.ts';
import { leastSavingUsd, queueSearchLimits, usdOf, type QueueProblem } from './QueueProblem.ts';
import { RoomSearch } from './RoomSearch.ts';

/** How much a job loses where it does not get its cheapest option but the next. */
const regretOf = ([first, second]: QueueProblem['options'][number]): number =>
  first === undefined || second === undefined ? Infinity : usdOf(second) - usdOf(first);

/** The same for each accelerator that it takes: two small jobs may be worth more than a large one. */
const regretPerAccelerator = (options: QueueProblem['options'][number]): number =>
  regretOf(options) / (options[0]?.accelerators ?? 1);

/** What moved for the sake of cost may have left room for a job that found none. */
const placeRest = ({ options }: QueueProblem, assignment: QueueAssignment): void => {
  const search = new RoomSearch(assignment, (job) => options[job] ?? []);
  for (const job of options.keys())
    if (assignment.taken(job) === null) search.place(job, Infinity, 0, queueSearchLimits.stepsToPlace);
};

/**
 * Gives the jobs of a queue their offers. Who is placed is settled in the order of the queue. The same jobs are then placed again, those first that lose the
 * most by waiting, the cost of each such assignment is lowered as far as moves do it, and the cheapest of them is taken.
 */
export const placeQueue = (problem: QueueProblem): QueueAssignment => {
  const { options } = problem;
  const inOrder = placeInTurn(problem, [...options.keys()]);
  const placed = [...options.keys()].filter((job) => inOrder.taken(job) !== null);
  const byWorth = [regretOf, regretPerAccelerator].map((worthOf) => {
    const worth = options.map(worthOf);
    const turns = placed.toSorted((one, other) => {
      const [left = 0, right = 0] = [worth[one], worth[other]];
      return left === right ? one - other : right - left;
    });
    return placeInTurn(problem, turns);
  });
  const whole = byWorth.filter((assignment) => placed.every((job) => assignment.taken(job) !== null));
  const all = [inOrder, ...whole];
  for (const assignment of all) lowerCost(problem, assignment);
  const cheapest = all.reduce((best, one) => (one.totalUsd < best.totalUsd - leastSavingUsd ? one : best));
  placeRest(problem, cheapest);
  return cheapest;
};
