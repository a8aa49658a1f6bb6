import type { AxisWriter } from '../Figures.ts';
import { html, type Html } from '../html.ts';
import { chartWidth, drawing } from './figure.ts';
import { extentOf, linearScale, niceTicks, textWidth } from './scale.ts';

export interface FrontierChartPoint {
  readonly level: number;
  /** Cost of the best plan found. */
  readonly cost: number;
  /** What is proven from below; null where nothing is. */
  readonly bound: number | null;
}

export interface FrontierChartParts {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly points: readonly FrontierChartPoint[];
  /** Level that is marked as the policy's own. */
  readonly current: number;
  readonly currentLabel: string;
  readonly writeLevel: (level: number) => string;
  readonly writeCost: (cost: number) => string;
  readonly axis: AxisWriter;
}

const height = 280;
const top = 30;
const bottom = height - 28;
const sameLevel = 1e-9;

/** What a policy costs at each strictness: the best plan found, and below it the band that the bounds leave. */
export const frontierChart = (parts: FrontierChartParts): Html => {
  const { id, title, description, points, current, writeLevel, writeCost, axis } = parts;
  const levels = points.map(({ level }) => level);
  const costs = points.flatMap(({ cost, bound }) => (bound === null ? [cost] : [cost, bound]));
  const ticks = niceTicks(Math.min(...costs), Math.max(...costs));
  const writeTick = axis(ticks);
  const left = Math.max(...ticks.map((tick) => textWidth(writeTick(tick)))) + 10;
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  const x = linearScale([least, most], [left + 30, chartWidth - 40]);
  const y = linearScale(extentOf(ticks), [bottom, top]);
  const line = (tick: number): Html =>
    html`<line class="grid" x1="${left}" x2="${chartWidth}" y1="${y(tick)}" y2="${y(tick)}" />
      <text class="tick" x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${writeTick(tick)}</text>`;
  const at = (level: number, cost: number): string => `${x(level).toFixed(1)},${y(cost).toFixed(1)}`;
  const bounded = points.filter(({ bound }) => bound !== null);
  const band = [
    ...bounded.map(({ level, cost }) => at(level, cost)),
    ...bounded.toReversed().map(({ level, bound }) => at(level, bound ?? 0)),
  ];
  // The label of the policy's own point stands where its line is not.
  const isRising = (points.at(-1)?.cost ?? 0) > (points[0]?.cost ?? 0);
  const labelWidth = textWidth(parts.currentLabel) + 8;
  const isLeft = x(current) + labelWidth > chartWidth || (isRising && x(current) - labelWidth > left);
  const [aside, anchor] = isLeft ? [-8, 'end'] : [8, 'start'];
  const point = ({ level, cost }: FrontierChartPoint): Html => {
    const isCurrent = Math.abs(level - current) < sameLevel;
    return html`<circle
        class="${isCurrent ? 'point current' : 'point'}"
        cx="${x(level)}"
        cy="${y(cost)}"
        r="${isCurrent ? 6 : 4.5}"
      >
        <title>${writeLevel(level)}: ${writeCost(cost)}</title>
      </circle>
      <text class="tick" x="${x(level)}" y="${bottom + 18}" text-anchor="middle">${writeLevel(level)}</text>
      ${isCurrent ? html`<text class="label" x="${x(level) + aside}" y="${y(cost) - 10}" text-anchor="${anchor}">${parts.currentLabel}</text>` : null}`;
  };
  return drawing(id, height, { title, description }, [
    ticks.map(line),
    band.length > 2 ? html`<polygon class="band" points="${band.join(' ')}" />` : null,
    html`<polyline class="course" points="${points.map(({ level, cost }) => at(level, cost)).join(' ')}" />`,
    points.map(point),
  ]);
};
