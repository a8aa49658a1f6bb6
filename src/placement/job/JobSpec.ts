import type { NanoUsd } from '../../kernel/index.ts';

/** What a job is for: `train` and `batch` end by themselves, `serve` answers requests until it is stopped. */
export type JobKind = 'train' | 'batch' | 'serve';

/** One kind of accelerator that a job can use, and how it fares on it. */
export interface AcceleratorChoice {
  /** As sites and slots name it: "GB200". */
  readonly kind: string;
  /** Accelerators of each rank. */
  readonly perRank: number;
  /** Hours that the whole job needs there when nothing disturbs it. An estimate of its owner; for `serve` how long it is meant to run. */
  readonly hours: number;
}

/**
 * Where bytes lie: `store` is the folder that all sites of an installation reach, `site` the disk of one site, which does not move,
 * `remote` anything that the job itself reads (s3://, gs://, https://).
 */
export type JobLocation =
  | { readonly kind: 'store'; readonly path: string }
  | { readonly kind: 'site'; readonly site: string; readonly path: string }
  | { readonly kind: 'remote'; readonly uri: string };

export interface JobCheckpoint {
  readonly at: JobLocation;
  /** Size of one checkpoint. Gigabytes (10^9 bytes). */
  readonly gigabytes: number;
  /** How often one is written. Seconds. */
  readonly everySeconds: number;
}

export interface JobData {
  /** The job finds it under `ARCHIPEL_DATA_<NAME>`. */
  readonly name: string;
  readonly at: JobLocation;
  /** Gigabytes (10^9 bytes). */
  readonly gigabytes: number;
}

/** How a job that serves joins the router. */
export interface ServedModel {
  /** Logical model of the file that it becomes a deployment of. */
  readonly model: string;
  /** Name under which the job's own server knows it. */
  readonly targetModel: string;
  /** Wire that the job's server speaks. */
  readonly wire: string;
  /** Port where it listens; null where the job reports the one that it found. */
  readonly port: number | null;
  /** Path before the wire's own: "/v1". */
  readonly basePath: string;
  /** Path that answers 200 once it serves. */
  readonly readinessPath: string;
  /** How long requests may take to end before it is stopped. Seconds. */
  readonly drainSeconds: number;
}

/** A job as its owner describes it: plain data, checked by `jobSchema`; nothing of it is ever given to a shell. */
export interface JobSpec {
  readonly name: string;
  readonly kind: JobKind;
  readonly team: string;
  /** Program and arguments of each rank, run as they are. */
  readonly command: readonly string[];
  /** Absolute folder that the ranks start in. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Processes that run together: all of them or none. */
  readonly ranks: number;
  readonly accelerators: readonly AcceleratorChoice[];
  /** Whether all ranks want one fast fabric. */
  readonly oneDomain: boolean;
  readonly checkpoint: JobCheckpoint | null;
  readonly data: readonly JobData[];
  /** Unix milliseconds by which it must have ended; null for no hurry. */
  readonly deadlineMs: number | null;
  /** Most that it may cost, all attempts together. */
  readonly maxCostNanoUsd: NanoUsd | null;
  /** Whether capacity may be taken that can be taken away. */
  readonly interruptible: boolean;
  /** Jurisdictions that it may run in; null for any. */
  readonly jurisdictions: readonly string[] | null;
  /** Sites that it may run on; null for any. */
  readonly sites: readonly string[] | null;
  /** Most times that it is placed before it has failed. */
  readonly attempts: number;
  /** How long its ranks have after SIGTERM. Seconds. */
  readonly graceSeconds: number;
  /** Present for `serve` only. */
  readonly serve: ServedModel | null;
}
