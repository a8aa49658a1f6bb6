import { nearestName } from '../../config/index.ts';
import type { AcceleratorChoice } from '../job/JobSpec.ts';
import { changesFor, type NeededChanges } from './changesFor.ts';
import { changeWords } from './changeWords.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
import { OfferIndex } from './OfferIndex.ts';
import { weighOffers } from './weighOffers.ts';

/** Why no offer can ever take a job, and what would have to change. */
export interface NearestChange {
  readonly message: string;
  readonly mend: string;
}

const has = ({ changes }: NeededChanges, kind: NeededChanges['changes'][number]['kind']): boolean =>
  changes.some((change) => change.kind === kind);

const accelerators = ({ demand }: NeededChanges): number => demand.ranks * (demand.accelerators[0]?.perRank ?? 0);

/** Negative where the first is nearer: fewer changes, easier ones, more left of what was asked for, an earlier end, less money. */
const compare = (one: NeededChanges, other: NeededChanges): number =>
  one.changes.length - other.changes.length ||
  one.hardship - other.hardship ||
  (has(one, 'fewer') && has(other, 'fewer') ? accelerators(other) - accelerators(one) : 0) ||
  (has(one, 'deadline') && has(other, 'deadline') ? one.expected.hours - other.expected.hours : 0) ||
  one.expected.usd - other.expected.usd;

/** Accelerators that are one of the job's, misspelt. */
const meantKinds = (demand: Demand, index: OfferIndex): ReadonlyMap<string, AcceleratorChoice> => {
  const kinds = index.accelerators;
  const atSites = kinds.filter((kind) => index.countOf(kind).withSite > 0);
  return new Map(
    demand.accelerators.flatMap((choice) => {
      if (index.placesOf(choice.kind).length > 0) return [];
      const meant = nearestName(choice.kind, atSites) ?? nearestName(choice.kind, kinds);
      return meant === null ? [] : [[meant, choice] as const];
    }),
  );
};

/** The offer that the fewest changes would make fit, with these changes; null where none can be made to. Of equal ones the first. */
export const fewestChanges = (demand: Demand, index: OfferIndex, nowMs: number): NeededChanges | null => {
  const meant = meantKinds(demand, index);
  let nearest: NeededChanges | null = null;
  for (const offer of index.offers) {
    const own = demand.accelerators.filter(({ kind }) => kind === offer.accelerator);
    const misspelt = meant.get(offer.accelerator);
    for (const choice of own.length > 0 ? own : [misspelt ?? demand.accelerators[0]]) {
      if (choice === undefined) continue;
      const needed = changesFor(demand, choice, offer, misspelt === choice, index.egressUsdPerGigabyte, nowMs);
      if (needed !== null && (nearest === null || compare(needed, nearest) < 0)) nearest = needed;
    }
  }
  return nearest;
};

const noCapacity: NearestChange = {
  message: 'there is no capacity at all',
  mend: 'add sites with accelerators and prices to the file',
};

/**
 * Why a job can never run, whatever ends, opens or is paid for before: the changes that would let it. What is busy, closed or capped now does not count.
 * @returns null where some offer can take it.
 */
export const nearestChange = (
  demand: Demand,
  offers: readonly Offer[] | OfferIndex,
  { nowMs }: Pick<PlacementLimits, 'nowMs'>,
): NearestChange | null => {
  const index = offers instanceof OfferIndex ? offers : new OfferIndex(offers);
  if (weighOffers(demand, index, nowMs).weighed.some(({ lasting }) => lasting === null)) return null;
  const nearest = fewestChanges(demand, index, nowMs);
  return nearest === null ? noCapacity : changeWords(nearest, demand, index, nowMs);
};
