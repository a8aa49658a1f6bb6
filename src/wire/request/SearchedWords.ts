/** An ASCII letter or a sign next to them, written as an escape, as no encoder writes it. */
const escapedLetter = /\\u00[4-7]/;

/** What a wire looks for in bodies. Each goes from place to place (flag `g`). */
export interface SearchedWords {
  /** The words, and escapes behind which one could hide. Most bodies have none of either, and one run tells so. */
  readonly any: RegExp;
  readonly words: RegExp;
}

/** @param words Begins to match wherever a string begins that will be looked for. */
export const searchedWordsOf = (words: RegExp): SearchedWords => ({
  any: new RegExp(`${words.source}|${escapedLetter.source}`, 'g'),
  words: new RegExp(words.source, 'g'),
});

/** Whether letters are written as escapes from an offset on. */
export const hasEscapedLetter = (text: string, from: number): boolean => escapedLetter.test(text.slice(from));
