import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from './startServer.ts';

/** A call to the operating system about a file. */
export interface DiskCall {
  readonly call: string;
  readonly path: string;
  /** Seconds since 1970. */
  readonly startedS: number;
  readonly endedS: number;
  /** Name of its error, such as EIO; null where it succeeded. */
  readonly error: string | null;
}

const attachedMs = 10_000;
/** `1799999999.123456 fdatasync(23</d/segment.spool>) = -1 EIO (Input/output error) (INJECTED) <0.000123>` */
const line = /^(\d+\.\d+) (\w+)\(.*?[<"]([^>"]+)[>"].*\) = (-?\d+)(?: (E[A-Z]+))?.* <([\d.]+)>$/;

const callOf = (text: string): DiskCall | null => {
  const [, started = '', call = '', path = '', , error, lasted = ''] = line.exec(text) ?? [];
  if (call === '') return null;
  const startedS = Number(started);
  return { call, path, startedS, endedS: startedS + Number(lasted), error: error ?? null };
};

/** Faults that a running process meets at its disk, by strace. */
export class InjectedFaults {
  readonly #tracer: ChildProcess;
  readonly #folder: string;

  private constructor(tracer: ChildProcess, folder: string) {
    this.#tracer = tracer;
    this.#folder = folder;
  }

  /**
   * @param fault As strace words it: `fdatasync:error=EIO:when=1+4`.
   * @param paths Files that it is about.
   */
  static async attach(pid: number, fault: string, paths: readonly string[]): Promise<InjectedFaults> {
    const folder = temporaryFolder();
    const calls = 'trace=openat,write,pwrite64,fdatasync,fsync,rename';
    const args = ['-ff', '-o', join(folder, 'calls'), '-y', '-ttt', '-T', '-s', '0', '-e', calls];
    const about = paths.flatMap((path) => ['-P', path]);
    const tracer = spawn('strace', [...args, '-e', `inject=${fault}`, ...about, '-p', String(pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    tracer.stderr.on('data', (bytes: Buffer) => (words += bytes.toString()));
    const endMs = performance.now() + attachedMs;
    while (!words.includes('attached')) {
      if (tracer.exitCode !== null || performance.now() > endMs) throw new Error(`strace does not attach: ${words}`);
      await pause(5);
    }
    return new InjectedFaults(tracer, folder);
  }

  /** Lets the process go. @returns its calls about the files, in the order in which they began */
  async detach(): Promise<readonly DiskCall[]> {
    this.#tracer.kill('SIGTERM');
    await once(this.#tracer, 'exit');
    const lines = readdirSync(this.#folder).flatMap((name) =>
      readFileSync(join(this.#folder, name), 'utf8').split('\n'),
    );
    removeFolder(this.#folder);
    return lines.flatMap((text) => callOf(text) ?? []).toSorted((one, other) => one.startedS - other.startedS);
  }
}

/**
 * Files that were synced again after a sync of them had failed: the second may say that it succeeded, and have brought nothing to the disk. One that
 * was interrupted did not fail.
 */
export const syncedAgain = (calls: readonly DiskCall[]): readonly string[] => {
  const deadAtS = new Map<string, number>();
  const again = new Set<string>();
  for (const { call, path, error, startedS, endedS } of calls) {
    if (call !== 'fdatasync' && call !== 'fsync') continue;
    if (startedS >= (deadAtS.get(path) ?? Infinity)) again.add(path);
    if (error !== null && error !== 'EINTR' && !deadAtS.has(path)) deadAtS.set(path, endedS);
  }
  return [...again];
};
