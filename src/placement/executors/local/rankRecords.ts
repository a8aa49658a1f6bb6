import { evidenceWords } from '../evidenceWords.ts';
import type { ProcessIdentity } from './ProcessTable.ts';

// The files in a rank's folder. Each is written once and whole; a job can write there, too, so they are read as if anybody had written them.

/** `request.json`: what the supervisor runs. */
export interface RankRequest {
  readonly command: readonly string[];
  readonly directory: string;
  /** All that the rank gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly graceMs: number;
  readonly folderLookMs: number;
  readonly logBytes: number;
}

/** `claim.json`: who has the right to start the rank. Only one can ever take it: its supervisor, or the executor, which then never starts it. */
export type RankClaim =
  | { readonly kind: 'supervised'; readonly supervisor: ProcessIdentity }
  | { readonly kind: 'withdrawn'; readonly atMs: number; readonly why: string };

/** `started.json`: the rank's program runs, as leader of a session of its own. */
export interface RankStart {
  readonly child: ProcessIdentity;
  readonly atMs: number;
}

/** `exit.json`: it ended, and this is how. */
export interface RankExit {
  readonly code: number;
  readonly atMs: number;
  /** Why it could not even be started; null where it ran. */
  readonly cause: string | null;
}

/** `lost.json`: it is gone without an exit code. */
export interface RankLoss {
  readonly atMs: number;
  readonly evidence: string;
}

/** `checkpoint.json`: the newest checkpoint that it named, and when that was first seen. */
export interface SeenCheckpoint {
  readonly name: string;
  readonly atMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object that a text holds; null where it holds none. */
export const fieldsOf = (text: string): Fields | null => {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
};

const timeOf = (value: unknown): number | null =>
  Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** A text that is told further. */
const wordsIn = (value: unknown): string | null => (typeof value === 'string' ? evidenceWords(value) : null);

/** Numbers that name one process: 0 and below name groups, and 1 is never ours. */
const isPid = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) > 1 && Number(value) < 2 ** 31;

const identityIn = (value: unknown): ProcessIdentity | null =>
  isFields(value) && isPid(value['pid']) ? { pid: value['pid'], started: textOf(value['started']) } : null;

export const readRankClaim = (text: string): RankClaim | null => {
  const fields = fieldsOf(text);
  const supervisor = identityIn(fields?.['supervisor']);
  if (supervisor) return { kind: 'supervised', supervisor };
  const [atMs, why] = [timeOf(fields?.['atMs']), wordsIn(fields?.['why'])];
  return atMs === null || why === null ? null : { kind: 'withdrawn', atMs, why };
};

export const readRankStart = (text: string): RankStart | null => {
  const fields = fieldsOf(text);
  const [child, atMs] = [identityIn(fields?.['child']), timeOf(fields?.['atMs'])];
  return child && atMs !== null ? { child, atMs } : null;
};

export const readRankExit = (text: string): RankExit | null => {
  const fields = fieldsOf(text);
  const [code, atMs] = [timeOf(fields?.['code']), timeOf(fields?.['atMs'])];
  return code === null || code > 255 || atMs === null ? null : { code, atMs, cause: wordsIn(fields?.['cause']) };
};

export const readRankLoss = (text: string): RankLoss | null => {
  const fields = fieldsOf(text);
  const [atMs, evidence] = [timeOf(fields?.['atMs']), wordsIn(fields?.['evidence'])];
  return atMs === null || evidence === null ? null : { atMs, evidence };
};

export const readSeenCheckpoint = (text: string): SeenCheckpoint | null => {
  const fields = fieldsOf(text);
  const [atMs, name] = [timeOf(fields?.['atMs']), textOf(fields?.['name'])];
  return atMs === null || name === null ? null : { name, atMs };
};
