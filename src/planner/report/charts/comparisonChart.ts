import { html, type Html } from '../html.ts';
import { chartWidth, drawing } from './figure.ts';
import { fitting, linearScale, textWidth } from './scale.ts';

export interface ComparisonBar {
  readonly label: string;
  readonly value: number;
  /** Beside the bar. */
  readonly text: string;
  readonly isOwn: boolean;
}

export interface ComparisonParts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly bars: readonly ComparisonBar[];
}

const rowHeight = 32;
const barHeight = 18;
const gap = 12;

/** Bars beside each other that begin at nothing, ours in a colour. */
export const comparisonChart = ({ id, title, description, bars }: ComparisonParts): Html => {
  const left = Math.min(240, Math.max(...bars.map(({ label }) => textWidth(label)))) + gap;
  const right = Math.max(...bars.map(({ text }) => textWidth(text))) + 8;
  const most = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const x = linearScale([0, most], [left, Math.max(left + 40, chartWidth - right)]);
  const row = ({ label, value, text, isOwn }: ComparisonBar, index: number): Html => {
    const y = index * rowHeight + (rowHeight - barHeight) / 2;
    const width = Math.max(1, x(value) - left);
    return html`<text class="label" x="0" y="${y + 13}">${fitting(label, left - gap)}</text>
      <rect class="${isOwn ? 'own' : 'other'}" x="${left}" y="${y}" width="${width}" height="${barHeight}" rx="3"
        ><title>${label}: ${text}</title></rect
      >
      <text class="label" x="${left + width + 6}" y="${y + 13}">${text}</text>`;
  };
  const height = bars.length * rowHeight + 4;
  return drawing(id, height, { title, description }, [
    bars.map(row),
    html`<line class="axis" x1="${left}" x2="${left}" y1="0" y2="${height}" />`,
  ]);
};
