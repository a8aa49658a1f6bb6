import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AnswersInMemory,
  bytesOfAnswer,
  keyOfAnswer,
  ownerInKey,
  RecentEntries,
  type AnswerKeeper,
  type EntryBounds,
  type KeptAnswer,
} from '../../gateway/index.ts';
import { errorMessage, uuidV7TimeMs, type Clock, type Log, type Metrics } from '../../kernel/index.ts';
import { KeptFile } from '../keptFile/KeptFile.ts';
import { answerOfParts, partsOfAnswer } from './answerFile.ts';
import { Turns } from './Turns.ts';

/** Most answers in memory, and most on disk. */
const memoryCountMax = 20_000;
const diskCountMax = 100_000;
/** Most bytes that wait to be written; an answer beyond them is kept in memory only. */
const waitingBytesMax = 67_108_864;
const writesAtOnce = 4;
/** Files whose sizes are asked for at once. */
const statsAtOnce = 64;
/** How long a file may take to be read before the answer counts as absent, this time. */
const readMsMax = 5_000;
/** How often what is too old is looked for. */
const sweepMs = 600_000;
/** How often it is asked whether answers are kept still. */
const askMs = 1_000;
const dayMs = 86_400_000;

export interface AnswerSettings {
  /** Whether answers are kept. Where they are no more, those that were are removed. */
  readonly keep: boolean;
  readonly keepDays: number;
  /** On disk. */
  readonly keepBytes: number;
  /** In memory. */
  readonly memoryBytes: number;
}

export interface AnswersOnDiskPorts {
  /** As they are now: a reload may change them. */
  readonly settings: () => AnswerSettings;
  /** Whether an answer is only kept once it outlives a loss of power. */
  readonly isStrict: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

const filePattern = /^([0-9a-f-]{36}\.[0-9a-f]{32})\.jsonl(\.new)?$/;

/**
 * Answers in memory, and each in a file of its own, so that they outlive the process. A disk that does not take or give any more costs what is on it, and
 * is told; what is in memory is served on.
 */
export class AnswersOnDisk implements AnswerKeeper {
  readonly #folder: string;
  readonly #ports: AnswersOnDiskPorts;
  readonly #memory: AnswersInMemory;
  /** What is on disk, or about to be: sizes only. */
  readonly #files: RecentEntries<true>;
  readonly #turns = new Turns(writesAtOnce);
  readonly #writes = new Map<string, Promise<void>>();
  #waitingBytes = 0;
  #isFailing = false;
  readonly #timers: NodeJS.Timeout[] = [];

  private constructor(folder: string, ports: AnswersOnDiskPorts) {
    const { settings, clock } = ports;
    const bounds = (countMax: number, bytes: 'keepBytes' | 'memoryBytes') => (): EntryBounds => {
      const { keep, keepDays, [bytes]: bytesMax } = settings();
      return { bytesMax: keep ? bytesMax : 0, countMax, ageMsMax: keepDays * dayMs };
    };
    this.#folder = folder;
    this.#ports = ports;
    this.#memory = new AnswersInMemory(bounds(memoryCountMax, 'memoryBytes'), () => settings().keep, clock);
    this.#files = new RecentEntries(bounds(diskCountMax, 'keepBytes'), ownerInKey);
  }

