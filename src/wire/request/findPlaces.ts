/** Where words begin in a text, in order, up to a bound. */
export interface Places {
  readonly found: readonly number[];
  /** From here on they were not looked for; the text's length where all were found. */
  readonly restAt: number;
}

/**
 * Finds where words begin, also one inside another.
 * @param each Goes from word to word (flag `g`).
 * @param max Most places that are kept: a client chooses how many there are.
 */
export const findPlaces = (text: string, each: RegExp, max: number): Places => {
  const found: number[] = [];
  each.lastIndex = 0;
  for (let next = each.exec(text); next !== null; next = each.exec(text)) {
    if (found.length === max) return { found, restAt: next.index };
    found.push(next.index);
    // The next one may begin inside this one.
    each.lastIndex = next.index + 1;
  }
  return { found, restAt: text.length };
};
