// Messages of an event stream as Amazon's services frame them. Written apart from the reader, checksum and all, so that neither proves its own mistakes.

/** CRC-32 (ISO 3309), bit by bit. */
export const checksum = (bytes: Uint8Array): number => {
  let rest = 0xffffffff;
  for (const byte of bytes) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
  }
  return ~rest >>> 0;
};

/** A header with a text, or with bytes of a type as they stand: its type and what follows. */
export type HeaderValue = string | readonly [type: number, ...bytes: number[]];

const uint = (value: number, bytes: number): Buffer => {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, 0, bytes);
  return written;
};

const headerBytes = (name: string, value: HeaderValue): Buffer => {
  const head = [uint(Buffer.byteLength(name), 1), Buffer.from(name)];
  return typeof value === 'string'
    ? Buffer.concat([...head, uint(7, 1), uint(Buffer.byteLength(value), 2), Buffer.from(value)])
    : Buffer.concat([...head, Buffer.from(value)]);
};

/** One message with any headers. */
export const message = (headers: Readonly<Record<string, HeaderValue>>, payload: string | Uint8Array): Buffer => {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => headerBytes(name, value)));
  const body = Buffer.from(payload);
  const lengths = Buffer.concat([uint(16 + head.length + body.length, 4), uint(head.length, 4)]);
  const checked = Buffer.concat([lengths, uint(checksum(lengths), 4), head, body]);
  return Buffer.concat([checked, uint(checksum(checked), 4)]);
};

export const eventMessage = (type: string, payload: unknown): Buffer =>
  message(
    { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  );

export const exceptionMessage = (type: string, payload: unknown): Buffer =>
  message(
    { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' },
    JSON.stringify(payload),
  );

/** What a service says that cannot even say which exception it is. */
export const errorMessage = (code: string, words: string): Buffer =>
  message({ ':message-type': 'error', ':error-code': code, ':error-message': words }, '');
