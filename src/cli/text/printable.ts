// Control characters, ends of lines of every kind, and what turns the direction of writing: a terminal would obey them instead of showing them.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const escaped = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
};

/** Text as one line that a terminal shows and does not obey: "\x1b[2J" instead of a cleared screen. */
export const printableLine = (text: string): string => text.replaceAll(unprintable, escaped);

/** The same for text that may have several lines. */
export const printableLines = (text: string): string => text.split('\n').map(printableLine).join('\n');

/** An answer of the API whose texts, wherever they stand in it, are each one such line. */
export const printable = (value: unknown): unknown => {
  if (typeof value === 'string') return printableLine(value);
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [printableLine(name), printable(inner)]));
};
