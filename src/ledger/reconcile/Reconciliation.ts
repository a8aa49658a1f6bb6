/** Millionths of a millionth of a dollar: bills are written finer than a nano-dollar, and are to add up all the same. */
export type PicoUsd = bigint;

/** One line of a bill that is for the use of a model. */
export interface BillLine {
  /** As the bill calls it. */
  readonly model: string;
  /** Day of UTC, "2026-02-03". */
  readonly day: string;
  /** Null where only tokens are told. */
  readonly cost: PicoUsd | null;
  /** Null where only money is told; `uncounted` where there are tokens in it, and nobody says how many. */
  readonly tokens: BilledTokens | 'uncounted' | null;
}

export interface BilledTokens {
  /** `either` where a bill does not tell what went in from what came out. */
  readonly side: 'input' | 'output' | 'either';
  /** Millionths of a token: bills count in thousands and millions. */
  readonly millionths: bigint;
}

/** What the ledger has of one target on one day. */
export interface BookedDay {
  /** Model as its provider calls it. */
  readonly model: string;
  readonly provider: string;
  readonly day: string;
  readonly attempts: number;
  /** How many of them their vendor did not report: their true cost lies within bounds. */
  readonly unreported: number;
  readonly amountNanoUsd: bigint;
  readonly lowNanoUsd: bigint;
  readonly highNanoUsd: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
}

/** How far a bill may be from the ledger: by so much, or by a share of itself, whichever is more. */
export interface Tolerance {
  readonly nanoUsd: bigint;
  /** Millionths. */
  readonly sharePpm: bigint;
}

/** The two sides of a count of tokens; null where the bill does not tell it. */
export interface ComparedTokens {
  readonly billed: bigint | null;
  readonly booked: bigint;
}

/**
 * - `equal`: to the last digit, or within the bounds of what was not reported;
 * - `tolerated`: apart by no more than is allowed;
 * - `differs`: by more;
 * - `onlyOnBill`, `onlyInLedger`: the other side has nothing of it, and the tolerance does not cover that.
 */
export type Verdict = 'equal' | 'tolerated' | 'differs' | 'onlyOnBill' | 'onlyInLedger';

/** A model on a day, on the bill and in the ledger. */
export interface ComparedDay {
  readonly day: string;
  /** The target's name where the ledger knows it, else that of the bill. */
  readonly model: string;
  /** Names that the bill has for it, and "provider/model" of targets, in order. */
  readonly billedAs: readonly string[];
  readonly targets: readonly string[];
  readonly attempts: number;
  readonly unreported: number;
  /** What is billed, rounded half to even once; null where the bill tells no money of it. */
  readonly billedNanoUsd: bigint | null;
  readonly bookedNanoUsd: bigint;
  readonly lowNanoUsd: bigint;
  readonly highNanoUsd: bigint;
  /** How far the bill is beyond the bounds: above 0 where it is more than the ledger allows, 0 within; null where it tells no money. */
  readonly differenceNanoUsd: bigint | null;
  readonly input: ComparedTokens;
  readonly output: ComparedTokens;
  readonly verdict: Verdict;
  /** Whether the bill has rows of the model that were left out, on whichever day. */
  readonly isCut: boolean;
}

export interface Reconciliation {
  /** By day and model. */
  readonly days: readonly ComparedDay[];
  /** Sums of the days. */
  readonly billedNanoUsd: bigint;
  readonly bookedNanoUsd: bigint;
  readonly lowNanoUsd: bigint;
  readonly highNanoUsd: bigint;
  /** Sum of the differences: what is billed beyond the bounds of each day, less what is missing on the bill. */
  readonly differenceNanoUsd: bigint;
  /** How many days are apart by more than is allowed. */
  readonly apart: number;
}
