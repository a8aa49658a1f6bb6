import { join } from 'node:path';
import { storeError } from '../errors.ts';
import { unknownBoot } from './SpoolFiles.ts';
import { decodeSegmentHeader, findFrame, segmentHeaderBytes } from './frames.ts';
import type { Frame, SegmentHeader } from './frames.ts';
import { readPart, readSegment } from './readSegment.ts';
import type { SegmentReading } from './readSegment.ts';
import type { SpoolFiles } from './SpoolFiles.ts';

/** One file of a spool as the scan found it. */
export interface ScannedSegment {
  readonly number: number;
  readonly path: string;
  /** Null where the header cannot be read: such a file holds nothing. */
  readonly header: SegmentHeader | null;
  /** Size of the file. */
  readonly sizeBytes: number;
  /** Offset behind the last frame that counts; what follows was written again in a later segment, or is cut. */
  readonly endOffset: number;
}

export interface SpoolScan {
  readonly segments: readonly ScannedSegment[];
  /** Sequence that the next record gets. */
  readonly nextSequence: number;
  /** UUID of the spool, null in an empty folder. */
  readonly instance: string | null;
  /** What a crash left half-written: cut at this offset, later files removed. Null where all is whole. */
  readonly torn: { readonly segment: number; readonly offset: number; readonly bytes: number } | null;
}

/** A frame in its place. */
export interface PlacedFrame {
  readonly segment: number;
  readonly offset: number;
  readonly frame: Frame;
}

const segmentName = /^segment-(\d{12})\.spool$/;

export const segmentPath = (directory: string, number: number): string =>
  join(directory, `segment-${String(number).padStart(12, '0')}.spool`);

/** A file of a spool as it lies there, before anything of it is read but its header. */
export interface Found {
  readonly number: number;
  readonly path: string;
  readonly sizeBytes: number;
  readonly header: SegmentHeader | null;
}

const readHeader = async (files: SpoolFiles, path: string): Promise<SegmentHeader | null> => {
  const fd = files.openForReading(path);
  try {
    const header = decodeSegmentHeader(await readPart(files, fd, 0, segmentHeaderBytes));
    if (header === 'newer') throw storeError('spool_newer', `${path} was written by a newer version of the program.`);
    return header;
  } finally {
    files.close(fd);
  }
};

/** Every segment of a spool folder with its header, in order. */
export const findSegments = async (files: SpoolFiles, directory: string): Promise<readonly Found[]> => {
  const numbers = files
    .list(directory)
    .flatMap((name) => segmentName.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b);
  const found: Found[] = [];
  for (const number of numbers) {
    const path = segmentPath(directory, number);
    const sizeBytes = files.sizeBytes(path);
    if (sizeBytes !== null) found.push({ number, path, sizeBytes, header: await readHeader(files, path) });
  }
  return found;
};

const damaged = (path: string, offset: number, detail: string): Error =>
  storeError('spool_damaged', `${path} is damaged at byte ${offset}: ${detail}.`);

/** Files are made one after the other, each with what was durable then, and begin behind it: one that knows less than those before it is in a wrong place. */
const checkOrder = (found: readonly Found[], instance: string | null): void => {
  let durable = 0;
  for (const { header, path } of found) {
    if (header === null) continue;
    if (header.instance !== instance) throw damaged(path, 0, 'it belongs to another spool');
    if (header.durable < durable || header.firstSequence <= durable) {
      throw damaged(
        path,
        0,
        `it is older than the files before it, which knew that record ${durable} was safe on disk`,
      );
    }
    durable = header.durable;
  }
};

/** What stands behind a broken place. */
interface Remains {
  /** Whether whole frames, or files of ours, follow. */
  readonly more: boolean;
  /** Last sequence that was durable, as far as anything that follows knows. */
  readonly durable: number;
  readonly bytes: number;
}

const lookBehind = async (
  files: SpoolFiles,
  broken: readonly Found[],
  brokenOffset: number,
  sequence: number,
): Promise<Remains> => {
  let more = false;
  let durable = -1;
  let bytes = 0;
  for (const [index, segment] of broken.entries()) {
    const from = index === 0 ? brokenOffset : 0;
    bytes += segment.sizeBytes - from;
    if (from === 0 && segment.header) {
      more = true;
      durable = Math.max(durable, segment.header.durable);
    }
    const fd = files.openForReading(segment.path);
    try {
      const rest = await readPart(files, fd, from, segment.sizeBytes);
      for (let frame = findFrame(rest, 0, sequence); frame; frame = findFrame(rest, frame.end, sequence)) {
        more = true;
        durable = Math.max(durable, frame.durable);
      }
    } finally {
      files.close(fd);
    }
  }
  return { more, durable, bytes };
};

