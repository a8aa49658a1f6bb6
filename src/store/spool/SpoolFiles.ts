import {
  closeSync,
  fdatasync,
  fsync,
  mkdirSync,
  openSync,
  read,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

/** The disk as the spool sees it. A test hands in one that fails on purpose. */
export interface SpoolFiles {
  /** UUID of the running boot of this machine, `unknownBoot` where it does not tell: the page cache is whole only within one boot. */
  bootId(): string;
  makeDirectory(path: string): void;
  /** Names in a folder. */
  list(directory: string): readonly string[];
  /** Makes a file that must not exist yet and opens it for writing. */
  create(path: string): number;
  openForReading(path: string): number;
  /** Opens for `sync` alone. */
  openForSync(path: string): number;
  /** Hands bytes to the operating system at the end of the file; may take fewer than it was given. */
  write(fd: number, bytes: Uint8Array): number;
  read(fd: number, target: Uint8Array, position: number): Promise<number>;
  /** Brings a file's bytes to the disk. */
  sync(fd: number): Promise<void>;
  /** Brings the names of a folder to the disk. */
  syncDirectory(path: string): Promise<void>;
  close(fd: number): void;
  /** Size in bytes, or null where there is no such file. */
  sizeBytes(path: string): number | null;
  truncate(path: string, bytes: number): void;
  rename(from: string, to: string): void;
  /** Removes a file if it is there. */
  remove(path: string): void;
}

const readAt = promisify(read);
const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);

/** The boot id of a machine that does not tell. */
export const unknownBoot = '00000000-0000-0000-0000-000000000000';

const readBootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return unknownBoot;
  }
};

/** The real disk. */
export const nodeFiles: SpoolFiles = {
  bootId: readBootId,
  makeDirectory: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (directory) => readdirSync(directory),
  create: (path) => openSync(path, 'ax', 0o600),
  openForReading: (path) => openSync(path, 'r'),
  openForSync: (path) => openSync(path, 'r+'),
  write: (fd, bytes) => writeSync(fd, bytes),
  read: async (fd, target, position) => (await readAt(fd, target, 0, target.byteLength, position)).bytesRead,
  sync: (fd) => syncData(fd),
  async syncDirectory(path) {
    const fd = openSync(path, 'r');
    try {
      await syncAll(fd);
    } finally {
      closeSync(fd);
    }
  },
  close: (fd) => closeSync(fd),
  sizeBytes: (path) => statSync(path, { throwIfNoEntry: false })?.size ?? null,
  truncate: (path, bytes) => truncateSync(path, bytes),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
};
