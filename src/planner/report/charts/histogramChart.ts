import type { AxisWriter } from '../Figures.ts';
import { html, type Html } from '../html.ts';
import { chartWidth, drawing } from './figure.ts';
import { extentOf, linearScale, niceTicks, textWidth } from './scale.ts';

/** A figure to be found in a distribution: the mean, the tail. */
export interface DistributionMark {
  readonly label: string;
  readonly value: number;
}

export interface HistogramParts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Ascending. */
  readonly values: readonly number[];
  readonly marks: readonly DistributionMark[];
  /** From here on values belong to the tail, and are drawn so. */
  readonly tailFrom: number;
  readonly write: (value: number) => string;
  readonly axis: AxisWriter;
}

const height = 300;
const bottom = height - 28;
const binCount = 48;
/** Share of values that is drawn: a few far out would leave no room for the rest. */
const drawnShare = 0.995;
const markHeight = 17;

/** The value below which this share of an ascending list lies. */
export const quantileOf = (ascending: readonly number[], share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? 0;

/** How often values fall where, and where their mean and tail are. */
export const histogramChart = ({
  id,
  title,
  description,
  values,
  marks,
  tailFrom,
  write,
  axis,
}: HistogramParts): Html => {
  const drawnMost = Math.max(quantileOf(values, drawnShare), ...marks.map(({ value }) => value));
  const ticks = niceTicks(values[0] ?? 0, drawnMost, 6);
  const writeTick = axis(ticks);
  const [least, most] = extentOf(ticks);
  const x = linearScale([least, most], [10, chartWidth - 10]);
  const counts = Array.from({ length: binCount }, () => 0);
  for (const value of values) {
    if (value > most) continue;
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor(((value - least) / (most - least)) * binCount)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const top = 12 + marks.length * markHeight;
  const y = linearScale([0, Math.max(...counts, 1)], [bottom, top]);
  const edge = (bin: number): number => least + ((most - least) * bin) / binCount;
  const bar = (count: number, bin: number): Html | null =>
    count === 0
      ? null
      : html`<rect
          class="${edge(bin) >= tailFrom ? 'tail' : 'body'}"
          x="${x(edge(bin)) + 0.75}"
          y="${y(count)}"
          width="${x(edge(1)) - x(least) - 1.5}"
          height="${bottom - y(count)}"
        >
          <title>${write(edge(bin))} – ${write(edge(bin + 1))}: ${count}</title>
        </rect>`;
  const mark = ({ label, value }: DistributionMark, index: number): Html => {
    const at = x(value);
    const baseline = 14 + index * markHeight;
    const isLeft = at + 8 + textWidth(label) > chartWidth;
    return html`<line class="mark" x1="${at}" x2="${at}" y1="${baseline - 8}" y2="${bottom}" />
      <text class="label" x="${isLeft ? at - 6 : at + 6}" y="${baseline}" text-anchor="${isLeft ? 'end' : 'start'}"
        >${label}</text
      >`;
  };
  const tick = (value: number): Html =>
    html`<text
      class="tick"
      x="${x(value)}"
      y="${bottom + 18}"
      text-anchor="${value === least ? 'start' : value === most ? 'end' : 'middle'}"
      >${writeTick(value)}</text
    >`;
  return drawing(id, height, { title, description }, [
    counts.map(bar),
    html`<line class="axis" x1="0" x2="${chartWidth}" y1="${bottom}" y2="${bottom}" />`,
    ticks.map(tick),
    marks.map(mark),
  ]);
};
