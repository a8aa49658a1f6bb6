import type { TrackedMonth } from './daySpan.ts';

/** Where an actual figure lies against the plan's range; null where that cannot be said. */
export type Position = 'below' | 'within' | 'above' | null;

/** A month of a figure: what it was, and what the plan expects of it, in proportion to its days where it is not over. */
export interface ActualMonth {
  readonly month: string;
  readonly partial: boolean;
  /** Exact decimal; null where nobody told it. */
  readonly actual: string | null;
  readonly mean: number;
  /** From the 10th to the 90th percentile of the plan's scenarios. */
  readonly low: number;
  readonly high: number;
  /** Of whole months only. */
  readonly position: Position;
}

/** How long something has been outside of the plan's range, whole months running up to the last one. */
export interface OutsideRun {
  readonly months: number;
  readonly side: 'below' | 'above' | null;
}

export interface DemandTrack {
  readonly class: string;
  readonly unit: 'MTok' | 'gpuHour';
  /** Whether all who serve the class are told of in every month: else it may be more. */
  readonly complete: boolean;
  readonly months: readonly ActualMonth[];
  readonly outside: OutsideRun;
}

export interface SpendTrack {
  readonly vendor: string;
  readonly complete: boolean;
  readonly months: readonly (ActualMonth & {
    /** Usage after discounts that fees do not pay for, and fees of what is signed: together the actual figure. */
    readonly usage: string | null;
    readonly fees: string;
  })[];
  /** Of whole months and what there is of the running one, without months that nobody tells of. */
  readonly toDate: { readonly actual: string | null; readonly planned: number; readonly variance: number | null };
  readonly outside: OutsideRun;
}

/** One true-up of a pool. */
export interface PoolWindow {
  readonly from: string;
  /** First day after it. */
  readonly until: string;
  readonly ended: boolean;
  /** Whether all that draws it down is told, from its first day on. */
  readonly complete: boolean;
  readonly due: string;
  /** Usage after discounts and fees that count, until now. */
  readonly drawn: string | null;
  /** What the plan expects to be drawn by now, as far as the plan tells it. */
  readonly planned: number | null;
  /** What was drawn for each unit of money that was planned. */
  readonly pace: number | null;
  /** What will be drawn by its end at this pace; null where it is too early to say. */
  readonly projected: number | null;
  /** What will be owed at its end for what is not spent. */
  readonly shortfall: number | null;
  /** What the plan expects to owe, in the mean of its scenarios. */
  readonly plannedShortfall: number | null;
  /** Of what is not spent, what clauses of the contract take up: spent too much before, or to be spent later. */
  readonly carried: number | null;
}

/** Capacity that is paid for used or not; until now, as far as its vendor is told of. */
export interface CapacityUse extends Pick<PoolWindow, 'from' | 'until' | 'complete'> {
  /** Units of its class that it could serve until now, if it were used all the time. */
  readonly capacity: number;
  /** Units that it served at most: what its vendor served of the class, up to what of it is usable. */
  readonly used: number | null;
  readonly utilization: number | null;
  readonly plannedUtilization: number | null;
  readonly plannedLow: number | null;
  readonly fees: number;
  /** Fees of what was not used until now. */
  readonly idle: number | null;
  /** Fees of what will not be used until its end at this pace, and what the plan expects of that. */
  readonly projectedIdle: number | null;
  readonly plannedIdle: number | null;
}

export interface CommitmentTrack {
  /** Id of the contract; of what is not signed, name of the offer. */
  readonly name: string;
  readonly vendor: string;
  readonly kind: 'pool' | 'floor' | 'slot';
  /** unsigned: the plan decided it, and no contract of the portfolio is it. */
  readonly status: 'signed' | 'unsigned';
  readonly from: string;
  readonly until: string;
  /** Of pools: those that have begun since the plan's beginning. */
  readonly windows: readonly PoolWindow[];
  readonly capacity: CapacityUse | null;
}

/** Usage that the plan has no word for. */
export interface UnplannedUse {
  readonly vendor: string;
  readonly class: string;
  readonly units: string;
  readonly cost: string | null;
  readonly isVendorPlanned: boolean;
  readonly isClassPlanned: boolean;
}

export interface TrackFinding {
  /** act: something is off, and what to do about it. watch: it may become so, or nobody can say. */
  readonly severity: 'act' | 'watch';
  readonly kind: 'demand' | 'spend' | 'shortfall' | 'idle' | 'unsigned' | 'unplanned' | 'untold';
  /** Class, vendor, contract or offer. */
  readonly subject: string;
  readonly sentence: string;
}

/** Actual figures against a plan. */
export interface TrackedPlan {
  /** First day that nothing is told of. */
  readonly asOf: string;
  readonly currency: string;
  readonly plan: { readonly madeAt: string; readonly sha256: string };
  readonly months: readonly TrackedMonth[];
  readonly demand: readonly DemandTrack[];
  readonly spend: readonly SpendTrack[];
  readonly commitments: readonly CommitmentTrack[];
  readonly unplanned: readonly UnplannedUse[];
  readonly findings: readonly TrackFinding[];
  /** Whether there is nothing to act upon. */
  readonly onTrack: boolean;
}
