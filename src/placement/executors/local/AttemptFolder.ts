import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isUuidV7 } from '../../../kernel/index.ts';
import type { Clock } from '../../../kernel/index.ts';
import type { AttemptTag } from '../Executor.ts';
import type { LocalLimits } from './limits.ts';
import { RankFolder, rankName } from './RankFolder.ts';
import { fieldsOf, type RankRequest } from './rankRecords.ts';
import { codeOf } from './openPlainFile.ts';
import { readSmallFile } from './readSmallFile.ts';
import { syncFolder, writeDurably } from './writeDurably.ts';

/** `attempt.json`: what was accepted. */
export interface AttemptIntent {
  readonly ranks: number;
  readonly graceMs: number;
  /** Never before its folder was made, and never in the future of the clock. Unix milliseconds. */
  readonly acceptedAtMs: number;
}

/** `ending.json`: it is to end, and is killed after a while where it does not. */
export interface AttemptEnding {
  readonly killAtMs: number;
  /** Whether it never ran as a whole: then nothing of it is kept. */
  readonly isRefused: boolean;
}

export const attemptName = ({ jobId, attempt }: AttemptTag): string => `${jobId}.${attempt}`;

/** @returns null for the name of something else. */
export const tagOfName = (name: string): AttemptTag | null => {
  const [jobId = '', number = ''] = name.split('.');
  const attempt = Number(number);
  return isUuidV7(jobId) && Number.isSafeInteger(attempt) && attempt > 0 && name === `${jobId}.${attempt}`
    ? { jobId, attempt }
    : null;
};

const integerOf = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0);

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw error;
  }
};

/**
 * When an attempt was accepted. A job can write, or spoil, the record; when its folder was made, it cannot choose.
 * @returns what is recorded where it can be true, else the time of the folder.
 */
const acceptedAtMsOf = async (path: string, recorded: unknown, nowMs: number): Promise<number> => {
  const { birthtimeMs, ctimeMs } = await stat(path);
  // Some disks do not tell when a folder was made: then its last change, which nobody can choose either.
  const madeAtMs = Math.floor(birthtimeMs > 0 ? birthtimeMs : ctimeMs);
  const recordedMs = integerOf(recorded);
  const isPossible = recordedMs <= nowMs && (birthtimeMs > 0 ? recordedMs >= madeAtMs : recordedMs > 0);
  return isPossible ? recordedMs : Math.min(madeAtMs, nowMs);
};

/** Where logs of ended attempts lie, in the folder of their site. */
const endedName = 'ended';

/** Everything that is written of one attempt. The folder appears whole, before any process of it, and goes when none is left. */
export class AttemptFolder {
  readonly path: string;
  readonly intent: AttemptIntent;
  readonly ranks: readonly RankFolder[];
  #ending: AttemptEnding | null;
  #isPreempted: boolean;
  #isPutAway = false;

  private constructor(
    path: string,
    intent: AttemptIntent,
    limits: LocalLimits,
    marks: { readonly ending: AttemptEnding | null; readonly isPreempted: boolean },
  ) {
    this.path = path;
    this.intent = intent;
    this.ranks = Array.from({ length: intent.ranks }, (_, rank) => new RankFolder(path, rank, limits));
    this.#ending = marks.ending;
    this.#isPreempted = marks.isPreempted;
  }

  get ending(): AttemptEnding | null {
    return this.#ending;
  }

  /** Whether its ranks have been told that their capacity is taken away. */
  get isPreempted(): boolean {
    return this.#isPreempted;
  }

  get isPutAway(): boolean {
    return this.#isPutAway;
  }

