import type { AcceleratorChoice } from '../job/JobSpec.ts';
import type { Demand } from './Demand.ts';
import { hardshipOf, type DemandChange } from './DemandChange.ts';
import { expectedFinish, gangInterruptionsPerHour } from './expectedFinish.ts';
import type { Offer } from './Offer.ts';
import type { ExpectedFinish } from './PlacementDecision.ts';

const msPerHour = 3_600_000;
const msPerMinute = 60_000;

/** All that stands between a job and an offer. */
export interface NeededChanges {
  readonly offer: Offer;
  readonly changes: readonly DemandChange[];
  readonly hardship: number;
  /** The job as it would have to be, with the one choice that this offer has; what the file and contracts must change is not in it. */
  readonly demand: Demand;
  readonly expected: ExpectedFinish;
}

/** The job while it is being changed. */
interface Draft {
  demand: Demand;
  choice: AcceleratorChoice;
  readonly changes: DemandChange[];
}

/** The most of a gang that fits: fewer accelerators for each rank or fewer ranks, whichever keeps more of them. */
const fewerFor = (ranks: number, perRank: number, most: number): { ranks: number; perRank: number } => {
  const thinner = Math.floor(most / ranks);
  const shorter = Math.floor(most / perRank);
  return ranks * thinner >= shorter * perRank ? { ranks, perRank: thinner } : { ranks: shorter, perRank };
};

const changeKind = (draft: Draft, offer: Offer, meant: boolean): void => {
  if (draft.choice.kind === offer.accelerator) return;
  draft.changes.push({ kind: 'accelerator', to: offer.accelerator, meant });
  draft.choice = { ...draft.choice, kind: offer.accelerator };
};

const changeSize = (draft: Draft, offer: Offer): void => {
  const wanted = draft.demand.ranks * draft.choice.perRank;
  const inDomain = offer.domain ?? 0;
  if (draft.demand.oneDomain && wanted > inDomain && (inDomain === 0 || wanted <= offer.count)) {
    draft.changes.push({ kind: 'any_fabric' });
    draft.demand = { ...draft.demand, oneDomain: false };
  }
  const most = draft.demand.oneDomain ? Math.min(offer.count, inDomain) : offer.count;
  if (wanted <= most) return;
  const fewer = fewerFor(draft.demand.ranks, draft.choice.perRank, most);
  draft.changes.push({ kind: 'fewer', ...fewer });
  draft.demand = { ...draft.demand, ranks: fewer.ranks };
  draft.choice = { ...draft.choice, perRank: fewer.perRank };
};

const changePlace = (draft: Draft, { site, jurisdiction }: Offer): void => {
  const { jurisdictions, sites, boundTo } = draft.demand;
  if (jurisdictions !== null && jurisdiction === null) draft.changes.push({ kind: 'unknown_law' });
  if (jurisdictions !== null && jurisdiction !== null && !jurisdictions.includes(jurisdiction)) {
    draft.changes.push({ kind: 'residency', add: jurisdiction });
    draft.demand = { ...draft.demand, jurisdictions: [...jurisdictions, jurisdiction] };
  }
  if (site === null) draft.changes.push({ kind: 'no_site' });
  else if (sites !== null && !sites.includes(site)) {
    draft.changes.push({ kind: 'site', add: site });
    draft.demand = { ...draft.demand, sites: [...sites, site] };
  }
  if (boundTo !== null && boundTo !== site) {
    draft.changes.push({ kind: 'state' });
    draft.demand = { ...draft.demand, boundTo: null };
  }
};

/** A checkpoint each time that a loss is expected: then it ends. */
const changeCheckpoint = (draft: Draft, offer: Offer): void => {
  const hours = 1 / gangInterruptionsPerHour(offer, draft.demand.ranks * draft.choice.perRank);
  draft.changes.push({ kind: 'checkpoint', hours });
  draft.demand = { ...draft.demand, checkpointHours: hours };
};

const changeBounds = (draft: Draft, offer: Offer, { hours, usd }: ExpectedFinish, nowMs: number): void => {
  const { deadlineMs, leftUsd } = draft.demand;
  const endMs = nowMs + hours * msPerHour;
  if (deadlineMs !== null && endMs > deadlineMs) {
    const atMs = Math.ceil(endMs / msPerMinute) * msPerMinute;
    draft.changes.push({ kind: 'deadline', hours, atMs });
    draft.demand = { ...draft.demand, deadlineMs: atMs };
  }
  if (leftUsd !== null && usd > leftUsd) {
    const moreUsd = Math.ceil((usd - leftUsd) * 100) / 100;
    draft.changes.push({ kind: 'max_cost', usd, moreUsd });
    draft.demand = { ...draft.demand, leftUsd: Math.max(usd, leftUsd + moreUsd) };
  }
  if (offer.untilMs !== null && endMs > offer.untilMs) draft.changes.push({ kind: 'slot', hours, atMs: endMs });
};

/**
 * What would have to be different for an offer to take a job, were all of the offer free.
 * @param meant Whether the job's accelerator is the offer's, misspelt.
 * @returns null where no change is enough.
 */
export const changesFor = (
  asked: Demand,
  choice: AcceleratorChoice,
  offer: Offer,
  meant: boolean,
  egressUsdPerGigabyteOf: (site: string) => number,
  nowMs: number,
): NeededChanges | null => {
  if (offer.count < 1) return null;
  const draft: Draft = { demand: asked, choice, changes: [] };
  changeKind(draft, offer, meant);
  changeSize(draft, offer);
  changePlace(draft, offer);
  if (offer.hourUsd === null && offer.basis !== 'slot') draft.changes.push({ kind: 'price' });
  if (offer.basis === 'spot' && !asked.interruptible) {
    draft.changes.push({ kind: 'interruptible' });
    draft.demand = { ...draft.demand, interruptible: true };
  }
  const priced = { ...offer, hourUsd: offer.hourUsd ?? 0 };
  const finish = (): ExpectedFinish | null =>
    expectedFinish(draft.demand, draft.choice, priced, egressUsdPerGigabyteOf);
  if (finish()?.hours === Infinity && offer.interruptionsPerHour > 0) changeCheckpoint(draft, offer);
  const expected = finish();
  if (expected === null || expected.hours === Infinity) return null;
  changeBounds(draft, offer, expected, nowMs);
  return {
    offer,
    changes: draft.changes,
    hardship: draft.changes.reduce((sum, change) => sum + hardshipOf(change), 0),
    demand: { ...draft.demand, accelerators: [draft.choice] },
    expected,
  };
};
