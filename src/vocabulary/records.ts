// What the spool holds and the ledger keeps. All are plain JSON: money as decimal strings in nano-USD, times in Unix milliseconds.

import type { Decision } from './decision.ts';
import type { AttemptOutcome } from './outcome.ts';
import type { ServiceTier } from './serviceTier.ts';
import type { AttemptOperation, Operation } from './target.ts';
import type { Usage, UsageBasis, UsageBucket } from './usage.ts';

/**
 * Who pays, where it went and under which names it is grouped. The same in an intent and its final. A job stands here as a request does: its id as the
 * request, its name as the model, its site as the provider, its kind of accelerator as the vendor's name of the model, and `jobs` as the wire.
 */
export interface AttemptIdentity {
  /** UUIDv7 made before the call; of a piece of a job's capacity, made from what it stands for. Its UTC month is the ledger's partition. */
  readonly attemptId: string;
  readonly requestId: string;
  /** 1, 2, 3 within the request. */
  readonly attempt: number;
  readonly organisation: string;
  readonly team: string;
  /** Name of the key, never the key. */
  readonly key: string;
  /** Logical model that the client asked for. */
  readonly model: string;
  readonly provider: string;
  /** The vendor's own name of the model. */
  readonly targetModel: string;
  readonly vendor: string;
  /** Host name -> share of this provider's spend that runs there (sums to 1; unknown shares count whole). */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  readonly region: string | null;
  readonly wire: string;
  readonly operation: AttemptOperation;
  readonly stream: boolean;
  /** Id of the contract that this attempt draws down, if any. */
  readonly contract: string | null;
  /** Budgets that it draws on, hard and soft, in the windows in which its hold was made; absent where there are none. */
  readonly budgets?: readonly BudgetBucket[];
}

/** A budget's scope, such as "key:demo", and the start of one of its windows in Unix milliseconds. */
export type BudgetBucket = readonly [scope: string, fromMs: number];

/** Written before the call: whatever happens next, this attempt is known and its cost is bounded. */
export interface IntentRecord extends AttemptIdentity {
  readonly type: 'intent';
  readonly startedAtMs: number;
  /** Worst-case cost held for it. Nano-USD. */
  readonly holdNanoUsd: string;
}

/** One line of a price: units x price / 10^6, exact, rounded half to even once. */
export interface PriceLine {
  readonly bucket: UsageBucket;
  readonly units: number;
  /** List price in nano-USD per million units. */
  readonly priceNanoUsdPerMillion: string;
  /** Exact decimal fraction taken off by the contract, "0" where none. */
  readonly discount: string;
  /** What the line costs after the discount. Nano-USD. */
  readonly amountNanoUsd: string;
  /** Where the price comes from: "file", "models.dev 2026-07-02", "sandbox". */
  readonly source: string;
}

/**
 * Written before the answer's last byte. Exactly one per attempt. A piece of a job's capacity is one as well, once its end is certain; no intent goes
 * before it, and told again after a crash it is the same record under the same id.
 */
export interface FinalRecord extends AttemptIdentity {
  readonly type: 'final';
  readonly startedAtMs: number;
  /** Milliseconds from start to the first content event; null where there was none. */
  readonly firstContentMs: number | null;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  readonly usage: Usage;
  readonly basis: UsageBasis;
  readonly lines: readonly PriceLine[];
  /** Sum of the lines. Nano-USD. */
  readonly amountNanoUsd: string;
  /** What it would have cost at list prices. Nano-USD. */
  readonly listNanoUsd: string;
  /** Bounds of the true cost; both equal the amount where it was reported. Nano-USD. */
  readonly rangeNanoUsd: readonly [string, string];
  /** Named edits made to the client's bytes: "model", "stream_options.include_usage", "max_tokens->max_completion_tokens". */
  readonly edits: readonly string[];
  /** Service tier in which the vendor says that it was served; absent or null where it does not. */
  readonly servedTier?: ServiceTier | null;
}

/** Written when a request ends: what the client got, and each decision on the way. */
export interface RequestRecord {
  readonly type: 'request';
  readonly requestId: string;
  readonly organisation: string;
  readonly team: string;
  readonly key: string;
  readonly model: string;
  readonly wire: string;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** HTTP status sent to the client; 499 when it went away first. */
  readonly status: number;
  /** Error code of ours, where one was sent. */
  readonly errorCode: string | null;
  readonly decisions: readonly Decision[];
  readonly attemptIds: readonly string[];
  /** Features that it needed of a target, by their names; absent where it was not read so far, and in records of before. */
  readonly needs?: readonly string[];
}

export type SpoolRecord = IntentRecord | FinalRecord | RequestRecord;
