import type { Holding, Right } from '../access/index.ts';
import type { Result } from '../kernel/index.ts';
import type { JobState } from '../placement/index.ts';
import type { Rates } from '../vocabulary/index.ts';
import type { ControlErrorCode } from './errors.ts';
import type { UsageGroup, UsageGroupSet } from './readUsageGroups.ts';

/** JSON as it goes out. Money is a decimal string in nano-USD, in fields that end in `NanoUsd`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Who calls the control plane. */
export interface Operator extends Holding {
  readonly name: string;
}

/** Why the control plane does not do what it was asked. */
export interface ControlFault {
  readonly code: ControlErrorCode;
  readonly message: string;
}

export type Answer = Result<Json, ControlFault>;

export interface UsageQuestion {
  readonly groupBy: UsageGroup | UsageGroupSet;
  /** Unix milliseconds, from <= at < to; null for no bound. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Waits until every record kept so far is counted. */
  readonly fresh: boolean;
}

/** Datasets of FOCUS that can be taken away, as comma-separated values. */
export const exportDatasets = ['cost-and-usage', 'contract-commitment'] as const;

export type ExportDataset = (typeof exportDatasets)[number];

export interface ExportQuestion {
  readonly dataset: ExportDataset;
  /** How long the period of one row of use is. */
  readonly by: 'hour' | 'day' | 'month';
  /** Unix milliseconds, from <= at < to. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A budget as it is written in a body, by the words of the file. */
export interface WrittenBudget {
  /** Of further budgets: what tells them apart. */
  readonly name?: string;
  readonly usd: string;
  /** A window of the calendar, or the length of a rolling one. */
  readonly window: string | { readonly rolling: string };
  readonly hard: boolean;
  /** Models whose use it counts; absent: all. */
  readonly models?: readonly string[];
}

/** What a vendor bills for some targets together, "provider/model", on a day of UTC. */
export interface SettledDay {
  readonly day: string;
  readonly targets: readonly string[];
  readonly billedNanoUsd: string;
}

/** A bill by which attempts that were not reported are to be settled. */
export interface SettleQuestion {
  /** What the bill is called, as people find it again. */
  readonly invoice: string;
  readonly days: readonly SettledDay[];
}

/** Which prices are asked for; what is undefined is not asked of them. */
export interface PricesQuestion {
  readonly vendor: string | undefined;
  /** By the vendor's name. */
  readonly model: string | undefined;
  /** Unix milliseconds; null for now. */
  readonly atMs: number | null;
}

export interface NewKey {
  readonly name: string;
  readonly team: string;
  readonly models: readonly string[] | null;
  /** First day on which it is no longer valid, or null. */
  readonly expires: string | null;
  readonly budget: WrittenBudget | null;
  /** Further ones; absent: none. */
  readonly budgets?: readonly WrittenBudget[];
  /** Of each of its end users; absent or null: none. */
  readonly endUserBudget?: WrittenBudget | null;
  readonly limits: Rates;
}

export interface JobsQuestion {
  /** Null for all. */
  readonly states: readonly JobState[] | null;
  /** How the ids begin; absent for all. */
  readonly idPrefix?: string;
  readonly limit: number;
}

/** Which output of a job is asked for, and from where on. */
export interface JobLogQuestion {
  readonly id: string;
  /** Null for the newest. */
  readonly attempt: number | null;
  readonly rank: number;
  readonly fromByte: number;
}

/** A list of what clouds offer, as it was sent. */
export interface SentOffers {
  readonly name: string;
  /** Day of its prices, "2026-07-02"; null where nobody knows it. */
  readonly date: string | null;
  readonly csv: string;
}

/** What a simulated site may be made to do. */
export const siteFaults = ['none', 'down', 'unreachable', 'preempt'] as const;

export type SiteFault = (typeof siteFaults)[number];

/** Something that is not as it should be. */
export interface ReadinessReason {
  /** Stays the same: for alarms and scripts. */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** Since when, in Unix milliseconds; null where that is not known. */
  readonly sinceMs: number | null;
  /** Whether balancers should send requests elsewhere because of it. */
  readonly keepsAway: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** The same reasons with their codes. */
  readonly details: readonly ReadinessReason[];
}

/** What is to be replayed, and what of it is lost. */
export interface ReplayQuestion {
  /** "aurora", "host:north"; may be empty where a scenario names what it hits. */
  readonly without: readonly string[];
  /** Unix milliseconds, from <= at < to. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A scenario file as JSON, or null: what is lost is out all the time. */
  readonly scenario: Json | null;
  /** Aborted once whoever asked has gone: nobody waits for its report any more. */
  readonly gone: AbortSignal;
}

/** What a live drill makes fail, for whom and for how long. */
export interface LiveQuestion {
  readonly without: readonly string[];
  /** Share of the requests within the scope, above 0 to 1. */
  readonly share: number;
  /** Null for all. */
  readonly team: string | null;
  readonly key: string | null;
  readonly lengthMs: number;
  /** Share of the requests that meet it which may fail before it ends. */
  readonly errorBudget: number;
}

/** What operators may ask of the running program; filled by the composition root. */
export interface ControlPlane {
  /** Who holds a credential; null for nobody. Keys of the data plane are nobody here but for the sandbox. */
  operatorOf(credential: string): Operator | null;
  readiness(): Promise<Readiness>;
  metricsText(): string;
  status(): Promise<Answer>;
  request(id: string): Promise<Answer>;
  usage(question: UsageQuestion): Promise<Answer>;
  dependency(): Promise<Answer>;
  health(): Promise<Answer>;
  contracts(): Promise<Answer>;
  /** Prices in force: of deployments of the file, of its lists, and those that the program ships with. */
  prices(question: PricesQuestion): Promise<Answer>;
  /** Drills that are kept, the newest first. */
  drills(): Promise<Answer>;
  drill(id: string): Promise<Answer>;
  /** Replays the ledger's own requests without a part of the supply, and keeps the report. */
  replayDrill(question: ReplayQuestion, by: Operator): Promise<Answer>;
  /** Makes a part of the supply fail for a share of the running requests; audited. */
  startDrill(question: LiveQuestion, by: Operator): Promise<Answer>;
  /** Ends the live drill that is under way; audited. */
  stopDrill(by: Operator): Promise<Answer>;
  /** The lines of a dataset, the header first, made while they are read. */
  exportLines(question: ExportQuestion): Promise<Result<AsyncIterable<string>, ControlFault>>;
  /** Keys of the teams that the operator reaches. */
  keys(by: Operator): Promise<Answer>;
  createKey(key: NewKey, by: Operator): Promise<Answer>;
  rotateKey(name: string, by: Operator): Promise<Answer>;
  revokeKey(name: string, by: Operator): Promise<Answer>;
  /** Replaces the admin key of the control file; the old one ends. */
  rotateControlKey(by: Operator): Promise<Answer>;
  verifyLedger(): Promise<Answer>;
  /** Makes the cost of attempts that were not reported known from a bill, by corrections; for an owner alone. */
  settleBill(question: SettleQuestion, by: Operator): Promise<Answer>;
  /** The trial balance: every account, and what all of them come to. */
  ledgerAccounts(): Promise<Answer>;
  /**
   * Takes the configuration file anew, whole or not at all.
   * @param force Even where it takes most of what serves away.
   */
  reload(force: boolean): Promise<Answer>;
  setVendorFault(vendor: string, fault: Json): Promise<Answer>;
  setHostFault(host: string, fault: Json): Promise<Answer>;
  /** @param vendor A simulated vendor, or null for all. */
  sandbox(vendor: string | null): Promise<Answer>;
  /**
   * @param job A job file as JSON.
   * @param idempotencyKey Makes a submission that is sent again the same job; null for none.
   */
  submitJob(job: Json, by: Operator, idempotencyKey: string | null): Promise<Answer>;
  jobs(question: JobsQuestion): Promise<Answer>;
  job(id: string): Promise<Answer>;
  jobLogs(question: JobLogQuestion): Promise<Answer>;
  /** Wants a job to end; answers with the job as it stands then. */
  cancelJob(id: string, by: Operator): Promise<Answer>;
  /** Where a job was placed and why, and why not elsewhere. */
  explainJob(id: string): Promise<Answer>;
  sites(): Promise<Answer>;
  importOffers(list: SentOffers, by: Operator): Promise<Answer>;
  /** @param accelerator Only offers of this kind; null for all. */
  offers(accelerator: string | null): Promise<Answer>;
  setSiteFault(site: string, fault: SiteFault): Promise<Answer>;
  sandboxSites(): Promise<Answer>;
}

/** A right of the table, or `open` where no key is asked for. */
export type RoutePolicy = Right | 'open';
