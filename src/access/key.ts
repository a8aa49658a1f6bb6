import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { RandomBytes } from '../kernel/index.ts';

/** What each key begins with, so that scanners of repositories and logs know one when they see it. */
export const keyPrefix = 'sk-archipel-';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomByteCount = 32;
/** 62^43 > 2^256: all 32 bytes fit. */
const bodyCharacters = 43;
/** 62^6 > 2^32: a CRC-32 fits. */
const checksumCharacters = 6;

const base62 = (value: bigint, characters: number): string => {
  let rest = value;
  let text = '';
  for (let index = 0; index < characters; index++) {
    text = (alphabet[Number(rest % 62n)] ?? '') + text;
    rest /= 62n;
  }
  return text;
};

const checksum = (text: string): string => base62(BigInt(crc32(text)), checksumCharacters);

/** Makes a key: prefix, 256 random bits in base 62, and a checksum that tells a mistyped key from an unknown one. */
export const makeKey = (randomBytes: RandomBytes): string => {
  const bytes = new Uint8Array(randomByteCount);
  randomBytes(bytes);
  let value = 0n;
  for (const byte of bytes) value = value * 256n + BigInt(byte);
  const unsigned = keyPrefix + base62(value, bodyCharacters);
  return unsigned + checksum(unsigned);
};

const keyPattern = new RegExp(`^${keyPrefix}[0-9A-Za-z]{${bodyCharacters + checksumCharacters}}$`);

/** Whether a text is a key of ours by its form and checksum. Says nothing about whether it was ever issued. */
export const isWellFormedKey = (text: string): boolean => {
  if (!keyPattern.test(text)) return false;
  const cut = text.length - checksumCharacters;
  return checksum(text.slice(0, cut)) === text.slice(cut);
};

/** SHA-256 of a key in lower-case hexadecimal: all that is ever kept of it. */
export const hashKey = (key: string): string => hash('sha256', key, 'hex');
