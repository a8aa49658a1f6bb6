import { assert } from '../../kernel/index.ts';

// The header of POSIX ustar, as far as plain files need it: name, mode, size, time, checksum. Source: IEEE Std 1003.1, pax, "ustar Interchange Format".

/** Everything in a tar begins at a multiple of this. */
export const blockBytes = 512;

const nameBytesMax = 100;
/** Eleven octal digits. */
const sizeMax = 8 ** 11 - 1;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

const checksumOf = (block: Uint8Array): number => {
  let sum = 0;
  // The checksum's own place counts as blanks.
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 32 : byte;
  return sum;
};

/** The header of a plain file, readable by its owner alone. */
export const tarHeader = (name: string, bytes: number, modifiedSeconds: number): Buffer => {
  assert(
    /^[\w./-]+$/.test(name) && name.length <= nameBytesMax,
    `a file of an archive has a short, plain name: ${name}`,
  );
  assert(bytes <= sizeMax, `${name} is too large for an archive`);
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write(octal(0o600, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(bytes, 12), 124);
  block.write(octal(modifiedSeconds, 12), 136);
  block.write('0', 156);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148);
  return block;
};

/** What stands at a header's place: a file, the end, or null where it is neither. */
export type HeaderReading = { readonly name: string; readonly bytes: number } | 'end' | null;

const textAt = (block: Buffer, from: number, to: number): string => {
  const field = block.toString('latin1', from, to);
  const end = field.indexOf('\0');
  return (end < 0 ? field : field.slice(0, end)).trim();
};

/** Reads a header that `tarHeader` wrote. */
export const readTarHeader = (block: Buffer): HeaderReading => {
  if (block.every((byte) => byte === 0)) return 'end';
  const size = textAt(block, 124, 136);
  const isPlain = textAt(block, 257, 263) === 'ustar' && block.toString('latin1', 156, 157) === '0';
  if (!isPlain || !/^[0-7]{1,11}$/.test(size)) return null;
  if (textAt(block, 148, 156) !== checksumOf(block).toString(8).padStart(6, '0')) return null;
  return { name: textAt(block, 0, nameBytesMax), bytes: Number.parseInt(size, 8) };
};

/** Zeros that fill the last block of a file. */
export const paddingAfter = (bytes: number): Buffer => Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes);
