import { figure, tableOf } from '../charts/figure.ts';
import { frontierChart } from '../charts/frontierChart.ts';
import { html, type Html } from '../html.ts';
import type { FrontierJson, PlanDocument } from '../PlanDocument.ts';
import { shadowPriceSentence } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

/** Fewest points that make a line. */
const pointsMin = 2;

const frontierFigure = ({ words, figures }: Wording, { along, current, points }: FrontierJson): Html => {
  const said = words.frontiers;
  const { money, moneyAxis, percent } = figures;
  const title = along === 'cap' ? said.cap : said.outageCover;
  const drawn = points.flatMap(({ level, upperBound, lowerBound }) =>
    upperBound === null ? [] : [{ level, cost: upperBound, bound: lowerBound }],
  );
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
            writeLevel: percent,
            writeCost: money,
            axis: moneyAxis,
          }),
    tableTitle: said.table,
    table: tableOf(
      [
        { head: said.level },
        { head: said.cost, isNumber: true },
        { head: said.bound, isNumber: true },
        { head: said.mean, isNumber: true },
        { head: said.cvar, isNumber: true },
      ],
      points.map((point) => [
        percent(point.level),
        point.upperBound === null ? (point.feasible ? said.unknown : said.infeasible) : money(point.upperBound),
        point.lowerBound === null ? '–' : money(point.lowerBound),
        point.figures === null ? '–' : money(point.figures.mean),
        point.figures === null ? '–' : money(point.figures.cvar),
      ]),
    ),
  });
};

/** What a stricter or looser policy would cost. */
export const frontiersSection = (wording: Wording, plan: PlanDocument): Section | null => {
  const said = wording.words.frontiers;
  if (plan.frontiers.length === 0 && plan.shadowPrices.length === 0) return null;
  const prices = plan.shadowPrices.map((price) => html`<li>${shadowPriceSentence(wording, price)}</li>`);
  return {
    id: 'frontiers',
    heading: said.heading,
    content: html`${plan.frontiers.map((frontier) => frontierFigure(wording, frontier))}
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
