import type { Stats } from 'node:fs';
import { constants, open, type FileHandle } from 'node:fs/promises';

export interface PlainFile {
  /** To be closed by whoever asked for it. */
  readonly file: FileHandle;
  readonly stat: Stats;
}

/** What lies there is nothing that could be read, however often it is tried. */
const nothingThere = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM']);

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * Opens a file for reading that a job may have put there. A link would lead to what is not the job's, and a pipe that nobody writes would hold
 * one of the few threads of this process for ever: both are as good as no file.
 * @returns null where there is no plain file.
 * @throws where the machine cannot read now (too many open files, a broken disk): that tells nothing of the file.
 */
export const openPlainFile = async (path: string): Promise<PlainFile | null> => {
  let file;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (nothingThere.has(codeOf(error))) return null;
    throw error;
  }
  try {
    const stat = await file.stat();
    if (stat.isFile()) return { file, stat };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return null;
};
