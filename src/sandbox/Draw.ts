import { createHash } from 'node:crypto';

/** A repeatable source of chance: the same seed gives the same draws, on every machine. */
export interface Draw {
  /** A number in [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  below(below: number): number;
  /** One of the things. */
  pick<Thing>(things: readonly [Thing, ...Thing[]]): Thing;
}

/** Draws by sfc32, seeded from the SHA-256 of the parts. */
export const drawFrom = (...seed: readonly (string | number | Uint8Array)[]): Draw => {
  const hash = createHash('sha256');
  for (const part of seed) hash.update(typeof part === 'number' ? String(part) : part).update('\0');
  const digest = hash.digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: (things) => things[below(things.length)] ?? things[0] };
};

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The random part of an id, in the letters that vendors use. */
export const drawLetters = (draw: Draw, length: number): string =>
  Array.from({ length }, () => letters[draw.below(letters.length)]).join('');
