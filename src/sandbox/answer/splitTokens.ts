// The vendors' tokeniser: its own rule, so that nobody's estimate can be right by sharing it.

const token = / ?[\p{L}\p{M}]{1,6}| ?\p{N}{1,3}| ?[^\s\p{L}\p{M}\p{N}]{1,2}|\s+/gu;

/** Cuts a text into tokens; joined they give the text back. A token is at least one character. */
export const splitTokens = (text: string): readonly string[] => text.match(token) ?? [];

/** How many tokens a text has. */
export const countTokens = (text: string): number => {
  token.lastIndex = 0;
  let count = 0;
  while (token.exec(text) !== null) count++;
  return count;
};
