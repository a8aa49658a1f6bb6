// A disk for tests that knows what a power loss would leave: names as of the last sync of their folder, bytes as of the last sync of
// their file, and behind those whatever the test says.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { faultyFiles } from './FaultyFiles.ts';
import type { FaultyFiles } from './FaultyFiles.ts';

/** What stands behind the last synced byte of a file: nothing, what had been written, or zeros of that length. */
export type Behind = 'nothing' | 'written' | 'zeros';

interface TrackedFile {
  path: string;
  syncedBytes: number;
  /** A sync failed: later ones report success and bring nothing to disk, as Linux may do. */
  lost: boolean;
  /** Kept when the file is removed: until its folder is synced, a power loss brings it back. */
  removed: Buffer | null;
}

export interface PowerLossFiles extends FaultyFiles {
  /** Writes into an empty folder what a power loss at this moment would leave. */
  writeImage(directory: string, behind: Behind): void;
  /** Lets timers and the disk go on for a moment. What a test finds must hold however long that is. */
  breathe(): Promise<void>;
}

export const powerLossFiles = (): PowerLossFiles => {
  const faulty = faultyFiles();
  const byPath = new Map<string, TrackedFile>();
  const byFd = new Map<number, TrackedFile>();
  let durableNames = new Map<string, TrackedFile>();

  // The methods as they are before they are replaced below; the knobs stay those of `faulty`.
  const plain = { ...faulty };
  return Object.assign(faulty, {
    create(path: string) {
      const fd = plain.create(path);
      const file: TrackedFile = { path, syncedBytes: 0, lost: false, removed: null };
      byPath.set(path, file);
      byFd.set(fd, file);
      return fd;
    },
    async sync(fd: number) {
      const file = byFd.get(fd);
      // What is written while the sync runs is not promised.
      const bytes = file ? (file.removed?.length ?? plain.sizeBytes(file.path) ?? 0) : 0;
      try {
        await plain.sync(fd);
      } catch (error) {
        if (file) file.lost = true;
        throw error;
      }
      if (file && !file.lost) file.syncedBytes = bytes;
      // Told a little late, so that things happen while a sync is running.
      await new Promise((resolve) => setTimeout(resolve, 2));
    },
    async syncDirectory(path: string) {
      const names = new Map([...byPath].map(([name, file]) => [basename(name), file]));
      await plain.syncDirectory(path);
      durableNames = names;
    },
    rename(from: string, to: string) {
      const file = byPath.get(from);
      const over = byPath.get(to);
      if (over) over.removed = readFileSync(to);
      plain.rename(from, to);
      byPath.delete(from);
      if (!file) return;
      file.path = to;
      byPath.set(to, file);
    },
    remove(path: string) {
      const file = byPath.get(path);
      if (file) file.removed = readFileSync(path);
      plain.remove(path);
      byPath.delete(path);
    },
    close(fd: number) {
      byFd.delete(fd);
      plain.close(fd);
    },
    breathe: () => new Promise<void>((resolve) => setTimeout(resolve, 2)),
    writeImage(directory: string, behind: Behind) {
      for (const [name, file] of durableNames) {
        const written = file.removed ?? readFileSync(file.path);
        const synced = written.subarray(0, file.syncedBytes);
        const rest = written.subarray(file.syncedBytes);
        const tail = { nothing: Buffer.alloc(0), written: rest, zeros: Buffer.alloc(rest.length) }[behind];
        writeFileSync(join(directory, name), Buffer.concat([synced, tail]));
      }
    },
  });
};
