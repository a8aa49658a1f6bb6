/** Where a generated part of a file stands. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
}

/** A text with what stands between its markers replaced. @throws Error where the markers are missing or turned round. */
export const replaceBetween = (text: string, { begin, end }: Markers, part: string): string => {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} before a ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
};
