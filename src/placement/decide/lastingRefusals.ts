import type { AcceleratorChoice } from '../job/JobSpec.ts';
import type { Demand } from './Demand.ts';
import type { Offer } from './Offer.ts';
import type { ExpectedFinish, OfferRefusal } from './PlacementDecision.ts';

const msPerHour = 3_600_000;

/** One offer with one of the accelerators that a job can use, when it is asked whether the two can ever come together. */
export interface Match {
  readonly demand: Demand;
  readonly choice: AcceleratorChoice;
  readonly offer: Offer;
  readonly accelerators: number;
  /** Null for an offer without a price. */
  readonly expected: ExpectedFinish | null;
  readonly nowMs: number;
}

const endMs = ({ nowMs, expected }: Match): number => nowMs + (expected?.hours ?? 0) * msPerHour;
const isEndless = ({ expected }: Match): boolean => expected !== null && !Number.isFinite(expected.hours);

/** Work that never ends breaks the limit that its owner wrote; where none is written, it is the deadline that everything has. */
const endlessBreaksCost = ({ demand }: Match): boolean => demand.deadlineMs === null && demand.leftUsd !== null;

/** What no waiting changes, in the order in which it is said: each with whether it stands in the way. */
export const lastingRefusals: readonly (readonly [OfferRefusal, (match: Match) => boolean])[] = [
  ['no_site', ({ offer }) => offer.site === null],
  ['other_accelerator', ({ offer, choice }) => offer.accelerator !== choice.kind],
  ['too_small', ({ offer, accelerators }) => accelerators > offer.count],
  ['not_one_domain', ({ demand, offer, accelerators }) => demand.oneDomain && !(accelerators <= (offer.domain ?? 0))],
  [
    'residency',
    ({ demand: { jurisdictions }, offer: { jurisdiction } }) =>
      jurisdictions !== null && (jurisdiction === null || !jurisdictions.includes(jurisdiction)),
  ],
  [
    'not_chosen_by_owner',
    ({ demand: { sites }, offer: { site } }) => sites !== null && (site === null || !sites.includes(site)),
  ],
  ['state_is_elsewhere', ({ demand, offer }) => demand.boundTo !== null && demand.boundTo !== offer.site],
  ['unpriced', ({ expected }) => expected === null],
  ['not_interruptible', ({ demand, offer }) => offer.basis === 'spot' && !demand.interruptible],
  [
    'deadline',
    (match) =>
      (isEndless(match) && !endlessBreaksCost(match)) ||
      (match.demand.deadlineMs !== null && endMs(match) > match.demand.deadlineMs),
  ],
  ['max_cost', ({ demand: { leftUsd }, expected }) => leftUsd !== null && expected !== null && expected.usd > leftUsd],
  ['slot_ends', (match) => match.offer.untilMs !== null && endMs(match) > match.offer.untilMs],
];

export const lastingRefusalOf = (match: Match): OfferRefusal | null =>
  lastingRefusals.find(([, stands]) => stands(match))?.[0] ?? null;
