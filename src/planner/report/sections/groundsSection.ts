import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { PlanDocument } from '../PlanDocument.ts';
import { assumptionSentences, guardSentences, readingSentences } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

const listHtml = (sentences: readonly string[]): Html =>
  html`<ul>
    ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
  </ul>`;

const limitsText = ({ words, figures }: Wording, limits: PlanDocument['inputs']['limits']): string => {
  const of = (name: string): number => Number(limits[name] ?? 0);
  return limits['kind'] === 'work'
    ? words.grounds.limitsOfWork(of('programs'), of('nodes'))
    : words.grounds.limitsOfTime(figures.amount(of('cpuSeconds')), figures.percent(of('gap')));
};

const inputsTable = (wording: Wording, plan: PlanDocument): Html => {
  const said = wording.words.grounds;
  const { inputs, search, cpuSeconds, upperBound, lowerBound } = plan;
  const { money, count, fixed } = wording.figures;
  return tableOf(
    [{ head: said.key }, { head: said.value }],
    [
      [said.file, inputs.file],
      [said.sha256, html`<code>${inputs.sha256}</code>`],
      [said.seed, String(inputs.seed)],
      [said.scenarios, count(search.scenarios)],
      [said.limits, limitsText(wording, inputs.limits)],
      [said.cpuSeconds, fixed(cpuSeconds, 1)],
      [said.done, said.work(search.programs, search.nodes)],
      [
        said.bounds,
        `${upperBound === null ? '–' : money(upperBound)}, ${lowerBound === null ? '–' : money(lowerBound)}`,
      ],
      [said.version, inputs.version],
    ],
  );
};

/** What the plan takes for granted, what it left out, and what it was made from. */
export const groundsSection = (wording: Wording, plan: PlanDocument): Section => {
  const said = wording.words.grounds;
  return {
    id: 'grounds',
    heading: said.heading,
    content: html`<h3>${said.reading}</h3>
      ${listHtml(readingSentences(wording, plan))}
      <h3>${said.assumptions}</h3>
      ${plan.assumptions.length === 0 ? html`<p>${said.noAssumptions}</p>` : listHtml(assumptionSentences(wording, plan))}
      <h3>${said.guards}</h3>
      ${listHtml(guardSentences(wording, plan))}
      <h3>${said.inputs}</h3>
      ${inputsTable(wording, plan)}`,
  };
};
