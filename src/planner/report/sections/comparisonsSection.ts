import { comparisonChart } from '../charts/comparisonChart.ts';
import { figure, tableOf } from '../charts/figure.ts';
import { html, type HtmlValue } from '../html.ts';
import type { ComparedJson, PlanDocument } from '../PlanDocument.ts';
import { comparedName, violationText } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

/** Most breaches that are told of one way. */
const violationsShown = 3;

const policyOf = (wording: Wording, { violations }: ComparedJson): HtmlValue => {
  const said = wording.words.comparisons;
  if (violations.length === 0) return said.keeps;
  const rest = violations.length - violationsShown;
  return html`<ul>
    ${violations.slice(0, violationsShown).map((violation) => html`<li>${violationText(wording, violation)}</li>`)}
    ${rest > 0 ? html`<li>${said.more(rest)}</li>` : null}
  </ul>`;
};

/** The plan beside simpler ways to decide. */
export const comparisonsSection = (wording: Wording, { comparisons }: PlanDocument): Section | null => {
  const said = wording.words.comparisons;
  if (comparisons === null) return null;
  const { money, signedMoney } = wording.figures;
  const all = [comparisons.plan, ...comparisons.others];
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
          label: comparedName(wording, one),
          value: one.objective,
          text: `${money(one.objective)}${one.violations.length > 0 ? `, ${said.breaks}` : ''}`,
          isOwn: one.kind === 'plan',
        })),
      }),
      tableTitle: said.table,
      table: tableOf(
        [
          { head: said.way },
          { head: said.mean, isNumber: true },
          { head: said.cvar, isNumber: true },
          { head: said.objective, isNumber: true },
          { head: said.dearer, isNumber: true },
          { head: said.policy },
        ],
        all.map((one) => [
          comparedName(wording, one),
          money(one.mean),
          money(one.cvar),
          money(one.objective),
          one.kind === 'plan' ? '–' : signedMoney(one.dearerBy),
          policyOf(wording, one),
        ]),
      ),
    })}
    ${stochasticValue === null ? null : html`<p>${stochasticValue > 0 ? said.stochastic(money(stochasticValue)) : said.stochasticNone}</p>`}`,
  };
};
