import type { CapacityBasis } from './Offer.ts';

/** Why an offer cannot be taken. The first five never change by waiting. */
export type OfferRefusal =
  | 'no_site'
  | 'other_accelerator'
  | 'too_small'
  | 'not_one_domain'
  | 'residency'
  | 'not_chosen_by_owner'
  | 'state_is_elsewhere'
  | 'unpriced'
  | 'not_interruptible'
  | 'deadline'
  | 'max_cost'
  | 'slot_ends'
  | 'cap'
  | 'site_closed'
  | 'no_room';

/** What finishing the job on an offer is expected to cost. Float64, for comparison only. */
export interface ExpectedFinish {
  /** All of it. US dollars. */
  readonly usd: number;
  /** From now until it has ended. Hours. */
  readonly hours: number;
  /** Expected losses of its capacity on the way. */
  readonly interruptions: number;
  /** Parts of `usd`: undisturbed work; work done twice and restarts; moving data and checkpoint; waiting for them on paid capacity. */
  readonly computeUsd: number;
  readonly restartUsd: number;
  readonly egressUsd: number;
  readonly restoreUsd: number;
}

/** One offer, and one of the accelerators that the job can use, as the decision weighed it. */
export interface PlacementCandidate {
  readonly site: string | null;
  readonly vendor: string;
  readonly region: string | null;
  readonly accelerator: string;
  readonly basis: CapacityBasis;
  readonly contract: string | null;
  /** Accelerators that the job would take. */
  readonly accelerators: number;
  /** Null where it cannot be told (unpriced, another accelerator). */
  readonly expected: ExpectedFinish | null;
  /** Why it cannot be taken; null where it can. */
  readonly refusal: OfferRefusal | null;
  /** The same in words, with figures: "needs 16, has 8". For one that lost on cost: by how much. */
  readonly reason: string;
  readonly source: string;
}

/** Where a job goes, and why not elsewhere. */
export interface PlacementDecision {
  readonly decidedAtMs: number;
  /** Null where nothing can be taken now. */
  readonly chosen: PlacementCandidate | null;
  /** The best of the others, those that could be taken first, then by cost; at most `placementLimits.candidates`. */
  readonly others: readonly PlacementCandidate[];
  /** Offers that were weighed. */
  readonly weighed: number;
  /** How many were refused, by reason. */
  readonly refused: Readonly<Partial<Record<OfferRefusal, number>>>;
}
