import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { removeFolder, temporaryFolder } from './startServer.ts';

const run = promisify(execFile);

/** Copies of a disk that is not at rest are no picture of one moment: so often is one made anew. */
const copiesMax = 200;

/** What a power loss at one moment leaves of a disk, after its journal was replayed: as a machine finds it that starts again. */
export interface PowerLossImage {
  /** Where it is mounted. */
  readonly folder: string;
  /** Unmounts and forgets it. */
  close(): Promise<void>;
}

/**
 * A disk that can lose its power: ext4 on a file in memory. Whatever the kernel has not brought to that file is lost with the power, so that a
 * copy of the file, made while nobody writes to it, is exactly what a power loss at that moment leaves.
 */
export class PowerLossDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #place: string;
  #images = 0;

  private constructor(place: string) {
    this.#place = place;
    this.folder = join(place, 'disk');
  }

  static async open(mebibytes: number): Promise<PowerLossDisk> {
    const place = temporaryFolder();
    const disk = new PowerLossDisk(place);
    const memory = join(place, 'memory');
    for (const folder of [memory, disk.folder]) mkdirSync(folder);
    // Twice: the copies lie beside it.
    await run('mount', ['-t', 'tmpfs', '-o', `size=${2 * mebibytes + 16}m`, 'tmpfs', memory]);
    try {
      await run('truncate', ['-s', `${mebibytes}M`, disk.#file]);
      // Nothing is left to be made in the background: it would write when nobody does.
      const made = 'lazy_itable_init=0,lazy_journal_init=0,nodiscard';
      await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', made, disk.#file]);
      await run('mount', ['-o', 'loop,noinit_itable,nodiscard', disk.#file, disk.folder]);
      chmodSync(disk.folder, 0o755);
    } catch (error) {
      await disk.close();
      throw error;
    }
    return disk;
  }

  get #file(): string {
    return join(this.#place, 'memory', 'disk');
  }

  /** What a power loss now would leave. Whoever writes to the disk is stopped meanwhile. */
  async image(): Promise<PowerLossImage> {
    this.#images += 1;
    const copy = join(this.#place, 'memory', `image-${this.#images}`);
    const folder = join(this.#place, `image-${this.#images}`);
    await this.#copyAtRest(copy);
    await replay(copy);
    mkdirSync(folder);
    await run('mount', ['-o', 'loop', copy, folder]);
    return {
      folder,
      close: async () => {
        await unmount(folder);
        removeFolder(folder);
        removeFolder(copy);
      },
    };
  }

  async close(): Promise<void> {
    await unmount(this.folder);
    await unmount(join(this.#place, 'memory'));
    removeFolder(this.#place);
  }

  async #copyAtRest(copy: string): Promise<void> {
    const device = execFileSync('losetup', ['-n', '-O', 'NAME', '-j', this.#file], { encoding: 'utf8' }).trim();
    const statistics = (): string => readFileSync(`/sys/block/${basename(device)}/stat`, 'utf8');
    for (let count = 0; count < copiesMax; count += 1) {
      const before = statistics();
      if (inFlight(before) === 0) {
        await run('cp', ['--sparse=always', this.#file, copy]);
        if (statistics() === before) return;
      }
      await pause(10);
    }
    throw new Error(`the disk was not at rest for the time of one of ${copiesMax} copies`);
  }
}

/** Reads and writes of a block device that have begun and not ended, from its line of statistics. */
const inFlight = (statistics: string): number => Number(statistics.trim().split(/\s+/)[8]);

/** Replays the journal and looks whether the rest is whole: 1 says that something was mended, as after any crash. */
const replay = async (copy: string): Promise<void> => {
  try {
    await run('e2fsck', ['-f', '-p', copy]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 1)) throw error;
  }
};

const isMounted = (folder: string): boolean => readFileSync('/proc/mounts', 'utf8').includes(` ${folder} `);

/** A process that was killed a moment ago may hold it still. */
const unmount = async (folder: string): Promise<void> => {
  for (let tries = 0; isMounted(folder); tries += 1) {
    try {
      await run('umount', [folder]);
    } catch (error) {
      if (tries === 100) throw error;
      await pause(50);
    }
  }
};

const onPath = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/sbin', '/usr/sbin'].some((folder) => existsSync(join(folder, program)));

/** What this machine lacks to lose power, or null: whoever skips says it. */
export const lackForPowerLoss = (): string | null => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'a power loss takes root on Linux';
  const missing = ['mkfs.ext4', 'e2fsck', 'mount', 'losetup', 'unshare', 'strace'].filter((name) => !onPath(name));
  if (missing.length > 0) return `a power loss takes ${missing.join(', ')}`;
  return existsSync('/dev/loop-control') ? null : 'a power loss takes loop devices';
};
