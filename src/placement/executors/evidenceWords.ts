import { placementLimits } from '../limits.ts';

/** Stands where the middle of a long text was left out. */
const gap = ' … ';
const half = (placementLimits.evidenceCharacters - gap.length) / 2;

/** What a long text begins and ends with: the reason for a fault often comes last. */
const shortened = (text: string): string =>
  text.length <= placementLimits.evidenceCharacters
    ? text
    : `${text.slice(0, Math.ceil(half))}${gap}${text.slice(-Math.floor(half))}`;

/**
 * Words that a job or a vendor may have chosen, as they may be kept and shown: on one line of a screen that they cannot steer, and bounded.
 * @returns at most `placementLimits.evidenceCharacters` characters, with U+FFFD for each control character, line break and half character.
 */
export const evidenceWords = (text: string): string =>
  shortened(text)
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\ufffd')
    .toWellFormed();
