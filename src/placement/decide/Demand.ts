import type { AcceleratorChoice } from '../job/JobSpec.ts';

/** Something that must be at the site before work begins. */
export interface DemandedData {
  readonly gigabytes: number;
  /** Site that it lies on now; null where every site reaches it at no cost. */
  readonly at: string | null;
}

/** What a job asks of an offer: the part of it, and of its history, that decides where it goes. */
export interface Demand {
  readonly ranks: number;
  readonly accelerators: readonly AcceleratorChoice[];
  readonly oneDomain: boolean;
  /** Share of its work that is still to be done, 0 to 1. */
  readonly remaining: number;
  /** How often a checkpoint is written; null where it begins anew each time, 0 where nothing is ever lost, as of a server. Hours. */
  readonly checkpointHours: number | null;
  /** From a loss to work again, beside restoring. Hours. */
  readonly restartHours: number;
  /** Data and the newest checkpoint. */
  readonly data: readonly DemandedData[];
  /** The one site that its state cannot leave; null where it can. */
  readonly boundTo: string | null;
  readonly deadlineMs: number | null;
  /** What is left of the most it may cost. US dollars; null for no limit. */
  readonly leftUsd: number | null;
  readonly interruptible: boolean;
  readonly jurisdictions: readonly string[] | null;
  readonly sites: readonly string[] | null;
}

/** What holds for all jobs together. */
export interface PlacementLimits {
  readonly nowMs: number;
  /** How much more may be spent before a cap is broken, by vendor, host and jurisdiction. US dollars; Infinity where nothing caps it. */
  readonly headroomUsd: (dimension: 'vendor' | 'host' | 'jurisdiction', name: string) => number;
  /** Sites that take nothing now, with the reason in words: just lost, refusing, unreachable. */
  readonly closedSites: ReadonlyMap<string, string>;
}
