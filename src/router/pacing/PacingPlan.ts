import type { ModelBucket } from '../../vocabulary/index.ts';
import type { Caps } from '../concentrationGuard.ts';
import type { Forecast } from './Forecast.ts';

/** One true-up interval of a pool. Money is Float64 US dollars, times are Unix milliseconds. */
export interface PacedPool {
  /** Id of its contract, by which what was learnt is carried over. */
  readonly contract: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** What requests have to spend in it: what is due less what is credited, and less what fees and other ways of spending bring. */
  readonly needUsd: number;
  /** What they have spent of it so far. */
  readonly spentUsd: number;
  /** What a dollar that was not spent costs. */
  readonly shortfallRate: number;
}

/** What a floor takes within one of its intervals, counted in tokens. */
export interface PacedMeter {
  /** Tokens, as the vendor counts them. */
  readonly capacity: number;
  /** What one token of each bucket counts; absent: nothing. */
  readonly burndown: Readonly<Partial<Record<ModelBucket, number>>>;
}

/** Use that is paid for in each interval, used or not. */
export interface PacedFloor {
  /** Id of its contract. */
  readonly contract: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Intervals follow each other from `fromMs` on; what is not used within one is lost. */
  readonly intervalMs: number;
  /** Dollars of use that an interval pays for; only read where there are no meters. */
  readonly capacityUsd: number;
  readonly meters: readonly PacedMeter[];
}

/** Who has a part of what a target is paid. */
export interface PacedNames {
  readonly vendor: string;
  /** Host -> share of the cost that runs there; a share that nobody knows counts whole. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
}

/** A target as contracts and caps see it. */
export interface PacedTarget extends PacedNames {
  /** Into the plan's pools: those that cover it, of which the first in force is drawn down. */
  readonly pools: readonly number[];
  /** Into the plan's floors: those that cover it, in the order in which those in force are filled. */
  readonly floors: readonly number[];
}

/** All that is paced, of one configuration. */
export interface PacingPlan {
  readonly targets: readonly PacedTarget[];
  readonly pools: readonly PacedPool[];
  readonly floors: readonly PacedFloor[];
  readonly caps: Caps;
  /** In which caps are counted. Unix milliseconds. */
  readonly windowFromMs: number;
  readonly windowUntilMs: number;
  readonly forecast: Forecast;
  /** When the pacer begins. Unix milliseconds. */
  readonly beginsMs: number;
}
