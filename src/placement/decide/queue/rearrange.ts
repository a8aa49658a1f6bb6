import type { Weighed } from '../weighOffers.ts';
import type { QueueAssignment } from './QueueAssignment.ts';

type OptionsOf = (job: number) => readonly Weighed[];

/** The job and those that hold what it could take, then those that hold what these could take, and so on; in the order of the queue. */
const rivalsAround = (assignment: QueueAssignment, job: number, optionsOf: OptionsOf, most: number): number[] => {
  const group = new Set([job]);
  // A set is walked through to its end, what is added on the way included.
  for (const one of group)
    for (const option of optionsOf(one))
      for (const rival of assignment.rivals(option)) {
        if (group.size >= most) return [...group].toSorted((left, right) => left - right);
        group.add(rival);
      }
  return [...group].toSorted((left, right) => left - right);
};

/**
 * Places a job by placing it and its rivals anew, all ways compared until one has room for each of them; every other job stays where it is.
 * @param most Jobs that take part.
 * @param stepsMax Offers that are looked at.
 * @returns whether it did, and the steps that it took. Where it did not, nothing has changed.
 */
export const rearrange = (
  assignment: QueueAssignment,
  job: number,
  optionsOf: OptionsOf,
  most: number,
  stepsMax: number,
): { readonly done: boolean; readonly steps: number } => {
  const group = rivalsAround(assignment, job, optionsOf, most);
  const mark = assignment.mark;
  let left = stepsMax;
  const placeFrom = (place: number): boolean => {
    const one = group[place];
    if (one === undefined) return true;
    for (const option of optionsOf(one)) {
      if (left <= 0) return false;
      left -= 1;
      if (!assignment.fits(option)) continue;
      assignment.give(one, option);
      if (placeFrom(place + 1)) return true;
      assignment.give(one, null);
    }
    return false;
  };
  for (const one of group) assignment.give(one, null);
  const done = placeFrom(0);
  if (!done) assignment.takeBack(mark);
  return { done, steps: stepsMax - left };
};
