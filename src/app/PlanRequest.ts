import type { AnswerProgress, PlanDocument, PlanForecast, PlanState } from '../planner/index.ts';

export interface PlanRequest {
  readonly file: string;
  readonly cwd: string;
  /** CPU-seconds of the whole process, answers among them. */
  readonly cpuSeconds: number;
  /** Null: the file's own. */
  readonly seed: number | null;
  /** Limits by work instead of time: the same inputs give the same plan on any machine. */
  readonly audit: boolean;
  /** Gap at which the search may stop; null: at a twentieth of a percent. */
  readonly gap: number | null;
  /** Ends the search with the best plan until then. */
  readonly signal: AbortSignal;
  readonly onState?: (state: PlanState) => void;
  readonly onAnswer?: (progress: AnswerProgress) => void;
}

/** Why a portfolio cannot be planned: `file:line:column: what, how to mend it`, one each. */
export type PlanFaults = readonly string[];

/** A plan as it is saved: with what it expects month by month, so that it can be tracked. */
export interface PlannedDocument extends PlanDocument {
  readonly inputs: PlanDocument['inputs'] & {
    /** The file that contracts and policy were taken over from. */
    readonly from?: { readonly file: string; readonly sha256: string };
  };
  /** Null where there is no plan. */
  readonly forecast: PlanForecast | null;
}

export interface PlanOutcome {
  readonly document: PlannedDocument;
  readonly warnings: PlanFaults;
}
