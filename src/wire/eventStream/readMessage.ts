import { crc32 } from 'node:zlib';
import { failure, success, type Result } from '../../kernel/index.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import { utf8Text } from '../utf8.ts';

/** Length of the message, length of its headers, and the checksum of both. */
export const preludeBytes = 12;

const checksumBytes = 4;

/** The least that a message can be: no headers and no payload. */
const messageBytesMin = preludeBytes + checksumBytes;

/** Bytes of a value by the type of its header; types 6 and 7 say their length themselves. */
const valueBytes: readonly (number | null)[] = [0, 0, 1, 2, 4, 8, null, null, 8, 16];

const textType = 7;

const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

const uint16At = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** The length of the message that these bytes begin with, by its prelude alone, so that a broken one is never waited for; while that is not whole, its own. */
export const messageLength = (bytes: Uint8Array): Result<number, string> => {
  if (bytes.length < preludeBytes) return success(preludeBytes);
  const length = uint32At(bytes, 0);
  if (crc32(bytes.subarray(0, 8)) !== uint32At(bytes, 8)) return failure('the checksum of a prelude is wrong');
  if (length < messageBytesMin || uint32At(bytes, 4) > length - messageBytesMin)
    return failure('the lengths of a message do not add up');
  return success(length);
};

/** Stands before the name of what ends a stream: no type of an event has such a letter. */
export const exceptionMark = '!';

/** Reads a whole message whose prelude was found right. */
export const readMessage = (raw: Uint8Array): Result<SseEvent, string> => {
  const end = raw.length - checksumBytes;
  if (crc32(raw.subarray(0, end)) !== uint32At(raw, end)) return failure('the checksum of a message is wrong');
  const headersEnd = preludeBytes + uint32At(raw, 4);
  const headers = readHeaders(raw, headersEnd);
  if (headers === null) return failure('the headers of a message cannot be read');
  const payload = utf8Text(raw, headersEnd, end);
  return success({ ...said(headers, payload), raw });
};

/** Headers that are texts; null where they do not fill their place. */
const readHeaders = (raw: Uint8Array, end: number): ReadonlyMap<string, string> | null => {
  const headers = new Map<string, string>();
  let at = preludeBytes;
  while (at < end) {
    const nameEnd = at + 1 + (raw[at] ?? 0);
    const type = raw[nameEnd] ?? Infinity;
    const size = valueBytes[type];
    const valueStart = nameEnd + (size === null ? 3 : 1);
    const valueEnd = valueStart + (size ?? uint16At(raw, nameEnd + 1));
    if (size === undefined || valueEnd > end) return null;
    if (type === textType) headers.set(utf8Text(raw, at + 1, nameEnd), utf8Text(raw, valueStart, valueEnd));
    at = valueEnd;
  }
  return at === end ? headers : null;
};

/** An event by its name; what ends the stream by a name that no event can have, with the vendor's words. */
const said = (headers: ReadonlyMap<string, string>, payload: string): Omit<SseEvent, 'raw'> => {
  switch (headers.get(':message-type')) {
    case 'exception':
      return { event: `${exceptionMark}${headers.get(':exception-type') ?? ''}`, data: payload };
    case 'error': {
      const message = headers.get(':error-message') ?? '';
      return { event: `${exceptionMark}${headers.get(':error-code') ?? ''}`, data: JSON.stringify({ message }) };
    }
    case undefined:
    default:
      return { event: headers.get(':event-type') ?? null, data: payload };
  }
};
