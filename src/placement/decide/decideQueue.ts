import { byCost } from './byCost.ts';
import { decisionOf } from './decisionOf.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
import { OfferIndex } from './OfferIndex.ts';
import type { PlacementDecision } from './PlacementDecision.ts';
import { placeQueue } from './queue/placeQueue.ts';
import { refusalOf, roomOf } from './Room.ts';
import { weighOffers, type Weighed, type Weighing } from './weighOffers.ts';

/** A job that waits. */
export interface QueuedDemand {
  readonly id: string;
  readonly demand: Demand;
}

/** Jobs that ask the same. */
interface DemandClass {
  readonly weighing: Weighing;
  /** What it can take as long as nobody else of the queue does; cheapest first. */
  readonly options: readonly Weighed[];
}

const classesOf = (queue: readonly QueuedDemand[], index: OfferIndex, limits: PlacementLimits): DemandClass[] => {
  const room = roomOf(limits);
  const classes = new Map<string, DemandClass>();
  return queue.map(({ demand }) => {
    const key = JSON.stringify(demand);
    const known = classes.get(key);
    if (known !== undefined) return known;
    const weighing = weighOffers(demand, index, limits.nowMs);
    const options = weighing.weighed.filter((weighed) => refusalOf(weighed, room) === null).toSorted(byCost);
    const made = { weighing, options };
    classes.set(key, made);
    return made;
  });
};

/**
 * Where the jobs of a queue go, all of them weighed together over the same offers: what one takes the others do not get. A job is left out only where there
 * is no room for it beside all that stand before it; among the ways to place them all, one that costs little together.
 */
export const decideQueue = (
  queue: readonly QueuedDemand[],
  offers: readonly Offer[] | OfferIndex,
  limits: PlacementLimits,
): ReadonlyMap<string, PlacementDecision> => {
  const index = offers instanceof OfferIndex ? offers : new OfferIndex(offers);
  const classes = classesOf(queue, index, limits);
  const assignment = placeQueue({
    options: classes.map(({ options }) => options),
    index,
    headroomUsd: limits.headroomUsd,
  });
  const decided = classes.map(({ weighing }, job) => {
    const taken = assignment.taken(job);
    return assignment.beside(job, limits.closedSites, (room) => decisionOf(weighing, room, taken));
  });
  return new Map(queue.flatMap(({ id }, job) => decided.slice(job, job + 1).map((decision) => [id, decision])));
};
