import type { CapacityBasis } from '../decide/Offer.ts';
import type { PlacementDecision } from '../decide/PlacementDecision.ts';

/** Where a job stands. The last three are ends. */
export type JobState =
  /** Waits for capacity. */
  | 'queued'
  /** Placed: its ranks start. */
  | 'starting'
  | 'running'
  /** A `serve` job that answers requests. */
  | 'serving'
  /** Its site does not answer. It may well be running: nothing is torn down. */
  | 'unreachable'
  /** It no longer gets requests, or was asked to end, and its ranks are ending. */
  | 'stopping'
  | 'succeeded'
  | 'failed'
  | 'cancelled';

/** How one placement of a job ended. `lost`: its capacity is gone; `preempted`: taken away with notice. */
export type JobAttemptEnd = 'succeeded' | 'failed' | 'lost' | 'preempted' | 'cancelled';

/** How one placement of a job stands. `placed`: it was decided and written down, and its executor has not yet said that it took it. */
export type JobAttemptState =
  | 'placed'
  | 'starting'
  | 'running'
  | 'serving'
  | 'unreachable'
  | 'stopping'
  | JobAttemptEnd;

/** Something that was seen, and when: the only ground on which a state changes. */
export interface JobEvidence {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** A stable word: "submitted", "rank_exited", "site_unreachable", "lease_expired". */
  readonly what: string;
  readonly detail: string;
}

/** What one accelerator-hour of an attempt is booked at. Nano-USD as decimal strings. */
export interface CapacityPrice {
  readonly hourNanoUsd: string;
  readonly listHourNanoUsd: string;
  /** Fraction that the contract takes off the list price, "0" where none. */
  readonly discount: string;
  /** "file", "slot north-slot", or name and date of an imported list. */
  readonly source: string;
}

/** Whose a site is, and what law it is under. */
export interface SitePlace {
  readonly vendor: string;
  readonly region: string | null;
  /** Host name -> share of it, 1 where nobody knows. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
}

/** One placement of a job. */
export interface JobAttempt {
  readonly number: number;
  readonly site: string;
  /** Identity of the executor that it was given to: another one of the same name knows nothing of it. */
  readonly owner: string;
  /** As it was when it was placed: it is paid for there, whatever the file says later. */
  readonly place: SitePlace;
  readonly accelerator: string;
  /** Accelerators that it holds. */
  readonly accelerators: number;
  readonly basis: CapacityBasis;
  readonly contract: string | null;
  readonly price: CapacityPrice;
  /** When its capacity ends by contract. Unix milliseconds; null for no end. */
  readonly capacityUntilMs: number | null;
  readonly state: JobAttemptState;
  /** How it will have ended once nothing of it runs any more; null while nobody wants it to end. */
  readonly ending: JobAttemptEnd | null;
  /** Whether it is closed without its executor's word, which cannot be had: what may still run there can harm nobody any more. */
  readonly fenced: boolean;
  /** Whether its site has given notice that it takes the capacity away: no new requests go there any more. */
  readonly noticed: boolean;
  /** Whether its server passed the readiness probe the last time. */
  readonly ready: boolean;
  readonly placedAtMs: number;
  /** Since when it is paid for; null before. Unix milliseconds. */
  readonly billableSinceMs: number | null;
  readonly endedAtMs: number | null;
  /** When its executor last answered for it. Unix milliseconds. */
  readonly heardAtMs: number;
  readonly step: number | null;
  /** Newest whole checkpoint and since when it is known; null for none. */
  readonly checkpoint: string | null;
  readonly checkpointAtMs: number | null;
  readonly port: number | null;
  /** Where the attempt that it resumes from wrote its checkpoint, and its name there; null for a beginning. */
  readonly resumesFrom: { readonly attempt: number; readonly checkpoint: string } | null;
  /** Work that was done and is lost: from the newest checkpoint to its end. Seconds; 0 unless it was lost. */
  readonly lostSeconds: number;
  /** What that work had cost. Nano-USD. */
  readonly lostNanoUsd: string;
  /** Until when its use is in the ledger. Unix milliseconds; null before the first piece. */
  readonly meteredUntilMs: number | null;
  /** What the ledger has of it. Nano-USD. */
  readonly costNanoUsd: string;
  /** Accelerator-seconds in the ledger. */
  readonly acceleratorSeconds: number;
  readonly evidence: readonly JobEvidence[];
  readonly decision: PlacementDecision;
}

/** A job and all that is known of it. It is kept as one document; `version` grows with each change. */
export interface Job {
  /** UUIDv7. */
  readonly id: string;
  readonly organisation: string;
  readonly version: number;
  readonly name: string;
  /** The job file as it was accepted: read again by `readJob`. */
  readonly written: unknown;
  readonly state: JobState;
  readonly submittedAtMs: number;
  readonly submittedBy: string;
  readonly endedAtMs: number | null;
  /** When it was asked to end, and why; null where nobody did. */
  readonly stop: { readonly atMs: number; readonly why: string } | null;
  /** Placements that an executor took, or may have taken; the last one is the newest. One that was refused left nothing, and is told in the evidence. */
  readonly attempts: readonly JobAttempt[];
  /** Of the job as a whole: why it waits, why it ended. */
  readonly evidence: readonly JobEvidence[];
  /** The last decision that found nothing to take; null where it was placed since. */
  readonly waitingFor: PlacementDecision | null;
}
