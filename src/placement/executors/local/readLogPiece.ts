import type { LogPiece } from '../Executor.ts';
import { openPlainFile } from './openPlainFile.ts';

/** Bytes at the end that begin a character and do not end it. */
const unfinishedBytes = (bytes: Uint8Array): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < length ? back : 0;
    }
  }
  return 0;
};

/**
 * A piece of a log that may still grow, cut between characters.
 * @param hasEnded Whether nothing is written any more. To be known before the file is read.
 * @returns null where there is no such plain file: the job may have put something else there.
 */
export const readLogPiece = async (
  path: string,
  fromByte: number,
  bytesMax: number,
  hasEnded: boolean,
): Promise<LogPiece | null> => {
  const opened = await openPlainFile(path);
  if (opened === null) return null;
  const { file, stat } = opened;
  try {
    const { size } = stat;
    const length = Math.max(0, Math.min(size - fromByte, bytesMax));
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, fromByte);
    const isLast = hasEnded && fromByte + bytesRead >= size;
    const bytes = buffer.subarray(0, bytesRead);
    const whole = isLast ? bytes : bytes.subarray(0, bytes.length - unfinishedBytes(bytes));
    return { text: whole.toString('utf8'), nextByte: fromByte + whole.length, ended: isLast };
  } finally {
    await file.close();
  }
};
