/**
 * Most objects, arrays and texts of one JSON text that is decoded. Each takes 60 to 230 bytes of memory once it is, however short it is written, so that
 * the size of a body bounds them too loosely: 32 MiB of `{}` are 16 million. Numbers and words are not counted: they take little more than their letters.
 */
export const valuesMax = 1_000_000;

/**
 * Whether a JSON text may hold more than is decoded. What stands in its texts is counted as well: arguments of calls are JSON in JSON, and are decoded in
 * their turn. A text of words or base64 has few such signs.
 */
export const hasTooManyValues = (text: string): boolean => {
  // Each takes two letters at least.
  if (text.length <= 2 * valuesMax) return false;
  const brackets = timesIn(text, '{') + timesIn(text, '[');
  return brackets + timesIn(text, '"') / 2 > valuesMax;
};

/** How often a letter stands in a text, up to twice the most that matters. */
const timesIn = (text: string, letter: string): number => {
  let times = 0;
  for (let at = text.indexOf(letter); at !== -1 && times <= 2 * valuesMax; at = text.indexOf(letter, at + 1))
    times += 1;
  return times;
};
