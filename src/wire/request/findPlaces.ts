import { hasEscapedLetter, type SearchedWords } from './SearchedWords.ts';

/** Where words begin in a text, in order, up to a bound. */
export interface Places {
  readonly found: readonly number[];
  /** From here on they were not looked for; the text's length where all were found. */
  readonly restAt: number;
  /** Whether the text writes letters as escapes anywhere. */
  readonly hidesNames: boolean;
}

const backslash = 0x5c;

/**
 * Finds where words begin, also one inside another, and whether one could hide, in one run.
 * @param max Most places that are kept: a client chooses how many there are.
 */
export const findPlaces = (text: string, { any, words }: SearchedWords, max: number): Places => {
  const found: number[] = [];
  let hidesNames = false;
  let sought = any;
  sought.lastIndex = 0;
  for (let next = sought.exec(text); next !== null; next = sought.exec(text)) {
    const { index } = next;
    if (text.charCodeAt(index) === backslash) {
      // One is enough: whoever writes all letters so is not followed from one to the next.
      hidesNames = true;
      sought = words;
    } else {
      if (found.length === max)
        return { found, restAt: index, hidesNames: hidesNames || hasEscapedLetter(text, index) };
      found.push(index);
    }
    // The next one may begin inside this one.
    sought.lastIndex = index + 1;
  }
  return { found, restAt: text.length, hidesNames };
};
