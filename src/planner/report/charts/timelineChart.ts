import { html, type Html } from '../html.ts';
import { chartWidth, drawing } from './figure.ts';
import { fitting, linearScale, textWidth } from './scale.ts';

/** Something that is in force from one month of the horizon to another. */
export interface TimelineRow {
  readonly label: string;
  readonly text: string;
  readonly fromMonth: number;
  readonly untilMonth: number;
  /** Class of the palette. */
  readonly colour: string;
  /** Whether its label stands out. */
  readonly isBold: boolean;
}

export interface TimelineParts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly months: number;
  /** Borders of periods. */
  readonly ticks: readonly { readonly month: number; readonly label: string }[];
  readonly rows: readonly TimelineRow[];
}

const rowHeight = 34;
const barHeight = 20;
const top = 28;
const labelsMax = 290;
const gap = 12;
/** So that what lasts a day can still be seen. */
const barWidthMin = 3;

/** What is signed when, as bars over the months of the horizon. */
export const timelineChart = ({ id, title, description, months, ticks, rows }: TimelineParts): Html => {
  const left =
    Math.min(labelsMax, Math.max(...rows.map(({ label, isBold }) => textWidth(label, isBold ? 'bold' : 'plain')), 60)) +
    gap;
  const height = top + rows.length * rowHeight + 4;
  const x = linearScale([0, months], [left, chartWidth - 2]);
  const within = (month: number): number => x(Math.min(months, Math.max(0, month)));
  const period = ({ month, label }: TimelineParts['ticks'][number], index: number): Html => {
    const until = ticks[index + 1]?.month ?? months;
    const width = x(until) - x(month);
    return html`<line class="grid" x1="${x(month)}" x2="${x(month)}" y1="${top - 6}" y2="${height}" />
      <text class="tick" x="${x(month) + 5}" y="${top - 12}">${fitting(label, width)}</text>`;
  };
  const row = ({ label, text, fromMonth, untilMonth, colour, isBold }: TimelineRow, index: number): Html => {
    const y = top + index * rowHeight + (rowHeight - barHeight) / 2;
    const from = within(fromMonth);
    const width = Math.max(barWidthMin, within(untilMonth) - from - 2);
    const baseline = y + barHeight / 2 + 4;
    const fitsInside = textWidth(text, 'bold') + 12 <= width;
    const fitsRight = from + width + 6 + textWidth(text) <= chartWidth;
    const [at, anchor] = fitsInside ? [from + 8, 'start'] : fitsRight ? [from + width + 6, 'start'] : [from - 6, 'end'];
    return html`<g>
      <title>${label}: ${text}</title>
      <text class="${isBold ? 'due' : 'label'}" x="0" y="${baseline}"
        >${fitting(label, left - gap, isBold ? 'bold' : 'plain')}</text
      >
      <rect class="${colour}" x="${from}" y="${y}" width="${width}" height="${barHeight}" rx="3" />
      <text class="${fitsInside ? 'inside' : 'label'} ${colour}-ink" x="${at}" y="${baseline}" text-anchor="${anchor}"
        >${text}</text
      >
    </g>`;
  };
  return drawing(id, height, { title, description }, [ticks.map(period), rows.map(row)]);
};
