import type { Candidate, Pacing } from '../router/index.ts';
import type { FinalRecord, TargetRef } from '../vocabulary/index.ts';

/** What a call is expected to use, and where. */
export type ExpectedCall = Pick<Candidate, 'target' | 'expectedUsd' | 'inputTokens' | 'cachedTokens' | 'outputTokens'>;

/** What contracts and caps make of costs while requests run, and what requests make of contracts. */
export interface Paces {
  /** What a choice goes by now; null where there are neither contracts nor caps. */
  readonly pacing: Pacing | null;
  /** Index there of a target of the snapshot in force; -1 where nothing is about it. */
  indexOf(target: TargetRef): number;
  /**
   * A call goes out: what it is expected to use is taken from its floor at once, so that others who choose meanwhile see it.
   * @param atMs Unix milliseconds
   * @returns what `settled` takes.
   */
  started(call: ExpectedCall, atMs: number): ExpectedUse | null;
  /** Counts what became of it, by the same record that the ledger will hold. */
  settled(record: FinalRecord, expected: ExpectedUse | null): void;
}

/** What of a floor was taken for a call before its end was known. */
export interface ExpectedUse {
  /** Of the call, more than 0 and at most 1. */
  readonly share: number;
  /** Gives it back, as long as its interval runs. */
  giveBack(): void;
}