  /** Writes down an attempt. It is made aside: after a crash it is there in full or not at all. */
  static async make(
    path: string,
    { ranks, graceMs }: Pick<AttemptIntent, 'ranks' | 'graceMs'>,
    requestOf: (rank: RankFolder) => RankRequest,
    limits: LocalLimits,
    clock: Clock,
  ): Promise<AttemptFolder> {
    const draft = join(dirname(path), `.${basename(path)}`);
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { recursive: true, mode: 0o700 });
    // The folder first: a record of a time before it would not be believed.
    const intent = { ranks, graceMs, acceptedAtMs: clock.nowMs() };
    const folder = new AttemptFolder(path, intent, limits, { ending: null, isPreempted: false });
    for (const rank of folder.ranks) {
      const rankDraft = join(draft, rankName(rank.rank));
      await mkdir(rankDraft, { recursive: true, mode: 0o700 });
      const text = JSON.stringify(requestOf(rank));
      await writeFile(join(rankDraft, 'request.json'), text, { mode: 0o600, flush: true });
      await syncFolder(rankDraft);
    }
    await writeDurably(join(draft, 'attempt.json'), intent);
    await rename(draft, path);
    await syncFolder(dirname(path));
    return folder;
  }

  /** Removes one of which nothing was started. */
  static async discard(path: string): Promise<void> {
    if (await isThere(path)) await rm(path, { recursive: true, force: true });
  }

  /** @returns null where there is none. */
  static async open(path: string, limits: LocalLimits, nowMs: number): Promise<AttemptFolder | null> {
    if (!(await isThere(path))) return null;
    const names = await readdir(path);
    const text = await readSmallFile(join(path, 'attempt.json'), limits.recordBytes);
    const written = (text && fieldsOf(text.text)) ?? {};
    const intent = {
      // What stands there in folders counts, whatever became of the file.
      ranks: names.filter((name) => /^rank-\d+$/.test(name)).length,
      graceMs: integerOf(written['graceMs']),
      acceptedAtMs: await acceptedAtMsOf(path, written['acceptedAtMs'], nowMs),
    };
    const endingText = await readSmallFile(join(path, 'ending.json'), limits.recordBytes);
    const ending = endingText && fieldsOf(endingText.text);
    return new AttemptFolder(path, intent, limits, {
      ending: ending && { killAtMs: integerOf(ending['killAtMs']), isRefused: ending['isRefused'] === true },
      isPreempted: names.includes('preempted.json'),
    });
  }

  isThere(): Promise<boolean> {
    return isThere(this.path);
  }

  /** @returns what was marked first, which counts. */
  async markEnding(ending: AttemptEnding): Promise<AttemptEnding> {
    if (this.#ending !== null) return this.#ending;
    await writeDurably(join(this.path, 'ending.json'), ending);
    this.#ending = ending;
    return ending;
  }

  async markPreempted(atMs: number): Promise<void> {
    if (this.#isPreempted) return;
    await writeDurably(join(this.path, 'preempted.json'), { atMs });
    this.#isPreempted = true;
  }

  /** Where its logs are kept once it is put away. */
  static endedPathOf(path: string): string {
    return join(dirname(path), endedName, basename(path));
  }

  /** Whether one that lay here was put away, and is still remembered. */
  static wasPutAway(path: string): Promise<boolean> {
    return isThere(AttemptFolder.endedPathOf(path));
  }

  /** Takes it off the list. Logs and records stay for a while; what the job was given, secrets among it, does not. */
  async putAway(endedAttemptsMax: number): Promise<void> {
    if (this.#ending?.isRefused) await rm(this.path, { recursive: true, force: true });
    else await this.#moveAway(endedAttemptsMax);
    this.#isPutAway = true;
  }

  async #moveAway(endedAttemptsMax: number): Promise<void> {
    for (const { path } of this.ranks) await rm(join(path, 'request.json'), { force: true });
    const ended = AttemptFolder.endedPathOf(this.path);
    await mkdir(dirname(ended), { recursive: true, mode: 0o700 });
    await rename(this.path, ended);
    await syncFolder(dirname(this.path));
    await forgetOldest(dirname(ended), endedAttemptsMax);
  }
}

/** Keeps the attempts that were put away last. The last change in an attempt's own folder is the mark of its ending. */
const forgetOldest = async (folder: string, kept: number): Promise<void> => {
  const names = await readdir(folder);
  if (names.length <= kept) return;
  const dated = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = dated.toSorted((one, other) => other.atMs - one.atMs).slice(kept);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
};
