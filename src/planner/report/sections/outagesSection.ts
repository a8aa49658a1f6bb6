import { percentAtLeast, percentText } from '../amounts.ts';
import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { CertificateJson, PlanDocument } from '../PlanDocument.ts';
import { weakest, words } from '../words.ts';
import type { Section } from './Section.ts';

const { outages: said } = words;

/** Served shares from which on a cell has the next stronger colour. */
const heatLimits = [0.5, 0.75, 0.9, 1];

const heatOf = (share: number): number => heatLimits.filter((limit) => share >= limit - 1e-9).length;

const cell = (entries: readonly CertificateJson[]): Html => {
  const entry = weakest(entries);
  if (entry === null) return html`<td>–</td>`;
  const { servedShare, met, class: name, binding } = entry;
  return html`<td class="heat-${heatOf(servedShare)} ${met ? 'met' : 'short'}" title="${binding}">
    ${met ? null : '▼ '}${percentAtLeast(servedShare)}<small>${name}${met ? null : `, ${said.short}`}</small>
  </td>`;
};

const heatTable = ({ certificate, horizon }: PlanDocument): Html => {
  const losses = Map.groupBy(certificate, ({ lost, lostKind }) => JSON.stringify([lostKind, lost]));
  const row = (entries: readonly CertificateJson[]): Html => {
    const first = entries[0];
    return html`<tr>
      <th scope="row">${first?.lost ?? ''}${first?.lostKind === 'host' ? html` <small>(host)</small>` : null}</th>
      ${horizon.periods.map(({ name }) => cell(entries.filter(({ period }) => period === name)))}
    </tr>`;
  };
  return html`<div class="scroll">
    <table class="heat">
      <caption>
        ${said.chart}
      </caption>
      <thead>
        <tr>
          <th scope="col">${said.lost}</th>
          ${horizon.periods.map(({ name }) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${[...losses.values()].map(row)}
      </tbody>
    </table>
  </div>`;
};

const fullTable = ({ certificate }: PlanDocument): Html => {
  const { class: name, year, served, asked, binding, shared } = said.columns;
  return tableOf(
    [
      { head: said.lost },
      { head: said.kind },
      { head: year },
      { head: name },
      { head: served, isNumber: true },
      { head: asked, isNumber: true },
      { head: binding },
      { head: shared },
    ],
    certificate.map((entry) => [
      entry.lost,
      entry.lostKind,
      entry.period,
      entry.class,
      html`<span class="${entry.met ? 'good' : 'bad'}"
        >${percentAtLeast(entry.servedShare)}${entry.met ? null : ` (${said.short})`}</span
      >`,
      percentText(entry.askedShare),
      entry.binding,
      entry.rivals.join(', '),
    ]),
  );
};

/** What is served if somebody is gone. */
export const outagesSection = (plan: PlanDocument): Section => {
  const { outageRule } = plan;
  if (outageRule === null || plan.certificate.length === 0)
    return { id: 'outages', heading: said.heading, content: html`<p>${said.none}</p>` };
  return {
    id: 'outages',
    heading: said.heading,
    content: html`<p class="lead">${said.lead}</p>
      ${heatTable(plan)}
      <p>${said.rule(outageRule.rule)} ${said.assumption}</p>
      <details>
        <summary>${said.table}</summary>
        ${fullTable(plan)}
      </details>`,
  };
};
