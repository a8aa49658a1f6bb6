const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

/** How many bytes a text takes in UTF-8. */
export const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Decodes bytes `start` to `end`; bytes that are no UTF-8 become U+FFFD. A byte order mark is kept. */
export const utf8Text = (bytes: Uint8Array, start = 0, end: number = bytes.length): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
