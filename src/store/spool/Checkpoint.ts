import { join } from 'node:path';
import { readPart } from './readSegment.ts';
import type { ReadPosition } from './SegmentLog.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** How far the spool is in the database. */
export interface Checkpoint {
  /** UUID of the spool it belongs to. */
  readonly instance: string;
  /** Everything up to here was committed. */
  readonly shipped: ReadPosition;
  /** Segment of the oldest intent that had no final then: where a recovery must begin to read. */
  readonly oldestOpenSegment: number;
  /** Sequence of that intent; of the next record to be shipped where there was none. */
  readonly oldestOpenSequence: number;
}

const fileBytesMax = 4096;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Reads what a checkpoint file says; null where it says nothing that can be read. */
export const checkpointOf = (text: string): Checkpoint | null => {
  try {
    const { version, instance, segment, offset, sequence, oldestOpenSegment, oldestOpenSequence } = JSON.parse(
      text,
    ) as Record<string, unknown>;
    if (version !== 1 || typeof instance !== 'string' || !isCount(segment) || !isCount(offset)) return null;
    if (!isCount(sequence) || !isCount(oldestOpenSegment)) return null;
    // Earlier versions of the program did not tell it.
    const oldest = isCount(oldestOpenSequence) ? oldestOpenSequence : sequence + 1;
    return { instance, shipped: { segment, offset, sequence }, oldestOpenSegment, oldestOpenSequence: oldest };
  } catch {
    return null;
  }
};

const checkpointPath = (directory: string): string => join(directory, 'checkpoint.json');

/** Whether there is a checkpoint, readable or not. Without one, no segment was ever deleted: it is on disk before the first is. */
export const hasCheckpoint = (files: SpoolFiles, directory: string): boolean =>
  files.sizeBytes(checkpointPath(directory)) !== null;

/** Reads the checkpoint of a spool folder; null where there is none that can be read: then all is shipped again, which changes nothing. */
export const readCheckpoint = async (files: SpoolFiles, directory: string): Promise<Checkpoint | null> => {
  const path = checkpointPath(directory);
  if (files.sizeBytes(path) === null) return null;
  const fd = files.openForReading(path);
  try {
    return checkpointOf((await readPart(files, fd, 0, fileBytesMax)).toString());
  } finally {
    files.close(fd);
  }
};

/** Replaces the checkpoint: after a crash the old one or the new one is there, whole. */
export const writeCheckpoint = async (files: SpoolFiles, directory: string, checkpoint: Checkpoint): Promise<void> => {
  const path = checkpointPath(directory);
  const draft = `${path}.new`;
  const { instance, shipped, oldestOpenSegment, oldestOpenSequence } = checkpoint;
  files.remove(draft);
  const fd = files.create(draft);
  try {
    const bytes = Buffer.from(
      JSON.stringify({ version: 1, instance, ...shipped, oldestOpenSegment, oldestOpenSequence }),
    );
    if (files.write(fd, bytes) !== bytes.length) throw new Error('the disk took a part of the checkpoint only');
    await files.sync(fd);
  } finally {
    files.close(fd);
  }
  files.rename(draft, path);
  await files.syncDirectory(directory);
};
