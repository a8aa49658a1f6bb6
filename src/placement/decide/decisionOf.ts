import { placementLimits } from '../limits.ts';
import { byCost } from './byCost.ts';
import { hoursWords, usdWords } from './figureWords.ts';
import type { Demand } from './Demand.ts';
import type { Offer } from './Offer.ts';
import type { OfferRefusal, PlacementCandidate, PlacementDecision } from './PlacementDecision.ts';
import { differenceWords, reasonOf, strangerWords } from './reasonOf.ts';
import { refusalOf, type Room } from './Room.ts';
import type { Weighed, Weighing } from './weighOffers.ts';

/** How near a refused offer came: what waiting may change is nearest, what no site stands for is farthest. */
const nearness: Readonly<Record<OfferRefusal, number>> = {
  no_room: 1,
  site_closed: 2,
  cap: 3,
  slot_ends: 4,
  max_cost: 5,
  deadline: 6,
  not_interruptible: 7,
  unpriced: 8,
  state_is_elsewhere: 9,
  not_chosen_by_owner: 10,
  residency: 11,
  not_one_domain: 12,
  too_small: 13,
  no_site: 14,
  other_accelerator: 15,
};

interface Judged {
  readonly weighed: Weighed;
  readonly refusal: OfferRefusal | null;
}

const rankOf = ({ refusal }: Judged): number => (refusal === null ? 0 : nearness[refusal]);
const byRank = (one: Judged, other: Judged): number =>
  rankOf(one) - rankOf(other) || byCost(one.weighed, other.weighed);

/** Puts one where it belongs among the few that are kept: the many are never sorted. */
const keepBest = (kept: Judged[], judged: Judged, most: number): void => {
  const last = kept[most - 1];
  if (last !== undefined && byRank(judged, last) >= 0) return;
  kept.splice(kept.findLastIndex((one) => byRank(one, judged) <= 0) + 1, 0, judged);
  if (kept.length > most) kept.pop();
};

const offerFields = (offer: Offer): Omit<PlacementCandidate, 'accelerators' | 'expected' | 'refusal' | 'reason'> => ({
  site: offer.site,
  vendor: offer.vendor,
  region: offer.region,
  accelerator: offer.accelerator,
  basis: offer.basis,
  contract: offer.contract,
  source: offer.source,
});

const candidateOf = ({ weighed, refusal }: Judged, reason: string): PlacementCandidate => ({
  ...offerFields(weighed.offer),
  accelerators: weighed.accelerators,
  expected: weighed.expected !== null && Number.isFinite(weighed.expected.hours) ? weighed.expected : null,
  refusal,
  reason,
});

/** An offer of an accelerator that the job cannot use. */
const strangerOf = (offer: Offer, demand: Demand): PlacementCandidate => ({
  ...offerFields(offer),
  accelerators: 0,
  expected: null,
  refusal: offer.site === null ? 'no_site' : 'other_accelerator',
  reason: strangerWords(offer, demand),
});

const chosenWords = ({ expected }: Weighed, others: number): string => {
  const figures = `${usdWords(expected?.usd ?? 0)} in ${hoursWords(expected?.hours ?? 0)}`;
  return others === 0 ? `the only one that can be taken: ${figures}` : `${figures}; ${others} more could be taken`;
};

const loserWords = ({ weighed, refusal }: Judged, chosen: Weighed | null, room: Room): string =>
  refusal === null
    ? differenceWords(weighed.expected?.usd ?? 0, chosen?.expected?.usd ?? 0)
    : reasonOf(weighed, refusal, room);

const refusedWith = (
  counts: Partial<Record<OfferRefusal, number>>,
  { withSite, withoutSite }: Weighing['strangers'],
): PlacementDecision['refused'] => ({
  ...counts,
  ...(withoutSite > 0 ? { no_site: (counts.no_site ?? 0) + withoutSite } : {}),
  ...(withSite > 0 ? { other_accelerator: (counts.other_accelerator ?? 0) + withSite } : {}),
});

/**
 * What is told of a choice among offers that were weighed.
 * @param take Which one is taken: `undefined` for the cheapest that can be, `null` for none.
 */
export const decisionOf = (weighing: Weighing, room: Room, take?: Weighed | null): PlacementDecision => {
  const kept: Judged[] = [];
  const counts: Partial<Record<OfferRefusal, number>> = {};
  let takers = 0;
  for (const weighed of weighing.weighed) {
    if (take && weighed.place === take.place && weighed.choice === take.choice) continue;
    const refusal = refusalOf(weighed, room);
    if (refusal === null) takers += 1;
    else counts[refusal] = (counts[refusal] ?? 0) + 1;
    keepBest(kept, { weighed, refusal }, placementLimits.candidates + 1);
  }
  if (take === undefined && takers > 0) takers -= 1;
  const chosen = take === undefined && kept[0]?.refusal === null ? (kept.shift()?.weighed ?? null) : (take ?? null);
  const others = [
    ...kept.map((judged) => candidateOf(judged, loserWords(judged, chosen, room))),
    ...weighing.firstStrangers.map((offer) => strangerOf(offer, weighing.demand)),
  ];
  return {
    decidedAtMs: weighing.nowMs,
    chosen: chosen && candidateOf({ weighed: chosen, refusal: null }, chosenWords(chosen, takers)),
    others: others.slice(0, placementLimits.candidates),
    weighed: weighing.offers,
    refused: refusedWith(counts, weighing.strangers),
  };
};
