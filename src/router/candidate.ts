import type { TargetRef } from '../vocabulary/index.ts';
import type { ClosedAdmission } from './admission.ts';

/** One target that a request could go to, with what the choice needs to know of it. Built per request from the snapshot. */
export interface Candidate {
  readonly target: TargetRef;
  /** Id of the credential in use, such as "aurora/main"; credentials are benched apart. */
  readonly credential: string;
  /** Account + region + model family: what the vendor counts its limits by. */
  readonly quotaDomain: string;
  readonly vendor: string;
  /** Host -> share of this provider's cost that runs there, 0 to 1; a host whose share is unknown counts whole. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  /** Tokens that are estimated to go in with this request. */
  readonly inputTokens: number;
  /** Of them, those that are expected to be read from the target's prompt cache. */
  readonly cachedTokens: number;
  /** Tokens that are expected to come out. */
  readonly outputTokens: number;
  /** Expected cost of this request at the contract price, in US dollars; a Float64 for comparison only. */
  readonly expectedUsd: number;
  /** Why it can never serve this request ("context 8k < 12k tokens", "unpriced"), or null. */
  readonly refusal: string | null;
  /** Why it may not be asked now although nothing is wrong with it: a limit of ours is used up. Null where none is. */
  readonly rest: ClosedAdmission | null;
  /** Its index in the pacer of the question; -1 where no contract and no cap is about it. */
  readonly paced: number;
  /** What the next turn of its conversation would cost there, in US dollars, once this one has gone there and if it has not; null where that is not known. */
  readonly next: { readonly warmUsd: number; readonly fullUsd: number } | null;
  /** Milliseconds until its answer is expected to be there; null where nothing is known of it. */
  readonly expectedMs: number | null;
  /** Its place by weights and canaries (`drawPlaces`): the smallest goes first, and the score decides between equals. Null where nothing was drawn. */
  readonly weight: number | null;
  /** How many times slower than usual it is, where that is so much that others go first; else null. */
  readonly slowness: number | null;
}

/**
 * Name of a candidate where one target is reached with several credentials: "provider/model#credential".
 * A `tried` set takes either this or the bare `targetName`.
 */
export const candidateName = (candidate: Pick<Candidate, 'target' | 'credential'>): string =>
  `${candidate.target.provider}/${candidate.target.model}#${candidate.credential}`;
