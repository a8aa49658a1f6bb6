import type { Failure } from '../vocabulary/index.ts';

/** A wait for the same target is worth it up to this; above it the client had better be told. */
export const sameTargetWaitMsMax = 2_000;
/** How long to wait where the vendor did not say. */
const unstatedQuotaWaitMs = 1_000;
const unstatedFaultWaitMs = 250;

/** What a request does after a failed attempt. */
export type NextStep =
  | { readonly action: 'other-target' }
  /** Wait, then ask `choose` with this target in `again`: it looks once more whether the target is out. */
  | { readonly action: 'same-target'; readonly waitMs: number }
  /** The request is over: with the vendor's own refusal where that is about the request, else as `exhausted` says. */
  | { readonly action: 'stop' };

export interface Prospects {
  /** Milliseconds left until the deadline of the request. */
  readonly deadlineMs: number;
  /** Attempts that the request may still make. */
  readonly attemptsLeft: number;
  /** Whether `choose` finds somebody else now. */
  readonly othersEligible: boolean;
}

const stop: NextStep = { action: 'stop' };
const otherTarget: NextStep = { action: 'other-target' };

/**
 * Where to go after a failure: somebody else at once where there is somebody; else the same target after a short wait; else nowhere.
 * Never inside the time that the vendor asked for.
 */
export const sameTargetWait = (failure: Failure, prospects: Prospects): NextStep => {
  if (failure.class === 'client' || prospects.attemptsLeft <= 0) return stop;
  if (prospects.othersEligible) return otherTarget;
  if (!mayMendItself(failure)) return stop;
  const waitMs = failure.retryAfterMs ?? (failure.class === 'quota' ? unstatedQuotaWaitMs : unstatedFaultWaitMs);
  return waitMs <= sameTargetWaitMsMax && waitMs < prospects.deadlineMs ? { action: 'same-target', waitMs } : stop;
};

/** Whether the same request may succeed at the same target a moment later. */
const mayMendItself = (failure: Failure): boolean => {
  if (failure.retrySameTarget === false) return false;
  return failure.class === 'quota' || failure.class === 'transient' || failure.class === 'protocol';
};
