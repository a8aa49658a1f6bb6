import type { PlacementLimits } from './Demand.ts';
import type { Offer } from './Offer.ts';
import type { OfferRefusal } from './PlacementDecision.ts';
import type { Weighed } from './weighOffers.ts';

/** What can be taken at one moment. */
export interface Room {
  /** Accelerators of the offer that nobody holds. */
  free(weighed: Weighed): number;
  readonly headroomUsd: PlacementLimits['headroomUsd'];
  readonly closedSites: ReadonlyMap<string, string>;
}

/** Asks each cap once: many offers count under the same few. */
export const askedOnce = (headroomUsd: PlacementLimits['headroomUsd']): PlacementLimits['headroomUsd'] => {
  const known = {
    vendor: new Map<string, number>(),
    host: new Map<string, number>(),
    jurisdiction: new Map<string, number>(),
  };
  return (dimension, name) => {
    const before = known[dimension].get(name);
    if (before !== undefined) return before;
    const asked = headroomUsd(dimension, name);
    known[dimension].set(name, asked);
    return asked;
  };
};

/** What the offers themselves say is free. */
export const roomOf = ({ headroomUsd, closedSites }: PlacementLimits): Room => ({
  free: ({ offer }) => offer.free,
  headroomUsd: askedOnce(headroomUsd),
  closedSites,
});

/** Something that spending on an offer counts under, and how much of it. */
export interface CapShare {
  readonly dimension: 'vendor' | 'host' | 'jurisdiction';
  readonly name: string;
  readonly share: number;
}

export const capSharesOf = ({ vendor, hosts, jurisdiction }: Offer): CapShare[] => [
  { dimension: 'vendor', name: vendor, share: 1 },
  ...Object.entries(hosts).map(([name, share]) => ({ dimension: 'host' as const, name, share })),
  ...(jurisdiction === null ? [] : [{ dimension: 'jurisdiction' as const, name: jurisdiction, share: 1 }]),
];

/** A cap that a job's spending would break. */
export interface BrokenCap {
  readonly dimension: CapShare['dimension'];
  readonly name: string;
  readonly spendUsd: number;
  readonly headroomUsd: number;
}

/**
 * The first cap that a job would break on an offer, or null. What costs nothing more breaks none, not even one that is broken already. All that the choice
 * brings about counts here, what leaving another site costs among it.
 */
export const brokenCap = ({ offer, expected }: Weighed, room: Room): BrokenCap | null => {
  const usd = expected?.usd ?? 0;
  if (usd === 0) return null;
  for (const { dimension, name, share } of capSharesOf(offer)) {
    const headroomUsd = room.headroomUsd(dimension, name);
    const spendUsd = usd * share;
    if (spendUsd > 0 && spendUsd > headroomUsd) return { dimension, name, spendUsd, headroomUsd };
  }
  return null;
};

/** Why it cannot be taken now; null where it can. */
export const refusalOf = (weighed: Weighed, room: Room): OfferRefusal | null => {
  if (weighed.lasting !== null) return weighed.lasting;
  if (brokenCap(weighed, room) !== null) return 'cap';
  if (room.closedSites.has(weighed.offer.site ?? '')) return 'site_closed';
  return weighed.accelerators > room.free(weighed) ? 'no_room' : null;
};
