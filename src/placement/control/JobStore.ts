import type { Result } from '../../kernel/index.ts';
import type { Job, JobState } from '../job/Job.ts';

/** What a submission is known by, so that one that is sent again makes no second job. */
export interface SubmissionKey {
  /** What the caller chose; null for none. */
  readonly idempotencyKey: string | null;
  /** SHA-256 of what was sent, in hexadecimal. */
  readonly bodyHash: string;
}

export interface JobQuestion {
  /** Null for all. */
  readonly states: readonly JobState[] | null;
  /** How the ids begin, as they are written: lower-case hexadecimal with dashes. Absent for all. */
  readonly idPrefix?: string;
  readonly limit: number;
}

/** What a list shows of a job. It has nothing of its file, its evidence and its decisions, which can be large. */
export interface JobSummary {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  /** Kind and team stand in the job's file; null where that is none that we know. */
  readonly kind: string | null;
  readonly team: string | null;
  readonly state: JobState;
  /** Of the newest attempt; null before the first. */
  readonly site: string | null;
  readonly submittedAtMs: number;
  readonly endedAtMs: number | null;
  /** How many there were. */
  readonly attempts: number;
  /** What the ledger has of all attempts. Nano-USD. */
  readonly costNanoUsd: string;
}

/** Where jobs are kept, each as one document. @throws CodedError `database_unavailable` from each of them. */
export interface JobStore {
  /** Keeps a new job. @returns it, or the one that the same key made before; `conflict` where that one was sent with another body. */
  insert(job: Job, key: SubmissionKey): Promise<Result<Job, 'conflict'>>;
  /** Replaces the version before the job's own. @returns false where another version is there: nothing was changed. */
  update(job: Job): Promise<boolean>;
  read(id: string): Promise<Job | null>;
  /** Newest first. */
  list(question: JobQuestion): Promise<readonly JobSummary[]>;
  /** All that have not ended, oldest first. */
  open(): Promise<readonly Job[]>;
}
