/** Lines with their ends, so that what is not changed stays byte for byte. */
export type Lines = readonly string[];

const lineEnd = /\r?\n$/;

const endOf = (line: string | undefined): string => lineEnd.exec(line ?? '')?.[0] ?? '';

/** Text as lines: how single ones are put in, changed and taken away, such that taking away leads back to what was before putting in. */
export const textLines = {
  of: (text: string): Lines => text.match(/[^\n]*\n|[^\n]+$/g) ?? [],

  /** How the lines of a text end: as its first one does. */
  endIn: (text: string): string => /\r?\n/.exec(text)?.[0] ?? '\n',

  withoutEnd: (text: string): string => text.replace(lineEnd, ''),

  /** @param added Without ends. Behind a last line that has no end, the last one added has none either. */
  inserted: (lines: Lines, at: number, added: readonly string[], end: string): string => {
    const last = lines.at(-1) ?? '';
    if (at > 0 && at === lines.length && endOf(last) === '') {
      // A lone carriage return would be taken for half of the line's end, and go with it.
      return [lines.join(''), ...added].join(last.endsWith('\r') ? '\r\n' : end);
    }
    return [...lines.slice(0, at), ...added.map((line) => line + end), ...lines.slice(at)].join('');
  },

  /** Others in the place of some, which end as those did. */
  replaced: (lines: Lines, from: number, until: number, text: string): string =>
    [...lines.slice(0, from), text, endOf(lines[until - 1]), ...lines.slice(until)].join(''),

  removed: (lines: Lines, from: number, until: number): string => {
    const before = lines.slice(0, from).join('');
    const wasLast = until === lines.length && endOf(lines[until - 1]) === '';
    return wasLast ? textLines.withoutEnd(before) : [before, ...lines.slice(until)].join('');
  },
};
