import { hash } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What a made id is made of. */
export type Seed = readonly (string | number)[];

/** Most letters that one number holds exactly. */
const lettersInNumber = 8;
const numbers = 62n ** BigInt(lettersInNumber);

/** So many letters and digits, made of a seed: always the same of the same, and of others others (about 6 bits each, 43 at most). */
export const lettersOf = (seed: Seed, length: number): string => {
  let rest = BigInt(`0x${hash('sha256', JSON.stringify(seed), 'hex')}`);
  let number = 0;
  let letters = '';
  for (let digit = 0; digit < length; digit++) {
    // Numbers of so many digits are slow to divide: it is done once for several letters.
    if (digit % lettersInNumber === 0) {
      number = Number(rest % numbers);
      rest /= numbers;
    }
    letters += alphabet[number % 62];
    number = Math.floor(number / 62);
  }
  return letters;
};
