import { moneyWriter } from '../amounts.ts';
import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { PlanDocument } from '../PlanDocument.ts';
import { guardSentences, readingSentences, words } from '../words.ts';
import type { Section } from './Section.ts';

const { grounds: said } = words;

const listHtml = (sentences: readonly string[]): Html =>
  html`<ul>
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`;

const limitsText = ({ kind = '', ...limits }: PlanDocument['inputs']['limits']): string =>
  [String(kind), ...Object.entries(limits).map(([name, limit]) => `${name} ${limit}`)].join(', ');

const inputsTable = (plan: PlanDocument): Html => {
  const { inputs, search, cpuSeconds, upperBound, lowerBound } = plan;
  const money = moneyWriter(plan.currency);
  const { rows } = said;
  return tableOf(
    [{ head: said.key }, { head: said.value }],
    [
      [rows.file, inputs.file],
      [rows.sha256, html`<code>${inputs.sha256}</code>`],
      [rows.seed, String(inputs.seed)],
      [rows.scenarios, String(search.scenarios)],
      [rows.limits, limitsText(inputs.limits)],
      [rows.cpuSeconds, cpuSeconds.toFixed(1)],
      [rows.work, said.work(search.programs, search.nodes)],
      [
        rows.bounds,
        `${upperBound === null ? '–' : money(upperBound)}, ${lowerBound === null ? '–' : money(lowerBound)}`,
      ],
      [rows.version, inputs.version],
    ],
  );
};

/** What the plan takes for granted, what it left out, and what it was made from. */
export const groundsSection = (plan: PlanDocument): Section => ({
  id: 'grounds',
  heading: said.heading,
  content: html`<h3>${said.reading}</h3>
    ${listHtml(readingSentences(plan))}
    <h3>${said.assumptions}</h3>
    ${plan.assumptions.length === 0 ? html`<p>${said.noAssumptions}</p>` : listHtml(plan.assumptions)}
    <h3>${said.guards}</h3>
    ${listHtml(guardSentences(plan))}
    <h3>${said.inputs}</h3>
    ${inputsTable(plan)}`,
});
