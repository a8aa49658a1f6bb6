import type { PlacementLimits } from '../Demand.ts';
import type { OfferIndex } from '../OfferIndex.ts';
import type { Weighed } from '../weighOffers.ts';

/** Jobs that wait, in the order of the queue, and what they compete for. */
export interface QueueProblem {
  /** What each job could take, were it alone; cheapest first. Jobs that ask the same share one list. */
  readonly options: readonly (readonly Weighed[])[];
  readonly index: OfferIndex;
  readonly headroomUsd: PlacementLimits['headroomUsd'];
}

/** How far the searches go. A step is a look at one offer for one job. */
export const queueSearchLimits = {
  /** Jobs that are placed together, and what they can take, all of them together: the next ones get what these have left. */
  jobsTogether: 1_000,
  optionsTogether: 500_000,
  /** Moves that hang together: a job goes where another was, which goes where a third was, and so on. */
  movesInARow: 3,
  /** The same while cost is lowered. */
  movesToLowerCost: 2,
  /** Jobs that are asked to move for the sake of one. */
  holdersAsked: 16,
  /** To find room for one job by moving others. */
  stepsToPlace: 20_000,
  /** Jobs that are placed anew together where moves in a row find no room, and steps for each such try. */
  rearrangedJobs: 20,
  stepsToRearrange: 10_000,
  /** To lower the cost of one job, each time that it is tried. */
  stepsToLowerCost: 2_000,
  /** Of all jobs together: so many for each, but at least as if they were so many. Then only room that is free is found. */
  stepsPerJob: { toPlace: 2_000, toRearrange: 500, toLowerCost: 1_000 },
  leastJobs: 50,
} as const;

/** A saving below it is rounding. US dollars. */
export const leastSavingUsd = 1e-9;

export const usdOf = ({ expected }: Weighed): number => expected?.usd ?? 0;
