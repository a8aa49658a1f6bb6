import type { Bench } from './Bench.ts';
import type { Comeback } from './Comeback.ts';
import type { FailureRate } from './FailureRate.ts';
import type { Slowness } from './Slowness.ts';

/** What is known of one target. */
export interface TargetScope {
  readonly name: string;
  readonly bench: Bench;
  readonly rate: FailureRate;
  readonly slowness: Slowness;
  failuresInRow: number;
  firstContentMs: number | null;
  /** Since it was out and answered again, until it is trusted as before; else null. */
  comeback: Comeback | null;
  /** What put it out last: our count of failures, a wait that the vendor asked for, or a deployment that it does not know. */
  outBy: 'failures' | 'stated' | 'refused';
}
