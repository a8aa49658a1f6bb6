import { QueueAssignment } from './QueueAssignment.ts';
import { queueSearchLimits as limits, type QueueProblem } from './QueueProblem.ts';
import { rearrange } from './rearrange.ts';
import { RoomSearch } from './RoomSearch.ts';

/**
 * Places one job after the other: on the cheapest offer that has room; where none has, by moving jobs that are placed already; where that fails, by placing
 * it and its rivals anew. A job that was placed stays placed: no later one ever drives it out.
 */
export const placeInTurn = (problem: QueueProblem, turns: readonly number[]): QueueAssignment => {
  const { options, index, headroomUsd } = problem;
  const assignment = new QueueAssignment(options.length, index, headroomUsd);
  const optionsOf = (job: number) => options[job] ?? [];
  const search = new RoomSearch(assignment, optionsOf);
  /** Jobs that ask the same as one that found no room find none either: it only becomes less. */
  const hopeless = new Set<unknown>();
  const jobs = Math.max(options.length, limits.leastJobs);
  let [moving, rearranging] = [limits.stepsPerJob.toPlace * jobs, limits.stepsPerJob.toRearrange * jobs];
  const place = (job: number): boolean => {
    if (search.place(job, Infinity, 0, limits.stepsToPlace)) return true;
    const moved = search.place(job, Infinity, limits.movesInARow, Math.min(moving, limits.stepsToPlace));
    moving -= search.stepsTaken;
    if (moved) return true;
    const allowed = Math.min(rearranging, limits.stepsToRearrange);
    const { done, steps } = rearrange(assignment, job, optionsOf, limits.rearrangedJobs, allowed);
    rearranging -= steps;
    return done;
  };
  for (const job of turns) {
    const own = optionsOf(job);
    if (own.length === 0 || hopeless.has(own)) continue;
    if (place(job)) assignment.keep();
    else hopeless.add(own);
  }
  return assignment;
};
