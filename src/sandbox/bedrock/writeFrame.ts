import { crc32 } from 'node:zlib';

/** Type 7 of a header's value: a text, behind its length. */
const textType = 7;

const uint = (value: number, bytes: 1 | 2 | 4): Buffer => {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, 0, bytes);
  return written;
};

const writeHeader = ([name, value]: readonly [name: string, value: string]): Buffer =>
  Buffer.concat([
    uint(Buffer.byteLength(name), 1),
    Buffer.from(name),
    uint(textType, 1),
    uint(Buffer.byteLength(value), 2),
    Buffer.from(value),
  ]);

/**
 * One message of `application/vnd.amazon.eventstream` (smithy.io/2.0/aws/amazon-eventstream.html): its length, the length of its headers and the checksum of both; headers,
 * payload, and the checksum of all before it.
 */
export const writeFrame = (headers: Readonly<Record<string, string>>, payload: string): Buffer => {
  const head = Buffer.concat(Object.entries(headers).map(writeHeader));
  const body = Buffer.from(payload);
  const lengths = Buffer.concat([uint(4 + 4 + 4 + head.length + body.length + 4, 4), uint(head.length, 4)]);
  const checked = Buffer.concat([lengths, uint(crc32(lengths), 4), head, body]);
  return Buffer.concat([checked, uint(crc32(checked), 4)]);
};

/** Headers in the order in which they were recorded. */
export const eventFrame = (type: string, payload: object): Buffer =>
  writeFrame(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );

/** What ends a stream that has begun. */
export const exceptionFrame = (type: string, payload: object): Buffer =>
  writeFrame(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify(payload),
  );
