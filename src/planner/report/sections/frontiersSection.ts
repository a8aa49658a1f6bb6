import { moneyAxis, moneyWriter, percentText } from '../amounts.ts';
import { figure, tableOf } from '../charts/figure.ts';
import { frontierChart } from '../charts/frontierChart.ts';
import { html, type Html } from '../html.ts';
import type { FrontierJson, PlanDocument } from '../PlanDocument.ts';
import { shadowPriceSentence, words } from '../words.ts';
import type { Section } from './Section.ts';

const { frontiers: said } = words;

/** Fewest points that make a line. */
const pointsMin = 2;

const frontierFigure = (plan: PlanDocument, { along, current, points }: FrontierJson): Html => {
  const money = moneyWriter(plan.currency);
  const title = along === 'cap' ? said.cap : said.outageCover;
  const drawn = points.flatMap(({ level, upperBound, lowerBound }) =>
    upperBound === null ? [] : [{ level, cost: upperBound, bound: lowerBound }],
  );
  const { level, cost, bound, mean, cvar } = said.columns;
  return figure({
    title,
    lead: said.lead,
    chart:
      drawn.length < pointsMin
        ? null
        : frontierChart({
            id: `frontier-${along}`,
            title,
            description: said.description,
            points: drawn.toSorted((one, other) => one.level - other.level),
            current,
            currentLabel: said.current,
            writeLevel: percentText,
            writeCost: money,
            axis: moneyAxis(plan.currency),
          }),
    tableTitle: said.table,
    table: tableOf(
      [
        { head: level },
        { head: cost, isNumber: true },
        { head: bound, isNumber: true },
        { head: mean, isNumber: true },
        { head: cvar, isNumber: true },
      ],
      points.map((point) => [
        percentText(point.level),
        point.upperBound === null ? (point.feasible ? said.unknown : said.infeasible) : money(point.upperBound),
        point.lowerBound === null ? '–' : money(point.lowerBound),
        point.figures === null ? '–' : money(point.figures.mean),
        point.figures === null ? '–' : money(point.figures.cvar),
      ]),
    ),
  });
};

/** What a stricter or looser policy would cost. */
export const frontiersSection = (plan: PlanDocument): Section | null => {
  if (plan.frontiers.length === 0 && plan.shadowPrices.length === 0) return null;
  const prices = plan.shadowPrices.map((price) => html`<li>${shadowPriceSentence(plan.currency, price)}</li>`);
  return {
    id: 'frontiers',
    heading: said.heading,
    content: html`${plan.frontiers.map((frontier) => frontierFigure(plan, frontier))}
    ${
      prices.length === 0
        ? null
        : html`<h3>${said.prices}</h3>
            <ul>
              ${prices}
            </ul>`
    }`,
  };
};
