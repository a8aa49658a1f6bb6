import type { Pin } from '../router/index.ts';
import type { FeatureSet, Operation, Usage } from '../vocabulary/index.ts';

/** A request that was served, as the ledger tells of it. */
export interface PastRequest {
  readonly requestId: string;
  readonly organisation: string;
  readonly team: string;
  readonly key: string;
  /** Logical model. */
  readonly model: string;
  /** The client's. */
  readonly wire: string;
  readonly operation: Operation;
  readonly stream: boolean;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  /** What it needed of a target; null where that was not recorded yet. */
  readonly needs: FeatureSet | null;
  /** Where it asked to go, and tags that it demanded, by the rules of that decision. Null where it left the choice to us. */
  readonly pin: Pin | null;
  readonly tags: readonly string[];
  /** Targets, "provider/model", that could not serve it for what it was, by the decision of its first attempt. */
  readonly refusedBy: readonly string[];
  /** Where it was served, "provider/model". */
  readonly target: string;
  readonly usage: Usage;
  /** What that cost. Nano-USD. */
  readonly amountNanoUsd: bigint;
  /** Milliseconds to the first content, and to the end; the first is null where none was seen. */
  readonly firstContentMs: number | null;
  readonly durationMs: number;
}

/** What a target took on the average in the time that is replayed. Milliseconds. */
export interface TargetLatency {
  readonly firstContentMs: number | null;
  readonly durationMs: number;
}
