import type { NanoUsd } from '../../kernel/index.ts';
import type { Candidate, ClosedAdmission, RetryBudget } from '../../router/index.ts';
import type { Failure, RequestRecord } from '../../vocabulary/index.ts';

/** What an attempt fails with that met a drill. Health learns nothing of it. */
export const drillCause = 'drill';

/** A drill as one request meets it. */
export interface MetDrill {
  readonly id: string;
  /** Of the requests that meet it: what it makes fail takes no retries from others. */
  readonly retryBudget: RetryBudget;
  /** Why a target may not be asked now, since the drill has found it to be out; null where it may. @param nowMs monotonic. */
  restOf(candidate: Candidate, nowMs: number): ClosedAdmission | null;
  /** What the chosen target fails with before anything is sent; null where it is not out. @param nowMs monotonic. */
  fault(candidate: Candidate, nowMs: number): Failure | null;
  /** The request is over. @param amount what its attempts cost. */
  ended(request: RequestRecord, amount: NanoUsd): void;
}

/** Where live drills come in: targets that fail for some requests although they are well. */
export interface FaultPort {
  /** The drill that a request meets, or null. Asked once a request. */
  drillOf(request: Pick<RequestRecord, 'requestId' | 'team' | 'key'>): MetDrill | null;
}

/** No drill is ever under way. */
export const noFaults: FaultPort = { drillOf: () => null };
