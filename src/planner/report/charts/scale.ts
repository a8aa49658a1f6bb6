/** Round figures along an axis, the first at most the least and the last at least the most. */
export const niceTicks = (least: number, most: number, count = 5): readonly number[] => {
  const span = most > least ? most - least : Math.abs(most) || 1;
  const rough = span / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 2.5, 5].find((factor) => factor * magnitude >= rough) ?? 10);
  const first = Math.floor(least / step + rounding);
  const last = Math.max(first + 1, Math.ceil(most / step - rounding));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
};

/** What is left where a figure should have been a whole number of steps. */
const rounding = 1e-9;

/** Where figures come to stand: from one pixel to another. */
export const linearScale = (
  [least, most]: readonly [number, number],
  [from, to]: readonly [number, number],
): ((value: number) => number) => {
  const span = most - least || 1;
  return (value) => from + ((value - least) / span) * (to - from);
};

/** First and last of a list of ticks. */
export const extentOf = (ticks: readonly number[]): readonly [number, number] => [ticks[0] ?? 0, ticks.at(-1) ?? 1];

/** Pixels of a letter of the charts' size, a little more than less in whatever font a machine has. */
const letterWidth = { plain: 7.3, bold: 8.3 } as const;

/** Pixels that a text of the charts' size takes. */
export const textWidth = (text: string, weight: keyof typeof letterWidth = 'plain'): number =>
  text.length * letterWidth[weight];

/** A text that fits into so many pixels. */
export const fitting = (text: string, width: number, weight: keyof typeof letterWidth = 'plain'): string =>
  textWidth(text, weight) <= width
    ? text
    : `${text.slice(0, Math.max(1, Math.floor(width / letterWidth[weight]) - 1))}…`;
