import { gangInterruptionsPerHour } from './expectedFinish.ts';
import { hoursWords, usdWords } from './figureWords.ts';
import type { Demand } from './Demand.ts';
import type { Offer } from './Offer.ts';
import type { OfferRefusal } from './PlacementDecision.ts';
import { brokenCap, type Room } from './Room.ts';
import type { Weighed } from './weighOffers.ts';

const msPerHour = 3_600_000;

const endlessWords = ({ demand, offer, choice, accelerators }: Weighed): string => {
  const perHour = gangInterruptionsPerHour(offer, accelerators);
  if (perHour === 0) return 'would never end: its data never comes in';
  const segmentHours = Math.min(demand.checkpointHours ?? Infinity, demand.remaining * choice.hours);
  const tried = demand.checkpointHours === null ? 'it begins anew each time' : 'a checkpoint is written only';
  const length = `${demand.checkpointHours === null ? 'and needs' : 'each'} ${hoursWords(segmentHours)}`;
  return `would never end: it is lost each ${hoursWords(1 / perHour)}, ${tried} ${length}`;
};

const lateWords = (weighed: Weighed): string => {
  const { expected, nowMs, demand } = weighed;
  const hours = expected?.hours ?? 0;
  if (!Number.isFinite(hours)) return endlessWords(weighed);
  const leftHours = ((demand.deadlineMs ?? 0) - nowMs) / msPerHour;
  return leftHours < 0
    ? `the deadline has passed ${hoursWords(-leftHours)} ago`
    : `would end in ${hoursWords(hours)}, the deadline is in ${hoursWords(leftHours)}`;
};

const dearWords = (weighed: Weighed): string => {
  const usd = weighed.expected?.usd ?? 0;
  if (!Number.isFinite(usd)) return endlessWords(weighed);
  const left = weighed.demand.leftUsd ?? 0;
  return `costs ${usdWords(usd)}, ${usdWords(usd - left)} more than is left of the most it may cost`;
};

const slotWords = ({ expected, offer, nowMs }: Weighed): string => {
  const leftHours = ((offer.untilMs ?? 0) - nowMs) / msPerHour;
  return leftHours <= 0
    ? 'the slot has ended'
    : `would end in ${hoursWords(expected?.hours ?? 0)}, the slot ends in ${hoursWords(leftHours)}`;
};

const capWords = (weighed: Weighed, room: Room): string => {
  const broken = brokenCap(weighed, room);
  if (broken === null) return 'breaks a cap';
  const { dimension, name, spendUsd, headroomUsd } = broken;
  return headroomUsd > 0
    ? `would spend ${usdWords(spendUsd)} where the cap on ${dimension} ${name} leaves ${usdWords(headroomUsd)}`
    : `would spend ${usdWords(spendUsd)} where the cap on ${dimension} ${name} leaves nothing`;
};

const domainWords = ({ accelerators, offer }: Weighed): string =>
  offer.domain === null
    ? `needs ${accelerators} on one fast fabric, how many share one is not known`
    : `needs ${accelerators} on one fast fabric, ${offer.domain} share one`;

const listOf = (names: readonly string[]): string => names.join(', ');

/** Why an offer cannot be taken, with the figures that say so. */
export const reasonOf = (weighed: Weighed, refusal: OfferRefusal, room: Room): string => {
  const { demand, offer, accelerators } = weighed;
  switch (refusal) {
    case 'no_site':
      return 'no site of the file stands for it';
    case 'other_accelerator':
      return strangerWords(offer, demand);
    case 'too_small':
      return `needs ${accelerators}, has ${offer.count}`;
    case 'not_one_domain':
      return domainWords(weighed);
    case 'residency':
      return offer.jurisdiction === null
        ? `nobody says under which law it is, the job stays in ${listOf(demand.jurisdictions ?? [])}`
        : `is in ${offer.jurisdiction}, the job stays in ${listOf(demand.jurisdictions ?? [])}`;
    case 'not_chosen_by_owner':
      return `the job may run on ${listOf(demand.sites ?? [])} only`;
    case 'state_is_elsewhere':
      return `its state lies on the disk of ${demand.boundTo ?? 'another site'}`;
    case 'unpriced':
      return 'has no price';
    case 'not_interruptible':
      return 'may be taken away, the job may not be interrupted';
    case 'deadline':
      return lateWords(weighed);
    case 'max_cost':
      return dearWords(weighed);
    case 'slot_ends':
      return slotWords(weighed);
    case 'cap':
      return capWords(weighed, room);
    case 'site_closed':
      return room.closedSites.get(offer.site ?? '') ?? 'takes nothing now';
    case 'no_room':
      return `needs ${accelerators}, ${room.free(weighed)} of ${offer.count} are free`;
  }
};

/** Of an offer whose accelerators the job cannot use. */
export const strangerWords = (offer: Offer, demand: Demand): string =>
  `has ${offer.accelerator}, the job uses ${listOf(demand.accelerators.map(({ kind }) => kind))}`;

/** Of one that could be taken: what it costs beside the chosen one. */
export const differenceWords = (usd: number, chosenUsd: number): string => {
  const more = usd - chosenUsd;
  if (more === 0) return `costs ${usdWords(usd)} as well, and comes later by price of an hour, duration or name`;
  return `costs ${usdWords(Math.abs(more))} ${more > 0 ? 'more' : 'less'}`;
};
