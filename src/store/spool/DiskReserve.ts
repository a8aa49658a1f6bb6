import { join } from 'node:path';
import type { SpoolFiles } from './SpoolFiles.ts';

const chunkBytes = 1024 * 1024;

/**
 * Space on disk that is given back when the disk is full, so that what is already owed to the ledger (finals of running attempts)
 * can still be written. While it is gone, no new work is taken.
 */
export class DiskReserve {
  readonly #files: SpoolFiles;
  readonly #path: string;
  readonly #bytes: number;
  #held = false;
  #taking = false;
  /** Set when the space was given back while it was being taken. */
  #abandoned = false;

  constructor(files: SpoolFiles, directory: string, bytes: number) {
    this.#files = files;
    this.#path = join(directory, 'reserve');
    this.#bytes = bytes;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Takes the space. @returns whether it is held now. */
  async take(): Promise<boolean> {
    if (this.#held || this.#taking) return this.#held;
    this.#taking = true;
    this.#abandoned = false;
    try {
      if (this.#files.sizeBytes(this.#path) !== this.#bytes) await this.#write();
      this.#held = !this.#abandoned;
    } catch {
      // The disk is still full: the caller tries again later. A part of a reserve is none.
      this.#remove();
    } finally {
      this.#taking = false;
    }
    return this.#held;
  }

  /** Gives the space back. @returns whether there was any to give. */
  release(): boolean {
    const had = this.#held || this.#taking;
    this.#held = false;
    this.#abandoned = true;
    this.#empty();
    return this.#remove() && had;
  }

  /** Of a file that is still open, as this one is while it is being taken, the space is free only once nobody has it open: so it is cut first. */
  #empty(): void {
    try {
      if (this.#files.sizeBytes(this.#path) !== null) this.#files.truncate(this.#path, 0);
    } catch {
      // Where nobody has it open, it is enough that it is removed.
    }
  }

  #remove(): boolean {
    try {
      this.#files.remove(this.#path);
      return true;
    } catch {
      return false;
    }
  }

  async #write(): Promise<void> {
    const zeros = new Uint8Array(Math.min(chunkBytes, this.#bytes));
    this.#files.remove(this.#path);
    const fd = this.#files.create(this.#path);
    try {
      for (let left = this.#bytes; left > 0 && !this.#abandoned;) {
        const written = this.#files.write(fd, left < zeros.length ? zeros.subarray(0, left) : zeros);
        if (written === 0) throw new Error('the disk took no byte of the reserve');
        left -= written;
        // One chunk a turn: the event loop goes on serving in between.
        await this.#files.sync(fd);
      }
    } finally {
      this.#files.close(fd);
    }
  }
}
