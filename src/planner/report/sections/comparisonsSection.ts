import { moneyWriter } from '../amounts.ts';
import { comparisonChart } from '../charts/comparisonChart.ts';
import { figure, tableOf } from '../charts/figure.ts';
import { html, type HtmlValue } from '../html.ts';
import type { ComparedJson, PlanDocument } from '../PlanDocument.ts';
import { comparedName, signedText, violationText, words } from '../words.ts';
import type { Section } from './Section.ts';

const { comparisons: said } = words;

/** Most breaches that are told of one way. */
const violationsShown = 3;

const policyOf = ({ violations }: ComparedJson): HtmlValue => {
  if (violations.length === 0) return said.keeps;
  const rest = violations.length - violationsShown;
  return html`<ul>
    ${violations.slice(0, violationsShown).map((violation) => html`<li>${violationText(violation)}</li>`)}
    ${rest > 0 ? html`<li>${said.more(rest)}</li>` : null}
  </ul>`;
};

/** The plan beside simpler ways to decide. */
export const comparisonsSection = (plan: PlanDocument): Section | null => {
  const { comparisons, currency } = plan;
  if (comparisons === null) return null;
  const money = moneyWriter(currency);
  const all = [comparisons.plan, ...comparisons.others];
  const { way, mean, cvar, objective, dearer, policy } = said.columns;
  const { stochasticValue } = comparisons;
  return {
    id: 'comparisons',
    heading: said.heading,
    content: html`${figure({
      title: said.chart,
      lead: said.lead,
      chart: comparisonChart({
        id: 'comparison',
        title: said.chart,
        description: said.description,
        bars: all.map((one) => ({
          label: comparedName(one),
          value: one.objective,
          text: `${money(one.objective)}${one.violations.length > 0 ? `, ${said.breaks}` : ''}`,
          isOwn: one.kind === 'plan',
        })),
      }),
      tableTitle: said.table,
      table: tableOf(
        [
          { head: way },
          { head: mean, isNumber: true },
          { head: cvar, isNumber: true },
          { head: objective, isNumber: true },
          { head: dearer, isNumber: true },
          { head: policy },
        ],
        all.map((one) => [
          comparedName(one),
          money(one.mean),
          money(one.cvar),
          money(one.objective),
          one.kind === 'plan' ? '–' : signedText(one.dearerBy, money),
          policyOf(one),
        ]),
      ),
    })}
    ${stochasticValue === null ? null : html`<p>${stochasticValue > 0 ? said.stochastic(money(stochasticValue)) : said.stochasticNone}</p>`}`,
  };
};