/**
 * Decides what a broken place is. A torn tail is what a kill leaves at the end, or what a power loss leaves of bytes that had never
 * been durable; its size is returned. Everything else is damage.
 */
const tornBytes = async (
  files: SpoolFiles,
  broken: readonly Found[],
  place: { readonly offset: number; readonly sequence: number; readonly boot: string | undefined },
): Promise<number> => {
  const { more, durable, bytes } = await lookBehind(files, broken, place.offset, place.sequence);
  const path = broken[0]?.path ?? '';
  if (!more) return bytes;
  if (place.boot === undefined || (place.boot !== unknownBoot && place.boot === files.bootId())) {
    throw damaged(path, place.offset, 'whole records follow a broken one, and the machine did not go down in between');
  }
  if (durable >= place.sequence) {
    throw damaged(path, place.offset, `record ${place.sequence} is broken although it was safe on disk`);
  }
  return bytes;
};

/**
 * Reads a spool folder without changing it, and visits every record that counts, once, in order. Sequences run on from segment to
 * segment without a gap; where records were written again after a failed sync, the later copy counts.
 *
 * @param fromSegment the scan begins in this segment; 0 for all.
 * @param neededSequence the first record that must be there, where any is; that of no record where those before may have been deleted unseen.
 * @throws CodedError spool_damaged, spool_newer
 */
export const scanSpool = async (
  files: SpoolFiles,
  directory: string,
  fromSegment: number,
  visit: (placed: PlacedFrame) => void,
  neededSequence = Infinity,
): Promise<SpoolScan> => {
  const found = await findSegments(files, directory);
  const instance = found.find((segment) => segment.header)?.header?.instance ?? null;
  checkOrder(found, instance);

  const segments: ScannedSegment[] = found
    .filter((segment) => segment.number < fromSegment)
    .map((segment) => ({ ...segment, endOffset: segment.sizeBytes }));
  const scanned = found.slice(segments.length);
  const begin = scanned.find((segment) => segment.header);
  let next = begin?.header?.firstSequence ?? 1;
  // A file that begins behind what is needed was not the first: the one before it is gone, or its header cannot be read.
  if (begin && next > neededSequence) {
    throw damaged(scanned[0]?.path ?? '', 0, `records ${neededSequence} to ${next - 1} are missing or cannot be read`);
  }
  let boot: string | undefined;

  for (const [index, segment] of scanned.entries()) {
    const { header } = segment;
    boot = header?.boot ?? boot;
    const behind = scanned.slice(index + 1);
    const supersededFrom = Math.min(Infinity, ...behind.map((later) => later.header?.firstSequence ?? Infinity));
    // Nothing in this file counts: its header never reached the disk, or all of it was written again.
    const counts = header !== null && header.firstSequence < supersededFrom;
    let reading: SegmentReading = { offset: 0, sequence: next, ended: supersededFrom <= next ? 'end' : 'broken' };
    if (counts && header.firstSequence === next) {
      reading = await readWhole(files, segment, next, supersededFrom, visit);
    } else if (!counts && header) {
      reading = { offset: segmentHeaderBytes, sequence: next, ended: 'end' };
    }
    const { offset, sequence } = reading;
    if (reading.ended === 'broken' && sequence < supersededFrom) {
      const bytes = await tornBytes(files, [segment, ...behind], { offset, sequence, boot });
      segments.push({ ...segment, endOffset: offset });
      return { segments, nextSequence: sequence, instance, torn: { segment: segment.number, offset, bytes } };
    }
    next = sequence;
    segments.push({ ...segment, endOffset: offset });
  }
  return { segments, nextSequence: next, instance, torn: null };
};

const readWhole = async (
  files: SpoolFiles,
  segment: Found,
  sequence: number,
  supersededFrom: number,
  visit: (placed: PlacedFrame) => void,
): Promise<SegmentReading> => {
  const fd = files.openForReading(segment.path);
  try {
    return await readSegment(
      files,
      fd,
      { offset: segmentHeaderBytes, sequence },
      segment.sizeBytes,
      (frame, offset) => {
        if (frame.sequence >= supersededFrom) return false;
        visit({ segment: segment.number, offset, frame });
        return true;
      },
    );
  } finally {
    files.close(fd);
  }
};
