// A job's end of the contract with Archipel, for Node: copy it beside your program. docs/jobs.md says what each thing means.
import { renameSync, writeFileSync } from 'node:fs';

/** What a job may say of itself. Every member may be left out: what was said before then stays. */
export interface News {
  /** Steps that are done. */
  readonly step?: number;
  /** Name of the newest checkpoint within the checkpoint folder, once it is wholly written. */
  readonly checkpoint?: string;
  /** Port where it listens. */
  readonly port?: number;
  /** Whatever it measures of itself. What is no finite number is left out. */
  readonly metrics?: Readonly<Record<string, number>>;
}

const { env } = process;
/** Which of the job's processes this is: 0, 1, 2. */
export const rank = Number(env['ARCHIPEL_RANK'] ?? '0');
/** Folder, or address, to write checkpoints into; null outside of Archipel, and for a job that has none. */
export const checkpointFolder = env['ARCHIPEL_CHECKPOINT'] ?? null;
/** The whole checkpoint to go on from; null for a beginning. */
export const resumeFrom = env['ARCHIPEL_RESUME_FROM'] ?? null;

/** Writes a file so that a reader finds the old one or the new one, and never a part. `flush`: even after the power was cut. */
export const writeWhole = (path: string, text: string, flush = true): void => {
  writeFileSync(`${path}.unfinished`, text, { flush });
  renameSync(`${path}.unfinished`, path);
};

const isFinite = ([, value]: readonly [string, number]): boolean => Number.isFinite(value);
const said: Record<string, unknown> = {};

/** Tells Archipel how it goes; outside of Archipel nothing. From the first word on SIGUSR1 may ask for a checkpoint: listen for it before. */
export const beat = (news: News): void => {
  Object.assign(said, news);
  if (news.metrics) said['metrics'] = Object.fromEntries(Object.entries(news.metrics).filter(isFinite));
  const path = env['ARCHIPEL_HEARTBEAT_FILE'];
  if (path !== undefined) writeWhole(path, JSON.stringify(said), false);
};
