/**
 * Why an attempt failed, decided where the answer was read:
 * - `client`: the request itself is wrong; it goes back to the caller.
 * - `capability`: this target cannot do it (unsupported parameter, context length); corrected once, or another target.
 * - `operator`: our own credentials, permissions, credit or deployment; the credential is out until it changes.
 * - `quota`: the quota domain (account, region, model family) is exhausted for now.
 * - `transient`: network, 5xx, time-out before the answer.
 * - `protocol`: undecodable, or ended without its terminal event.
 * - `content_policy`: refused by the vendor's policy; moved on only if the policy says so.
 */
export type FailureClass = 'client' | 'capability' | 'operator' | 'quota' | 'transient' | 'protocol' | 'content_policy';

/** A failure as classified by a wire (or by the transport, for failures without an answer). */
export interface Failure {
  readonly class: FailureClass;
  /** A short stable word of ours for the cause: "connect_refused", "invalid_api_key", "no_terminal_event". */
  readonly cause: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** The vendor's own words, at most 500 characters, for the operator; never a secret. */
  readonly message?: string;
  /** What the vendor asked us to wait, in milliseconds, >= 0. */
  readonly retryAfterMs?: number;
  /** False when the vendor said not to retry this on the same target (`x-should-retry: false`). */
  readonly retrySameTarget?: boolean;
  /** The request parameter that a `capability` failure is about. */
  readonly parameter?: string;
}

/** How an attempt ended. `cancelled`: the client went away. `unknown`: the process died in between. */
export type AttemptOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'unknown' };
