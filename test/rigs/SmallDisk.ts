import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const chunk = new Uint8Array(1024 * 1024);

/** A disk of so many mebibytes, in memory, that can be filled to its last byte. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param folder Where it is mounted; made if it is not there. */
  static mount(folder: string, mebibytes: number): SmallDisk {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
    chmodSync(folder, 0o755);
    return new SmallDisk(folder);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }

  /** Takes all the space that is left. */
  fill(): void {
    const fd = openSync(this.#filler, 'a');
    try {
      for (let bytes = chunk.length; bytes > 0;) {
        try {
          if (writeSync(fd, chunk, 0, bytes) === 0) bytes = 0;
        } catch {
          bytes >>= 1;
        }
      }
    } finally {
      closeSync(fd);
    }
  }

  /** Gives the space back. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Those that were just killed may hold it still. */
  async unmount(): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        execFileSync('umount', [this.folder], { stdio: 'pipe' });
        return;
      } catch (error) {
        if (tries === 100) throw error;
        await pause(50);
      }
    }
  }
}
