import type { QueueAssignment } from './QueueAssignment.ts';
import { leastSavingUsd, queueSearchLimits as limits, usdOf, type QueueProblem } from './QueueProblem.ts';
import { RoomSearch } from './RoomSearch.ts';

/**
 * Moves jobs as long as that makes all of them together cheaper: first into room that there is, then by taking another's place that has to move for it,
 * then by two such moves in a row. Every job stays placed.
 */
export const lowerCost = ({ options }: QueueProblem, assignment: QueueAssignment): void => {
  const optionsOf = (job: number) => options[job] ?? [];
  const search = new RoomSearch(assignment, optionsOf);
  let steps = limits.stepsPerJob.toLowerCost * Math.max(options.length, limits.leastJobs);

  /** Whether the job, and whoever has to move for it, is better placed now. */
  const improve = (job: number, moves: number): boolean => {
    const taken = assignment.taken(job);
    const cheapest = optionsOf(job)[0];
    if (taken === null || cheapest === undefined || usdOf(taken) - usdOf(cheapest) <= leastSavingUsd) return false;
    const mark = assignment.mark;
    const belowUsd = assignment.totalUsd - leastSavingUsd;
    assignment.give(job, null);
    const improved = search.place(job, belowUsd, moves, Math.min(steps, limits.stepsToLowerCost));
    if (!improved) assignment.takeBack(mark);
    steps -= search.stepsTaken;
    assignment.keep();
    return improved;
  };

  for (let moves = 0; moves <= limits.movesToLowerCost && steps > 0;) {
    let improved = false;
    for (const job of options.keys()) improved = (steps > 0 && improve(job, moves)) || improved;
    if (!improved) moves += 1;
  }
};
