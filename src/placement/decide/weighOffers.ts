import { placementLimits } from '../limits.ts';
import type { Demand } from './Demand.ts';
import { expectedFinish } from './expectedFinish.ts';
import { lastingRefusalOf, type Match } from './lastingRefusals.ts';
import type { Offer } from './Offer.ts';
import type { OfferIndex } from './OfferIndex.ts';
import type { OfferRefusal } from './PlacementDecision.ts';

/** One offer with one of the accelerators of a job: what it would cost, and whether it can ever be taken. Nothing of it changes with what is free. */
export interface Weighed extends Match {
  /** Place of its offer in the list. */
  readonly place: number;
  readonly lasting: OfferRefusal | null;
}

/** A job's offers as they were weighed at one moment. Jobs that ask the same share it. */
export interface Weighing {
  readonly demand: Demand;
  readonly nowMs: number;
  /** Offers in all. */
  readonly offers: number;
  /** Each offer that has one of the job's accelerators, once for each choice of that kind, in no order. */
  readonly weighed: readonly Weighed[];
  /** Offers whose accelerators the job cannot use: how many of sites, and of none. */
  readonly strangers: { readonly withSite: number; readonly withoutSite: number };
  /** The first few of them, those of sites before the others; at most `placementLimits.candidates`, beside the weighed ones. */
  readonly firstStrangers: readonly Offer[];
}

const firstStrangersOf = (index: OfferIndex, kinds: ReadonlySet<string>, most: number): Offer[] => {
  if (most <= 0) return [];
  const withSite: Offer[] = [];
  const withoutSite: Offer[] = [];
  for (const offer of index.offers) {
    if (kinds.has(offer.accelerator)) continue;
    const group = offer.site === null ? withoutSite : withSite;
    if (group.length < most) group.push(offer);
    if (withSite.length === most) break;
  }
  return [...withSite, ...withoutSite].slice(0, most);
};

export const weighOffers = (demand: Demand, index: OfferIndex, nowMs: number): Weighing => {
  const kinds = new Set(demand.accelerators.map(({ kind }) => kind));
  const weighed: Weighed[] = [];
  for (const choice of demand.accelerators) {
    const accelerators = demand.ranks * choice.perRank;
    for (const place of index.placesOf(choice.kind)) {
      const offer = index.offers[place];
      if (offer === undefined) continue;
      const expected = expectedFinish(demand, choice, offer, index.egressUsdPerGigabyte);
      const match = { demand, choice, offer, accelerators, expected, nowMs };
      weighed.push({ ...match, place, lasting: lastingRefusalOf(match) });
    }
  }
  const own = [...kinds].map((kind) => index.countOf(kind));
  const all = index.countOf(null);
  return {
    demand,
    nowMs,
    offers: index.offers.length,
    weighed,
    strangers: {
      withSite: own.reduce((rest, { withSite }) => rest - withSite, all.withSite),
      withoutSite: own.reduce((rest, { withoutSite }) => rest - withoutSite, all.withoutSite),
    },
    firstStrangers: firstStrangersOf(index, kinds, placementLimits.candidates - weighed.length),
  };
};
