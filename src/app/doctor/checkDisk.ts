import { findingsOf, type Finding } from './Finding.ts';

/** Room on the disk of a folder, for who is not root. */
export interface DiskFacts {
  readonly path: string;
  readonly freeBytes: number;
  /** Files that may still be made; null where the file system does not count them. */
  readonly freeFiles: number | null;
}

const mebibyte = 1024 * 1024;
/** The reserve of the spool, one segment and the log of the database: less than this and writes end soon. */
const bytesMin = 256 * mebibyte;
const bytesWanted = 2_048 * mebibyte;
const filesMin = 1_000;
const filesWanted = 10_000;

const { ok, warn, fail } = findingsOf('disk');

const inMegabytes = (bytes: number): string => `${Math.floor(bytes / 1_000_000)} MB`;

const room = (path: string, freeBytes: number): Finding => {
  const what = `${inMegabytes(freeBytes)} free at ${path}`;
  const mend =
    'free some, or move the data dir to a larger disk: without room for its spool the server takes no new requests';
  if (freeBytes < bytesMin) return fail(what, mend);
  return freeBytes < bytesWanted ? warn(what, mend) : ok(what);
};

const files = (path: string, freeFiles: number): Finding => {
  const what = `room for ${freeFiles} more files at ${path}`;
  const mend = 'remove small files there (df -i shows where the inodes went)';
  if (freeFiles < filesMin) return fail(what, mend);
  return freeFiles < filesWanted ? warn(what, mend) : ok(what);
};

export const checkDisk = ({ path, freeBytes, freeFiles }: DiskFacts): readonly Finding[] =>
  freeFiles === null ? [room(path, freeBytes)] : [room(path, freeBytes), files(path, freeFiles)];
