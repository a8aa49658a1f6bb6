import { Bench } from './Bench.ts';
import { BurstCapacity } from './capacity/BurstCapacity.ts';
import { ConcurrencyLimit } from './capacity/ConcurrencyLimit.ts';
import type { HealthLimits } from './healthLimits.ts';
import type { QuotaEstimate } from './QuotaEstimate.ts';
import { Silence } from './Silence.ts';
import type { TargetScope } from './TargetScope.ts';

/** What is known of one quota domain. */
export interface DomainScope {
  /** Out while it cools down. The end of that is stated, or guessed for all alike, so nobody probes it. */
  readonly bench: Bench;
  readonly concurrency: ConcurrencyLimit;
  readonly capacity: BurstCapacity;
  readonly silence: Silence;
  /** By its vendor's own words; null where it never told what is left. */
  estimate: QuotaEstimate | null;
  /** Those of its targets that failed since any of them answered last. */
  readonly failing: Set<TargetScope>;
  /** Their failures. */
  failuresInRow: number;
}

export const makeDomainScope = ({ concurrencyMin, concurrencyMax }: HealthLimits): DomainScope => ({
  bench: new Bench(false),
  concurrency: new ConcurrencyLimit({ limitMin: concurrencyMin, limitMax: concurrencyMax }),
  capacity: new BurstCapacity(),
  silence: new Silence(),
  estimate: null,
  failing: new Set(),
  failuresInRow: 0,
});
