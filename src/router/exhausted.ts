import type { Failure, FailureClass } from '../vocabulary/index.ts';
import type { Admission } from './admission.ts';
import type { Candidate } from './candidate.ts';
import type { Health } from './Health.ts';

/** What the client is told, and when trying again makes sense. */
export interface Exhaustion {
  readonly code: 'rate_limited' | 'all_targets_failed' | 'upstream_credentials' | 'no_eligible_target';
  /** Milliseconds; 0 where no waiting helps and no Retry-After is sent. Round up to whole seconds for the header. */
  readonly retryAfterMs: number;
}

export interface Remaining {
  readonly candidates: readonly Candidate[];
  readonly health: Health;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** Where a target failed but is not out, and its vendor said nothing: one second is what a first time out lasts. */
const unstatedRetryAfterMs = 1_000;

/**
 * How a request ends for which nobody is left.
 * @param failures of its attempts, in order; empty where not even one could be made.
 */
export const exhausted = (failures: readonly Failure[], remaining: Remaining): Exhaustion => ({
  code: failures.length === 0 ? codeUntried(remaining) : codeTried(failures, remaining),
  retryAfterMs: exhaustedRetryAfterMs(failures, remaining),
});

/**
 * The smallest wait that a vendor stated to this request; where none did, the time until the first target that is out comes back.
 */
export const exhaustedRetryAfterMs = (failures: readonly Failure[], remaining: Remaining): number => {
  let statedMs = Infinity;
  for (const { retryAfterMs } of failures) if (retryAfterMs !== undefined) statedMs = Math.min(statedMs, retryAfterMs);
  if (statedMs < Infinity) return statedMs;
  let untilMs = Infinity;
  for (const admission of admissions(remaining)) if (!admission.open) untilMs = Math.min(untilMs, admission.untilMs);
  if (untilMs < Infinity) return untilMs - remaining.nowMs;
  return failures.length === 0 ? 0 : unstatedRetryAfterMs;
};

const codeTried = (failures: readonly Failure[], remaining: Remaining): Exhaustion['code'] => {
  if (allOf(failures, 'quota')) return 'rate_limited';
  const onlyPeopleHelp = allOf(failures, 'operator') && admissions(remaining).every(needsOperator);
  return onlyPeopleHelp ? 'upstream_credentials' : 'all_targets_failed';
};

const needsOperator = (admission: Admission): boolean => !admission.open && admission.needsOperator;

const codeUntried = (remaining: Remaining): Exhaustion['code'] => {
  const closed = admissions(remaining);
  if (closed.length > 0 && closed.every(coolsDown)) return 'rate_limited';
  return closed.length > 0 && closed.every(needsOperator) ? 'upstream_credentials' : 'no_eligible_target';
};

const admissions = ({ candidates, health, nowMs }: Remaining): readonly Admission[] =>
  candidates.filter(({ refusal }) => refusal === null).map((candidate) => health.admit(candidate, nowMs));

const allOf = (failures: readonly Failure[], failureClass: FailureClass): boolean =>
  failures.every((failure) => failure.class === failureClass);

const coolsDown = (admission: Admission): boolean => !admission.open && admission.scope === 'quota';
