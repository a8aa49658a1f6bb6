import { createHash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What a made id is made of. */
export type Seed = readonly (string | number)[];

/** So many letters and digits, made of a seed: always the same of the same, and of others others (about 6 bits each, 43 at most). */
export const lettersOf = (seed: Seed, length: number): string => {
  let rest = BigInt(`0x${createHash('sha256').update(JSON.stringify(seed)).digest('hex')}`);
  let letters = '';
  for (let digit = 0; digit < length; digit++) {
    letters += alphabet[Number(rest % 62n)];
    rest /= 62n;
  }
  return letters;
};
