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
    remove(path) {
      files.freeBytes += nodeFiles.sizeBytes(path) ?? 0;
      nodeFiles.remove(path);
    },
  };
  return files;
};
