import type { Clock, Log, Result } from '../../kernel/index.ts';
import type { Offer } from '../decide/Offer.ts';
import type { PlacementLimits } from '../decide/Demand.ts';
import type { Executor } from '../executors/Executor.ts';
import type { CapacityPrice, Job, JobAttempt, SitePlace } from '../job/Job.ts';
import type { JobSpec } from '../job/JobSpec.ts';
import type { JobFolders } from './JobFolders.ts';
import type { JobStore } from './JobStore.ts';
import type { UsePiece } from './pieces.ts';

/** Accelerators that attempts hold now. */
export interface CapacityUse {
  readonly site: string;
  readonly accelerator: string;
  readonly basis: JobAttempt['basis'];
  readonly contract: string | null;
  readonly accelerators: number;
}

/** What the market and the file say of capacity at a moment. */
export interface CapacityMarket {
  offers(nowMs: number, inUse: readonly CapacityUse[]): readonly Offer[];
  /** What an accelerator-hour of an offer is booked at; null where nobody knows. */
  priceOf(offer: Offer, nowMs: number): CapacityPrice | null;
  headroomUsd: PlacementLimits['headroomUsd'];
  /** Null for a site that the file does not have. */
  placeOf(site: string): SitePlace | null;
}

/** What the ledger made of a piece of use. */
export interface MeteredPiece {
  readonly acceleratorSeconds: number;
  readonly amountNanoUsd: string;
}

/** How the loop times itself. Milliseconds. */
export interface ControllerTimes {
  /** How long a site may be silent before its attempts are given up. */
  readonly leaseMs: number;
  /** Length of a piece of use in the ledger. */
  readonly pieceMs: number;
  /** How long a site that refused a job is left alone. */
  readonly refusedMs: number;
  /** Between two looks for what runs and should not. */
  readonly reconcileMs: number;
  /** From a loss to work again, as decisions count on it. */
  readonly restartMs: number;
  /** After which jobs that wait are decided about again although nothing is known to have changed. */
  readonly decideAgainMs: number;
  /** Between two writes of what changes all the time: steps, and when a site was heard. */
  readonly keepMs: number;
}

/** What the loop works with; the composition root fills it. */
export interface ControllerPorts {
  readonly store: JobStore;
  /** The executor that runs a site's jobs; null where this program has none for it. */
  readonly executorOf: (site: string) => Executor | null;
  /** Sites of the file. */
  readonly sites: () => readonly string[];
  readonly market: CapacityMarket;
  readonly folders: JobFolders;
  /** Reads a job as it was written. A job that was accepted once stays readable. */
  readonly specOf: (job: Job) => JobSpec;
  /** Books a piece of use. Once it resolves, the piece outlives this process. The same piece again changes nothing. */
  readonly book: (job: Job, spec: JobSpec, attempt: JobAttempt, piece: UsePiece) => Promise<MeteredPiece>;
  /** Whether a server answers its readiness path. */
  readonly probe: (url: string) => Promise<boolean>;
  /** Told when the servers that are ready are others than before. Resolves once no new request goes to one that is no longer among them. */
  readonly servedChanged: () => Promise<void>;
  /** Whether this process has the right to run the jobs at this moment. Asked right before an act that another process could do, too. */
  readonly mayAct: () => boolean;
  readonly ids: { next(nowMs: number): string };
  readonly clock: Clock;
  readonly log: Log;
  readonly times: () => ControllerTimes;
}

/** Why a job was not accepted. */
export type SubmissionFault =
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unsatisfiable'; readonly message: string; readonly mend: string }
  | { readonly kind: 'too_many_jobs' };

export type SubmissionAnswer = Result<Job, SubmissionFault>;
