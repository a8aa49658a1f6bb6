import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

// Read by the description of the format alone: what judges the spool shares no code with it.

/** A record, as far as its judges look at it. */
export interface KeptRecord {
  readonly type: 'intent' | 'final' | 'request';
  readonly requestId: string;
  readonly attemptId?: string;
  readonly attemptIds?: readonly string[];
  readonly outcome?: { readonly kind: string };
}

const headerBytes = 64;
const frameBytes = 24;

interface Numbered {
  readonly sequence: number;
  readonly record: KeptRecord;
}

const framesOf = (path: string): readonly Numbered[] => {
  const bytes = readFileSync(path);
  const frames: Numbered[] = [];
  for (let at = headerBytes; at + frameBytes <= bytes.length;) {
    const end = at + frameBytes + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const length = bytes.subarray(at, at + 4);
    if (crc32(bytes.subarray(at + 8, end), crc32(length)) !== bytes.readUInt32LE(at + 4)) break;
    frames.push({
      sequence: Number(bytes.readBigUInt64LE(at + 8)),
      record: JSON.parse(bytes.toString('utf8', at + frameBytes, end)),
    });
    at = end;
  }
  return frames;
};

/** All records of a spool folder in their order; of what was written again the later one. */
export const readSpoolFolder = (folder: string): readonly KeptRecord[] => {
  const records = new Map<number, KeptRecord>();
  const names = readdirSync(folder).filter((name) => name.endsWith('.spool'));
  for (const name of names.toSorted()) {
    const frames = framesOf(join(folder, name));
    const first = frames[0]?.sequence ?? Infinity;
    for (const sequence of records.keys()) if (sequence >= first) records.delete(sequence);
    for (const { sequence, record } of frames) records.set(sequence, record);
  }
  return [...records.values()];
};
