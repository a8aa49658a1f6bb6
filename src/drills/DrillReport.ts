/** What a share of requests came to, in a drill or live. Money is decimal strings in nano-USD. */
export interface DrillFigures {
  /** Requests that met the drill. */
  readonly requests: number;
  readonly served: number;
  /** served / requests; null where there were none. */
  readonly servedShare: number | null;
  /** What the served ones cost. */
  readonly amountNanoUsd: string;
}

/** Requests of one team, key, model or hour. */
export interface HurtRow extends DrillFigures {
  readonly name: string;
  /** Served elsewhere than before; null where that is not known. */
  readonly moved: number | null;
  /** What they cost beyond what the same served requests cost without the drill; null where that is not known. */
  readonly addedNanoUsd: string | null;
}

/** What requests that were served elsewhere took, by what targets take on the average. Milliseconds. */
export interface AddedLatency {
  /** Moved requests of which both times are known. */
  readonly requests: number;
  readonly meanFirstContentMs: number | null;
  readonly meanDurationMs: number | null;
  /** Moved requests whose new target served nothing in that time, so that nobody knows what it takes. */
  readonly unknown: number;
}

/** Parts that both kinds of report have, so that one can be held against the other. */
export interface DrillReportBase extends DrillFigures {
  /** What was out, as it was written: "aurora", "host:north". */
  readonly without: readonly string[];
  /** Unix milliseconds. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** What the same served requests would have cost without the drill; null where that is not known. */
  readonly usualNanoUsd: string | null;
  readonly teams: readonly HurtRow[];
  readonly keys: readonly HurtRow[];
  readonly models: readonly HurtRow[];
  readonly hours: readonly HurtRow[];
  /** What the figures take for granted. */
  readonly assumptions: readonly string[];
}

/** What a replay of the ledger's own requests came to. */
export interface ReplayReport extends DrillReportBase {
  readonly kind: 'replay';
  readonly scenario: string;
  /** Requests of that time, those that met nothing among them. */
  readonly replayed: number;
  /** Requests of models that the file no longer has: nobody knows who would have served them. */
  readonly unknownModels: number;
  /** What the ledger booked for the served ones. */
  readonly bookedNanoUsd: string;
  /** amount - usual. */
  readonly addedNanoUsd: string;
  /** added / usual; 0 where nothing was served. */
  readonly addedShare: number;
  readonly moved: number;
  readonly addedLatency: AddedLatency;
  /** Why requests were not served: nobody left who could, or those left at their limits. */
  readonly unserved: { readonly nobody: number; readonly capacity: number };
  /** Those of them that nobody may or can serve as the file stands, whatever is lost. */
  readonly unservedAnyway: number;
  /** Choices over a cap because nobody else was left, by the cap. */
  readonly capsBroken: Readonly<Record<string, number>>;
  /** What each contract is drawn by, usually and in the drill, in all of that time. */
  readonly contracts: readonly {
    readonly contract: string;
    readonly usualNanoUsd: string;
    readonly amountNanoUsd: string;
  }[];
  /** Quota domains that requests went to and that were never seen at a limit: taken to take everything. */
  readonly unmeasuredDomains: readonly string[];
}

/** What an injection into running traffic came to. */
export interface LiveReport extends DrillReportBase {
  readonly kind: 'live';
  /** `cut-off`: its process died meanwhile, and its figures with it. */
  readonly state: 'running' | 'ended' | 'stopped' | 'over-budget' | 'cut-off';
  /** Share of the requests within the scope that met it, 0 to 1. */
  readonly share: number;
  readonly team: string | null;
  readonly key: string | null;
  /** Share of requests that may fail before it ends. */
  readonly errorBudget: number;
  /** Attempts that were answered as if their target were down. */
  readonly faults: number;
  /** Attempts of the requests that met it, those among them. */
  readonly attempts: number;
  /** Mean of the served ones, from arrival to end. Milliseconds; null where none was served. */
  readonly meanDurationMs: number | null;
}

export type DrillReport = ReplayReport | LiveReport;