  /** Looks up what an earlier process kept in a folder. A folder that cannot be had is told, and then answers are kept in memory only. */
  static async open(folder: string, ports: AnswersOnDiskPorts): Promise<AnswersOnDisk> {
    const answers = new AnswersOnDisk(folder, ports);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await answers.#look();
    } catch (error) {
      ports.log.error('responses of before cannot be read', { path: folder, message: errorMessage(error) });
    }
    await answers.#sweep();
    answers.#every(sweepMs, () => answers.#sweep());
    answers.#every(askMs, async () => {
      if (!answers.isOpen && answers.#files.count > 0) await answers.#sweep();
    });
    return answers;
  }

  get isOpen(): boolean {
    return this.#memory.isOpen;
  }

  keep(answer: KeptAnswer): Promise<void> {
    const key = keyOfAnswer(answer.owner, answer.requestId);
    void this.#memory.keep(answer);
    const bytes = bytesOfAnswer(answer);
    if (this.#waitingBytes + bytes > waitingBytesMax) {
      this.#failed('more waits to be written than may');
      return Promise.resolve();
    }
    this.#waitingBytes += bytes;
    const written = this.#turns
      .run(() => this.#write(key, answer))
      .finally(() => {
        this.#waitingBytes -= bytes;
        this.#writes.delete(key);
      });
    this.#writes.set(key, written);
    return written;
  }

  async find(owner: string, requestId: string): Promise<KeptAnswer | null> {
    if (!this.isOpen) return null;
    const key = keyOfAnswer(owner, requestId);
    const isOnDisk = this.#files.use(key, this.#ports.clock.nowMs()) !== null;
    const here = await this.#memory.find(owner, requestId);
    return here ?? (isOnDisk ? this.#read(key) : null);
  }

  /** @throws Error of the disk: then it is there still */
  async remove(owner: string, requestId: string): Promise<boolean> {
    const key = keyOfAnswer(owner, requestId);
    await this.#writes.get(key);
    if (this.#files.has(key)) await rm(this.#pathOf(key), { force: true });
    const wasOnDisk = this.#files.remove(key);
    const wasInMemory = await this.#memory.remove(owner, requestId);
    this.#measure();
    return wasInMemory || wasOnDisk;
  }

  /** Resolves once everything is written that was to be kept. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#writes.values());
  }

  #every(ms: number, act: () => Promise<void>): void {
    this.#timers.push(setInterval(() => void act(), ms).unref());
  }

  /** The oldest first, as if it had been used then. What a write left behind that was cut off is removed. */
  async #look(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => filePattern.test(name)).toSorted();
    for (let from = 0; from < names.length; from += statsAtOnce) {
      const some = names.slice(from, from + statsAtOnce);
      const sizes = await Promise.all(some.map((name) => this.#sizeOf(name)));
      for (const [index, name] of some.entries()) {
        const [, key = ''] = filePattern.exec(name) ?? [];
        const bytes = sizes[index] ?? null;
        if (bytes !== null) await this.#enter(key, bytes);
      }
    }
  }

  /** Null where it is none that counts, or cannot be had: the others are there all the same. */
  async #sizeOf(name: string): Promise<number | null> {
    const path = join(this.#folder, name);
    try {
      if (filePattern.exec(name)?.[2] === undefined) return (await stat(path)).size;
      await rm(path, { force: true });
    } catch (error) {
      this.#ports.log.error('a response of before cannot be had', { path, message: errorMessage(error) });
    }
    return null;
  }

  async #enter(key: string, bytes: number): Promise<void> {
    const entry = { bytes, createdAtMs: uuidV7TimeMs(key), value: true } as const;
    await this.#drop(this.#files.put(key, entry, this.#ports.clock.nowMs()));
    this.#measure();
  }

  async #write(key: string, answer: KeptAnswer): Promise<void> {
    const path = this.#pathOf(key);
    try {
      const parts = partsOfAnswer(answer);
      await new KeptFile(path).write(parts, this.#ports.isStrict() ? 'synced' : 'written');
      await this.#enter(key, (await stat(path)).size);
      if (this.#isFailing) this.#ports.log.info('responses are kept on disk again');
      this.#isFailing = false;
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => {
        // The disk has been told of.
      });
      this.#failed(errorMessage(error));
    }
  }

  /** Told once, until it goes well again. */
  #failed(message: string): void {
    const { log, metrics } = this.#ports;
    metrics.count('archipel_kept_responses_unwritten_total');
    if (!this.#isFailing)
      log.error('responses are kept in memory only, since they cannot be written', { path: this.#folder, message });
    this.#isFailing = true;
  }

  async #read(key: string): Promise<KeptAnswer | null> {
    const path = this.#pathOf(key);
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), readMsMax);
    const read = await Promise.race([new KeptFile(path).readTexts(), late.promise]);
    clearTimeout(timer);
    // Who has it removed while it is read has it removed: it is not put into memory once more.
    if (!this.#files.has(key)) return null;
    if (read === null) {
      this.#ports.log.error('a response that was kept is not read in time', {
        path,
        message: `within ${readMsMax} ms`,
      });
      return null;
    }
    const parts = read.ok ? (read.value ?? new Map<string, string>()) : null;
    const answer = parts === null ? null : answerOfParts(parts, key);
    if (answer?.ok === true) {
      void this.#memory.keep(answer.value);
      return answer.value;
    }
    const said = read.ok ? answer?.fault : read.fault;
    this.#ports.log.error('a response that was kept cannot be read and is given up', { path, message: said });
    await this.#drop([key]);
    return null;
  }

  async #sweep(): Promise<void> {
    this.#memory.sweep();
    await this.#drop(this.#files.sweep(this.#ports.clock.nowMs()));
    this.#measure();
  }

  /** Removes files, whether they are counted still or not. */
  async #drop(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#files.remove(key);
      try {
        await rm(this.#pathOf(key), { force: true });
      } catch (error) {
        this.#ports.log.error('a response is not removed from the disk', {
          path: this.#pathOf(key),
          message: errorMessage(error),
        });
      }
    }
  }

  #measure(): void {
    const { metrics } = this.#ports;
    metrics.gauge('archipel_kept_responses', this.#files.count);
    metrics.gauge('archipel_kept_responses_bytes', this.#files.bytes);
  }

  #pathOf(key: string): string {
    return join(this.#folder, `${key}.jsonl`);
  }
}
