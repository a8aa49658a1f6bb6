import { readCheckpoint } from './Checkpoint.ts';
import { findSegments, scanSpool } from './scanSpool.ts';
import { nodeFiles } from './SpoolFiles.ts';

/** The head of a segment, without anything that was written behind it. */
export interface SegmentHead {
  readonly number: number;
  readonly bytes: number;
  /** Null where its header cannot be read. */
  readonly firstSequence: number | null;
  readonly durable: number | null;
  readonly boot: string | null;
}

/** Heads of the segments of a spool folder, in order; none of what they hold. */
export const segmentHeads = async (directory: string): Promise<readonly SegmentHead[]> => {
  if (nodeFiles.sizeBytes(directory) === null) return [];
  return (await findSegments(nodeFiles, directory)).map(({ number, sizeBytes, header }) => ({
    number,
    bytes: sizeBytes,
    firstSequence: header?.firstSequence ?? null,
    durable: header?.durable ?? null,
    boot: header?.boot ?? null,
  }));
};

/** UUID of the spool in a folder; null where there is none. @throws CodedError spool_newer */
export const segmentInstance = async (directory: string): Promise<string | null> => {
  if (nodeFiles.sizeBytes(directory) === null) return null;
  const found = await findSegments(nodeFiles, directory);
  return found.find(({ header }) => header !== null)?.header?.instance ?? null;
};

/** A spool as it is found on disk. */
export interface InspectedSpool {
  readonly segments: number;
  readonly bytes: number;
  /** Sequence that is known to be in the database; 0 where none is. */
  readonly shipped: number;
  /** Records behind it. */
  readonly backlog: number;
  /** Bytes of a half-written tail, which the next start cuts. */
  readonly tornBytes: number;
}

/**
 * Reads a spool folder without changing it. Beside a program that writes it, the newest records may be missing.
 * @returns null where there is none. @throws CodedError spool_damaged, spool_newer
 */
export const inspectSpool = async (directory: string): Promise<InspectedSpool | null> => {
  if (nodeFiles.sizeBytes(directory) === null) return null;
  const checkpoint = await readCheckpoint(nodeFiles, directory);
  const { segments, nextSequence, torn } = await scanSpool(
    nodeFiles,
    directory,
    checkpoint?.shipped.segment ?? 0,
    () => {},
  );
  const shipped = checkpoint?.shipped.sequence ?? 0;
  return {
    segments: segments.length,
    bytes: segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    shipped,
    backlog: Math.max(0, nextSequence - 1 - shipped),
    tornBytes: torn?.bytes ?? 0,
  };
};
