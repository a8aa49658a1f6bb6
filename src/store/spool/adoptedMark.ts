import { join } from 'node:path';
import { storeError } from '../errors.ts';
import { readPart } from './readSegment.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** What is left in a spool folder whose records are all in the database, and which nobody writes any more. */
export interface AdoptedMark {
  /** UUID of the spool. */
  readonly instance: string;
  /** Unix milliseconds. */
  readonly adoptedAtMs: number;
}

const markBytesMax = 4096;

const markPath = (directory: string): string => join(directory, 'adopted.json');

const markOf = (text: string): AdoptedMark | null => {
  try {
    const { instance, adoptedAtMs } = JSON.parse(text) as Record<string, unknown>;
    return typeof instance === 'string' && typeof adoptedAtMs === 'number' ? { instance, adoptedAtMs } : null;
  } catch {
    return null;
  }
};

/** Reads the mark of a spool folder; null where there is none. @throws CodedError spool_damaged */
export const readAdoptedMark = async (files: SpoolFiles, directory: string): Promise<AdoptedMark | null> => {
  const path = markPath(directory);
  if (files.sizeBytes(path) === null) return null;
  const fd = files.openForReading(path);
  try {
    const mark = markOf((await readPart(files, fd, 0, markBytesMax)).toString());
    if (mark === null)
      throw storeError('spool_damaged', `${path} cannot be read: it says that this spool was adopted.`);
    return mark;
  } finally {
    files.close(fd);
  }
};

/** Marks a spool folder: after a crash the mark is there whole, or not at all. */
export const writeAdoptedMark = async (files: SpoolFiles, directory: string, mark: AdoptedMark): Promise<void> => {
  const draft = `${markPath(directory)}.new`;
  files.remove(draft);
  const fd = files.create(draft);
  try {
    const bytes = Buffer.from(JSON.stringify(mark));
    if (files.write(fd, bytes) !== bytes.length) throw new Error('the disk took a part of the mark only');
    await files.sync(fd);
  } finally {
    files.close(fd);
  }
  files.rename(draft, markPath(directory));
  await files.syncDirectory(directory);
};

/** @throws CodedError spool_adopted */
export const refuseAdopted = async (files: SpoolFiles, directory: string): Promise<void> => {
  const mark = await readAdoptedMark(files, directory);
  if (mark === null) return;
  throw storeError(
    'spool_adopted',
    `${directory} was adopted on ${new Date(mark.adoptedAtMs).toISOString()}: all its records are in the database, and nothing is written there any more.`,
  );
};
