import { segmentHeaderBytes } from './frames.ts';
import { readSegment } from './readSegment.ts';
import { scanSpool } from './scanSpool.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** A record as its JSON, and its place in the order of all. */
export interface SequencedPayload {
  readonly sequence: number;
  readonly payload: string;
}

/**
 * Reads all records that a spool folder still holds, in chunks, without changing it; the program that writes it may be running. A
 * segment that is deleted meanwhile, because it was shipped, is passed over.
 * @throws CodedError spool_damaged, spool_newer
 */
export async function* readSpoolRecords(
  files: SpoolFiles,
  directory: string,
  chunkRecords: number,
): AsyncGenerator<readonly SequencedPayload[]> {
  const { segments } = await scanSpool(files, directory, 0, () => {});
  for (const { header, path, endOffset } of segments) {
    if (!header || files.sizeBytes(path) === null) continue;
    const fd = files.openForReading(path);
    try {
      let point = { offset: segmentHeaderBytes, sequence: header.firstSequence };
      while (point.offset < endOffset) {
        const chunk: SequencedPayload[] = [];
        const reading = await readSegment(files, fd, point, endOffset, (frame) => {
          if (chunk.length === chunkRecords) return false;
          chunk.push({ sequence: frame.sequence, payload: frame.payload.toString() });
          return true;
        });
        point = reading;
        yield chunk;
        if (reading.ended === 'broken') break;
      }
    } finally {
      files.close(fd);
    }
  }
}
