import { assert } from '../../kernel/index.ts';
import { checksum } from '../../../test/rigs/eventMessages.ts';

const readHeaders = (bytes: Buffer): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    assert(bytes.readUInt8(nameEnd) === 7, 'headers are texts');
    const valueEnd = nameEnd + 3 + bytes.readUInt16BE(nameEnd + 1);
    headers[bytes.toString('utf8', at + 1, nameEnd)] = bytes.toString('utf8', nameEnd + 3, valueEnd);
    at = valueEnd;
  }
  return headers;
};

/** For tests: each frame of a stream as its own bytes. @throws Error where a checksum is wrong or the last frame is not whole */
export const splitFrames = (stream: Buffer): readonly Buffer[] => {
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const length = stream.readUInt32BE(at);
    const frame = stream.subarray(at, at + length);
    if (length < 16 || frame.length < length) throw new Error('the checksum of a frame is not there');
    if (checksum(frame.subarray(0, 8)) !== frame.readUInt32BE(8)) throw new Error('the checksum of a prelude is wrong');
    if (checksum(frame.subarray(0, -4)) !== frame.readUInt32BE(length - 4)) throw new Error('a checksum is wrong');
    frames.push(frame);
    at += length;
  }
  return frames;
};

/** For tests: the frames of a stream, read apart from what writes them. @throws Error like `splitFrames` */
export const framesIn = (stream: Buffer) =>
  splitFrames(stream).map((frame) => {
    const headersEnd = 12 + frame.readUInt32BE(4);
    return {
      headers: readHeaders(frame.subarray(12, headersEnd)),
      payload: JSON.parse(frame.toString('utf8', headersEnd, frame.length - 4)),
    };
  });
