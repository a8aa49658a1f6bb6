import type { NeededChanges } from './changesFor.ts';
import type { Demand } from './Demand.ts';
import type { DemandChange } from './DemandChange.ts';
import { hoursWords, usdWords } from './figureWords.ts';
import type { Offer } from './Offer.ts';
import type { OfferIndex } from './OfferIndex.ts';

const msPerHour = 3_600_000;

/** What stands in the way, and what would mend it. */
interface ChangeWords {
  readonly what: string;
  readonly mend: string;
}

const placeOf = ({ site, vendor, region }: Offer): string =>
  site ?? (region === null ? `of ${vendor}` : `of ${vendor} in ${region}`);

/** To the minute: "2026-12-31T18:00Z". */
const instantWords = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`;

const listOf = (names: readonly string[]): string => [...new Set(names)].join(', ');

const acceleratorWords = (to: string, meant: boolean, demand: Demand, index: OfferIndex): ChangeWords => {
  const asked = demand.accelerators.map(({ kind }) => kind);
  const there = asked.filter((kind) => index.countOf(kind).withSite > 0);
  const listed = asked.filter((kind) => index.countOf(kind).withoutSite > 0);
  const what =
    there.length > 0
      ? `no offer of ${listOf(there)} can be made to fit with fewer changes`
      : `no site has ${listOf(asked)}${listed.length > 0 ? ', which only imported lists have' : ''}`;
  return meant
    ? { what, mend: `did you mean "${to}"?` }
    : { what, mend: `add ${to} to the accelerators, with the hours that it needs there` };
};

const fewerWords = (
  { ranks, perRank }: { ranks: number; perRank: number },
  offer: Offer,
  demand: Demand,
  { most, wanted }: { most: number; wanted: number },
): ChangeWords => {
  const there = demand.oneDomain
    ? `${Math.min(offer.count, offer.domain ?? offer.count)} x ${offer.accelerator} on one fast fabric of ${placeOf(offer)}`
    : `${offer.count} x ${offer.accelerator} on ${placeOf(offer)}`;
  return {
    what: `the most on ${offer.count >= most ? 'one site' : placeOf(offer)} is ${there}, it asks for ${wanted}`,
    mend: ranks === demand.ranks ? `ask for perRank ${perRank}` : `ask for ranks ${ranks}`,
  };
};

const wordsOf = (
  change: DemandChange,
  { offer, demand: changed }: NeededChanges,
  demand: Demand,
  index: OfferIndex,
  nowMs: number,
): ChangeWords => {
  const place = placeOf(offer);
  const named = `${offer.accelerator} ${offer.site === null ? place : `on ${place}`}`;
  switch (change.kind) {
    case 'accelerator':
      return acceleratorWords(change.to, change.meant, demand, index);
    case 'fewer': {
      const counts = index.placesOf(offer.accelerator).map((at) => index.offers[at]);
      const most = Math.max(...counts.map((one) => (one === undefined || one.site === null ? 0 : one.count)));
      const perRank = demand.accelerators.find(({ kind }) => kind === offer.accelerator)?.perRank;
      const wanted = demand.ranks * (perRank ?? demand.accelerators[0]?.perRank ?? 1);
      return fewerWords(change, offer, { ...demand, oneDomain: changed.oneDomain }, { most, wanted });
    }
    case 'any_fabric':
      return {
        what:
          offer.domain === null
            ? `how many of ${named} share one fast fabric is not known`
            : `${offer.domain} of ${named} share one fast fabric, it wants all of its accelerators on one`,
        mend: 'write oneDomain: false',
      };
    case 'residency':
      return {
        what: `${place} is in ${change.add}, it stays in ${listOf(demand.jurisdictions ?? [])}`,
        mend: `add ${change.add} to jurisdictions`,
      };
    case 'unknown_law':
      return { what: `nobody says under which law ${place} is`, mend: 'give the site its jurisdiction in the file' };
    case 'site':
      return {
        what: `it may run on ${listOf(demand.sites ?? [])} only`,
        mend: `add ${change.add} to sites`,
      };
    case 'state':
      return {
        what: `what it needs lies on the disk of ${demand.boundTo ?? 'another site'}`,
        mend: 'move that to a store: location, which every site reaches',
      };
    case 'no_site':
      return { what: `${named} is in an imported list only`, mend: 'add a site for it to the file' };
    case 'price':
      return { what: `${named} has no price`, mend: 'give it one in the file, or import offers' };
    case 'interruptible':
      return { what: `${named} may be taken away`, mend: 'write interruptible: true' };
    case 'checkpoint':
      return {
        what: `on ${named} it would be lost each ${hoursWords(change.hours)}, before a checkpoint is written`,
        mend: `write a checkpoint each ${hoursWords(change.hours)} at most`,
      };
    case 'deadline': {
      const leftHours = ((demand.deadlineMs ?? nowMs) - nowMs) / msPerHour;
      const left = leftHours < 0 ? 'has passed' : `is in ${hoursWords(leftHours)}`;
      return {
        what: `finishing takes ${hoursWords(change.hours)} on ${named}, the deadline ${left}`,
        mend: `set the deadline to ${instantWords(change.atMs)} or later`,
      };
    }
    case 'max_cost':
      return {
        what: `finishing costs ${usdWords(change.usd)} on ${named}, it may cost ${usdWords(demand.leftUsd ?? 0)}`,
        mend: `raise maxCostUsd by ${usdWords(change.moreUsd)}`,
      };
    case 'slot':
      return {
        what: `finishing takes ${hoursWords(change.hours)} on ${named}, the slot ends in ${hoursWords(Math.max(0, (offer.untilMs ?? nowMs) - nowMs) / msPerHour)}`,
        mend: `sign a slot until ${instantWords(change.atMs)} or later`,
      };
  }
};

/** What stands in the way of a job, and the changes that would let it run, as two sentences. */
export const changeWords = (
  needed: NeededChanges,
  demand: Demand,
  index: OfferIndex,
  nowMs: number,
): { readonly message: string; readonly mend: string } => {
  const words = needed.changes.map((change) => wordsOf(change, needed, demand, index, nowMs));
  return {
    message: words.map(({ what }) => what).join('; '),
    mend: words.map(({ mend }) => mend).join(', and '),
  };
};
