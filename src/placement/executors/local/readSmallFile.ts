import { openPlainFile } from './openPlainFile.ts';

export interface SmallFile {
  readonly text: string;
  /** When it was last written. Unix milliseconds; a job can set it to anything. */
  readonly modifiedMs: number;
}

/**
 * Reads a file that a job may have put there: a link, a pipe that nobody writes, or gigabytes are all "nothing to read".
 * @returns null where there is no such file, or it is longer than it may be.
 * @throws where the machine cannot read now (too many open files, a broken disk): that tells nothing of the file.
 */
export const readSmallFile = async (path: string, bytesMax: number): Promise<SmallFile | null> => {
  const opened = await openPlainFile(path);
  if (opened === null) return null;
  const { file, stat } = opened;
  try {
    if (stat.size > bytesMax) return null;
    // One byte more than allowed: it may have grown since.
    const buffer = Buffer.alloc(Math.min(stat.size, bytesMax) + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > bytesMax) return null;
    return { text: buffer.toString('utf8', 0, bytesRead), modifiedMs: stat.mtimeMs };
  } finally {
    await file.close();
  }
};
