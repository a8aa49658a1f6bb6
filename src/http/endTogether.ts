import type { ServerResponse } from 'node:http';

/** Up to here an answer goes out together with its head: a copy costs less than a second buffer in the system call. */
const joinedBytesMax = 16_384;

/** Node joins a head with a text, never with bytes; each byte is one character of this encoding. */
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Ends an answer of which at most the head was given, and nothing has left yet, with its whole body: a small one leaves in one piece with the head. */
export const endTogether = (response: ServerResponse, body: Uint8Array): void => {
  if (body.length > joinedBytesMax) response.end(body);
  else response.end(latin1(body), 'latin1');
};
