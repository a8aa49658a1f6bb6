import type { BenchPace } from './Bench.ts';

export interface HealthLimits {
  /** A target goes out after this many failures in a row. */
  readonly failuresInRow: number;
  /** A target goes out when more than this part of its recent requests failed ... */
  readonly failureRateMax: number;
  /** ... provided that at least so many (faded) stand behind the rate. */
  readonly failureVolumeMin: number;
  /** After this a request counts half in the rate. */
  readonly failureHalfLifeMs: number;
  readonly target: BenchPace;
  /** All targets of a quota domain go out after this many failures in a row of several of them. */
  readonly domainFailuresInRow: number;
  /** A target goes out when more than this part of its recent requests failed, and ... */
  readonly outlierRateMin: number;
  /** ... so many times the part of its siblings', the other targets of the same model ... */
  readonly outlierRatio: number;
  /** ... of whom so many (faded) requests are known. */
  readonly outlierVolumeMin: number;
  readonly outlier: BenchPace;
  /** A credential, or a deployment that the vendor does not know: only people mend those, so tries are rare. */
  readonly operator: BenchPace;
  /** A quota domain whose vendor did not say how long. */
  readonly quota: BenchPace;
  /**
   * A wait that a vendor stated is kept within these, to the millisecond: one that is shorter would be over before the next request is there. Where it states one
   * after the other and serves nothing between them, the least doubles up to the first time out of those that state nothing.
   */
  readonly statedWaitMsMin: number;
  readonly statedWaitMsMax: number;
  /** Requests under way in a quota domain that are never called too many, and so many that nobody limits them. */
  readonly concurrencyMin: number;
  readonly concurrencyMax: number;
  /** Most entries of each kind; the configuration bounds them far below. */
  readonly entriesMax: number;
}

export const defaultHealthLimits: HealthLimits = {
  failuresInRow: 3,
  failureRateMax: 0.5,
  failureVolumeMin: 20,
  failureHalfLifeMs: 30_000,
  target: { firstMs: 1_000, maxMs: 60_000 },
  domainFailuresInRow: 5,
  outlierRateMin: 0.2,
  outlierRatio: 3,
  outlierVolumeMin: 20,
  outlier: { firstMs: 5_000, maxMs: 60_000 },
  operator: { firstMs: 30_000, maxMs: 600_000 },
  quota: { firstMs: 1_000, maxMs: 60_000 },
  statedWaitMsMin: 100,
  statedWaitMsMax: 300_000,
  concurrencyMin: 8,
  concurrencyMax: 4_096,
  entriesMax: 10_000,
};
