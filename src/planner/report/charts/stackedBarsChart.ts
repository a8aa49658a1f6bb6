import type { AxisWriter } from '../Figures.ts';
import { html, type Html } from '../html.ts';
import { chartWidth, drawing } from './figure.ts';
import { extentOf, fitting, linearScale, niceTicks, textWidth } from './scale.ts';

export interface BarSeries {
  readonly name: string;
  readonly values: readonly number[];
  /** Class of the palette. */
  readonly colour: string;
}

export interface StackedBarsParts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly categories: readonly string[];
  readonly series: readonly BarSeries[];
  readonly write: (value: number) => string;
  readonly axis: AxisWriter;
}

const height = 320;
const top = 26;
const bottom = height - 28;
const barWidthMax = 84;
/** Between two parts of a bar. */
const seam = 2;

/** Columns of parts, the total above each. */
export const stackedBarsChart = ({
  id,
  title,
  description,
  categories,
  series,
  write,
  axis,
}: StackedBarsParts): Html => {
  const totals = categories.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const ticks = niceTicks(0, Math.max(...totals, 0));
  const writeTick = axis(ticks);
  const left = Math.max(...ticks.map((tick) => textWidth(writeTick(tick)))) + 10;
  const y = linearScale(extentOf(ticks), [bottom, top]);
  const band = (chartWidth - left) / categories.length;
  const width = Math.min(barWidthMax, band * 0.62);
  const line = (tick: number): Html =>
    html`<line
        class="${tick === 0 ? 'axis' : 'grid'}"
        x1="${left}"
        x2="${chartWidth}"
        y1="${y(tick)}"
        y2="${y(tick)}"
      />
      <text class="tick" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${writeTick(tick)}</text>`;
  const column = (category: string, at: number): Html => {
    const middle = left + band * (at + 0.5);
    let below = 0;
    const parts = series.map(({ name, values, colour }) => {
      const value = values[at] ?? 0;
      const from = y(below) - (below > 0 ? seam : 0);
      below += value;
      const tall = from - y(below);
      if (tall < 0.5) return null;
      return html`<rect class="${colour}" x="${middle - width / 2}" y="${y(below)}" width="${width}" height="${tall}">
        <title>${category}, ${name}: ${write(value)}</title>
      </rect>`;
    });
    const total = write(totals[at] ?? 0);
    return html`<g
      >${parts}
      <text class="total" x="${middle}" y="${y(below) - 7}" text-anchor="middle">${fitting(total, band, 'bold')}</text>
      <text class="tick" x="${middle}" y="${bottom + 18}" text-anchor="middle">${fitting(category, band)}</text>
    </g>`;
  };
  return drawing(id, height, { title, description }, [ticks.map(line), categories.map(column)]);
};
