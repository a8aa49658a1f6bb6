// The bytes of a spool segment: one header, then frames.
//
//   header  magic 8 | u32 version | u32 crc32 of the rest | instance 16 | boot 16 | u64 first sequence | u64 durable
//   frame   u32 length | u32 crc32 of everything else in it | u64 sequence | u64 durable | payload (JSON)
//
// `durable` is the last sequence that was known to be on disk when the bytes were made. It tells, after a power loss, a tail that
// never was durable (cut) from damage to what had been promised (loud). All integers are little-endian.

import { crc32 } from 'node:zlib';

const magic = Buffer.from('ARCSPOOL', 'latin1');
const formatVersion = 1;

export const segmentHeaderBytes = 64;
export const frameHeaderBytes = 24;
/** Largest payload that the format allows, whatever the limit of the writer. */
export const payloadBytesMax = 16 * 1024 * 1024;

export interface SegmentHeader {
  /** UUID of the spool folder: a file of another spool is never read as ours. */
  readonly instance: string;
  /** UUID of the boot of the machine that wrote it; zeros where the machine does not tell. */
  readonly boot: string;
  readonly firstSequence: number;
  readonly durable: number;
}

export interface Frame {
  readonly sequence: number;
  readonly durable: number;
  /** A view into the bytes that were read. */
  readonly payload: Buffer;
  /** Offset of the first byte after it, in the bytes that were read. */
  readonly end: number;
}

/**
 * What stands at an offset: a frame, `short` when the bytes end before the frame would (`needs` counts from the offset), or `bad` when
 * no frame can stand there.
 */
export type FrameReading =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'short'; readonly needs: number }
  | { readonly kind: 'bad' };

const readSequence = (bytes: Buffer, offset: number): number =>
  bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * 0x1_0000_0000;

const writeSequence = (bytes: Buffer, sequence: number, offset: number): void => {
  bytes.writeUInt32LE(sequence % 0x1_0000_0000, offset);
  bytes.writeUInt32LE(Math.floor(sequence / 0x1_0000_0000), offset + 4);
};

const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

const uuidText = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const encodeSegmentHeader = (header: SegmentHeader): Buffer => {
  const bytes = Buffer.alloc(segmentHeaderBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt32LE(formatVersion, 8);
  uuidBytes(header.instance).copy(bytes, 16);
  uuidBytes(header.boot).copy(bytes, 32);
  writeSequence(bytes, header.firstSequence, 48);
  writeSequence(bytes, header.durable, 56);
  bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
  return bytes;
};

/** Reads a header; `newer` when a later version of the program wrote it, null when it is none. */
export const decodeSegmentHeader = (bytes: Buffer): SegmentHeader | 'newer' | null => {
  if (bytes.length < segmentHeaderBytes || !bytes.subarray(0, 8).equals(magic)) return null;
  // Looked at first: what else stands in the header of a later version is not known here.
  const version = bytes.readUInt32LE(8);
  if (version > formatVersion) return 'newer';
  if (version !== formatVersion || bytes.readUInt32LE(12) !== crc32(bytes.subarray(16, segmentHeaderBytes)))
    return null;
  return {
    instance: uuidText(bytes.subarray(16, 32)),
    boot: uuidText(bytes.subarray(32, 48)),
    firstSequence: readSequence(bytes, 48),
    durable: readSequence(bytes, 56),
  };
};

/** The length of a frame as it stands before the checksum: what is summed lies on both sides of it. */
const lengthBytes = Buffer.alloc(4);

const frameCrc = (bytes: Buffer, offset: number, end: number): number => {
  lengthBytes.writeUInt32LE(end - offset - frameHeaderBytes);
  return crc32(bytes.subarray(offset + 8, end), crc32(lengthBytes));
};

/** Most bytes that a frame can take: a UTF-16 unit is at most three bytes of UTF-8. */
export const frameBytesMaxOf = (payload: string): number => frameHeaderBytes + 3 * payload.length;

/** Writes a frame into bytes that have room for it. @returns the offset behind it. */
export const writeFrame = (
  bytes: Buffer,
  offset: number,
  { sequence, durable, payload }: { readonly sequence: number; readonly durable: number; readonly payload: string },
): number => {
  const payloadBytes = bytes.write(payload, offset + frameHeaderBytes);
  const end = offset + frameHeaderBytes + payloadBytes;
  bytes.writeUInt32LE(payloadBytes, offset);
  writeSequence(bytes, sequence, offset + 8);
  writeSequence(bytes, durable, offset + 16);
  bytes.writeUInt32LE(frameCrc(bytes, offset, end), offset + 4);
  return end;
};

export const encodeFrame = (sequence: number, durable: number, payload: string): Buffer => {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + Buffer.byteLength(payload));
  writeFrame(bytes, 0, { sequence, durable, payload });
  return bytes;
};

/** Reads the frame at `offset`. @param sequence the only one that may stand there. */
export const readFrame = (bytes: Buffer, offset: number, sequence: number): FrameReading => {
  if (bytes.length - offset < frameHeaderBytes) return { kind: 'short', needs: frameHeaderBytes };
  const payloadBytes = bytes.readUInt32LE(offset);
  if (payloadBytes < 2 || payloadBytes > payloadBytesMax || readSequence(bytes, offset + 8) !== sequence) {
    return { kind: 'bad' };
  }
  const end = offset + frameHeaderBytes + payloadBytes;
  if (end > bytes.length) return { kind: 'short', needs: end - offset };
  if (bytes.readUInt32LE(offset + 4) !== frameCrc(bytes, offset, end)) return { kind: 'bad' };
  const payload = bytes.subarray(offset + frameHeaderBytes, end);
  return { kind: 'frame', frame: { sequence, durable: readSequence(bytes, offset + 16), payload, end } };
};

/** Looks for the next whole frame at or after `from`, whose sequence is at least `sequence`: the proof that a broken place is no tail. */
export const findFrame = (bytes: Buffer, from: number, sequence: number): Frame | null => {
  const last = bytes.length - frameHeaderBytes;
  for (let offset = from; offset <= last; offset++) {
    const found = readSequence(bytes, offset + 8);
    if (found < sequence || found > sequence + bytes.length) continue;
    const reading = readFrame(bytes, offset, found);
    if (reading.kind === 'frame') return reading.frame;
  }
  return null;
};
