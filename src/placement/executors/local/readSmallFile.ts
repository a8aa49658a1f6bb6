import { constants, open } from 'node:fs/promises';

export interface SmallFile {
  readonly text: string;
  /** When it was last written. Unix milliseconds; a job can set it to anything. */
  readonly modifiedMs: number;
}

/** What lies there is nothing that could be read, however often it is tried. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM']);

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Reads a file that a job may have put there: a link, a pipe that nobody writes, or gigabytes are all "nothing to read".
 * @returns null where there is no such file, or it is longer than it may be.
 * @throws where the machine cannot read now (too many open files, a broken disk): that tells nothing of the file.
 */
export const readSmallFile = async (path: string, bytesMax: number): Promise<SmallFile | null> => {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (nothingThere.has(codeOf(error))) return null;
    throw error;
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > bytesMax) return null;
    // One byte more than allowed: it may have grown since.
    const buffer = Buffer.alloc(Math.min(stat.size, bytesMax) + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > bytesMax) return null;
    return { text: buffer.toString('utf8', 0, bytesRead), modifiedMs: stat.mtimeMs };
  } finally {
    await file.close();
  }
};
