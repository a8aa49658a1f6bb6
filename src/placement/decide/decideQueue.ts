import { byCost } from './byCost.ts';
import { decisionOf } from './decisionOf.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
import { OfferIndex } from './OfferIndex.ts';
import type { PlacementDecision } from './PlacementDecision.ts';
import { placeQueue } from './queue/placeQueue.ts';
import type { QueueAssignment } from './queue/QueueAssignment.ts';
import { queueSearchLimits } from './queue/QueueProblem.ts';
import { refusalOf, roomOf } from './Room.ts';
import { weighOffers, type Weighed } from './weighOffers.ts';

/** A job that waits. */
export interface QueuedDemand {
  readonly id: string;
  readonly demand: Demand;
}

/** Jobs that ask the same. */
interface DemandClass {
  readonly demand: Demand;
  /** What such a job can take as long as nobody else of the queue does; cheapest first. */
  readonly options: readonly Weighed[];
  readonly jobs: { readonly id: string; readonly number: number }[];
}

/** Jobs that are placed together, from the head of a queue. */
interface Batch {
  readonly classes: readonly DemandClass[];
  /** Class of each job, in the order of the queue. */
  readonly jobs: readonly DemandClass[];
}

const classOf = (demand: Demand, index: OfferIndex, limits: PlacementLimits): DemandClass => {
  const room = roomOf(limits);
  const { weighed } = weighOffers(demand, index, limits.nowMs);
  // What can never be taken is weighed again when it is explained: kept for each job of a long queue, it would fill the memory.
  return { demand, options: weighed.filter((one) => refusalOf(one, room) === null).toSorted(byCost), jobs: [] };
};

const nextBatch = (queue: readonly QueuedDemand[], from: number, index: OfferIndex, limits: PlacementLimits): Batch => {
  const { jobsTogether, optionsTogether } = queueSearchLimits;
  const classes = new Map<string, DemandClass>();
  const jobs: DemandClass[] = [];
  let options = 0;
  for (const { id, demand } of queue.slice(from, from + jobsTogether)) {
    const key = JSON.stringify(demand);
    const own = classes.get(key) ?? classOf(demand, index, limits);
    if (own.jobs.length === 0) options += own.options.length;
    if (options > optionsTogether && jobs.length > 0) break;
    classes.set(key, own);
    own.jobs.push({ id, number: jobs.length });
    jobs.push(own);
  }
  return { classes: [...classes.values()], jobs };
};

const explain = (
  { classes }: Batch,
  assignment: QueueAssignment,
  index: OfferIndex,
  { nowMs, closedSites }: PlacementLimits,
): [string, PlacementDecision][] =>
  classes.flatMap(({ demand, jobs }) => {
    const weighing = weighOffers(demand, index, nowMs);
    return jobs.map(({ id, number }): [string, PlacementDecision] => {
      const taken = assignment.taken(number);
      return [id, assignment.beside(number, closedSites, (room) => decisionOf(weighing, room, taken))];
    });
  });

/**
 * Where the jobs of a queue go, weighed together over the same offers: what one takes the others do not get. A job is left out only where there is no room for
 * it beside all that stand before it; among the ways to place them all, one that costs little together. A very long queue is decided in batches.
 */
export const decideQueue = (
  queue: readonly QueuedDemand[],
  offers: readonly Offer[] | OfferIndex,
  limits: PlacementLimits,
): ReadonlyMap<string, PlacementDecision> => {
  const decisions = new Map<string, PlacementDecision>();
  let index = offers instanceof OfferIndex ? offers : new OfferIndex(offers);
  let left = limits;
  for (let decided = 0; decided < queue.length;) {
    const batch = nextBatch(queue, decided, index, left);
    const options = batch.jobs.map((own) => own.options);
    const assignment = placeQueue({ options, index, headroomUsd: left.headroomUsd });
    for (const [id, decision] of explain(batch, assignment, index, left)) decisions.set(id, decision);
    decided += batch.jobs.length;
    if (decided === queue.length) break;
    index = new OfferIndex(assignment.offersLeft());
    left = { ...left, headroomUsd: assignment.headroomLeftUsd };
  }
  return decisions;
};
