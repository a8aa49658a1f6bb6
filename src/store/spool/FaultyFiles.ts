// A disk for tests: the real one, with faults on order.
import { nodeFiles } from './SpoolFiles.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

export const diskError = (code: 'EIO' | 'ENOSPC'): Error => Object.assign(new Error(`${code}: on order`), { code });

export interface FaultyFiles extends SpoolFiles {
  /** Consulted before each sync of a file; throw to fail it. */
  beforeSync: () => void;
  /** Bytes that the disk still takes; a write beyond takes what fits, then fails with ENOSPC. */
  freeBytes: number;
  /** Consulted before each write; throw to fail it. */
  beforeWrite: () => void;
  boot: string | null;
  syncs: number;
}

export const faultyFiles = (): FaultyFiles => {
  /** Paths of files that were made here and are open. */
  const open = new Map<number, string>();
  /** Bytes of removed files that somebody has open still: theirs is the space until they close them. */
  const lingering = new Map<number, number>();
  const files: FaultyFiles = {
    ...nodeFiles,
    beforeSync: () => {},
    beforeWrite: () => {},
    freeBytes: Infinity,
    boot: null,
    syncs: 0,
    bootId: () => files.boot ?? nodeFiles.bootId(),
    write(fd, bytes) {
      files.beforeWrite();
      if (files.freeBytes <= 0) throw diskError('ENOSPC');
      const count = nodeFiles.write(fd, bytes.subarray(0, Math.min(bytes.length, files.freeBytes)));
      files.freeBytes -= count;
      return count;
    },
    async sync(fd) {
      files.syncs++;
      files.beforeSync();
      await nodeFiles.sync(fd);
    },
    create(path) {
      const fd = nodeFiles.create(path);
      open.set(fd, path);
      return fd;
    },
    close(fd) {
      nodeFiles.close(fd);
      open.delete(fd);
      files.freeBytes += lingering.get(fd) ?? 0;
      lingering.delete(fd);
    },
    rename(from, to) {
      nodeFiles.rename(from, to);
      for (const [fd, path] of open) if (path === from) open.set(fd, to);
    },
    truncate(path, bytes) {
      const before = nodeFiles.sizeBytes(path) ?? 0;
      nodeFiles.truncate(path, bytes);
      files.freeBytes += before - bytes;
    },
    remove(path) {
      const bytes = nodeFiles.sizeBytes(path) ?? 0;
      nodeFiles.remove(path);
      const [fd] = [...open].find(([, opened]) => opened === path) ?? [];
      if (fd === undefined) files.freeBytes += bytes;
      else lingering.set(fd, (lingering.get(fd) ?? 0) + bytes);
    },
  };
  return files;
};
