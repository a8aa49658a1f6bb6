/** An ASCII letter or a sign next to them, written as an escape, as no encoder writes it. */
export const escapedLetter = /\\u00[4-7]/;

/** What a wire looks for in bodies. */
export interface SearchedWords {
  /** Matches where a body has one of the words, or hides one behind escapes. Most bodies have none, and one run tells so. */
  readonly any: RegExp;
  /** Goes from word to word. */
  readonly each: RegExp;
}

/** @param words Begins to match wherever a string begins that will be looked for. */
export const searchedWordsOf = (words: RegExp): SearchedWords => ({
  any: new RegExp(`${words.source}|${escapedLetter.source}`),
  each: new RegExp(words.source, 'g'),
});
