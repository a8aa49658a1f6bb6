import type { Candidate } from './candidate.ts';
import type { Caps, SharesView } from './concentrationGuard.ts';
import type { Health } from './Health.ts';
import type { Pacing } from './pacing/Pacing.ts';

/** Everything that a choice goes by. */
export interface Question {
  /** In the file's order. */
  readonly candidates: readonly Candidate[];
  readonly health: Health;
  readonly caps: Caps;
  readonly shares: SharesView;
  /** What was tried in this request: names by `targetName`, or by `candidateName` where only that credential was. Left out. */
  readonly tried: ReadonlySet<string>;
  /** Names of those that may be tried once more, because the request has waited for them (`sameTargetWait`). */
  readonly again?: ReadonlySet<string>;
  /** Take, where nobody else is left, a target that is out for its recent failures. The caller pays a retry from its budget. */
  readonly lastResort?: boolean;
  /** Whether it was asked about the same request before: then floors have learnt of it. */
  readonly isKnown?: boolean;
  /** 1 for the first attempt of the request. */
  readonly attempt: number;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
  /** Unix milliseconds: what contracts go by. */
  readonly atMs: number;
  /** What contracts and caps make of costs; null where there are none. */
  readonly pacer: Pacing | null;
  /** How likely it is that the conversation goes on while a prompt cache is warm, 0 to 1. */
  readonly nextTurnShare: number;
  /** What the conversation is known by, to all replicas alike: of equals the nearest to it is taken (`rendezvous`). Absent or null: the first. */
  readonly conversation?: string | null;
  /** What a second until the answer is worth. US dollars. */
  readonly usdPerSecond: number;
}
