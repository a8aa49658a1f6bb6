/** The UTF-8 bytes of a text. Most are short: those share memory, which an encoder of the platform would open for each. */
export const utf8Bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** Shorter texts are looked at letter by letter: to ask the platform takes longer. */
const shortLength = 32;

/** How many bytes a text takes in UTF-8. */
export const utf8Length = (text: string): number =>
  text.length < shortLength && isAscii(text) ? text.length : Buffer.byteLength(text, 'utf8');

const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
};

/** Decodes bytes `start` to `end`; bytes that are no UTF-8 become U+FFFD. A byte order mark is kept. */
export const utf8Text = (bytes: Uint8Array, start = 0, end: number = bytes.length): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).toString(
    'utf8',
    start,
    end,
  );
