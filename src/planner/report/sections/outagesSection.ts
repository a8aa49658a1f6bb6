import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { CertificateJson, PlanDocument } from '../PlanDocument.ts';
import { weakest } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

/** Served shares from which on a cell has the next stronger colour. */
const heatLimits = [0.5, 0.75, 0.9, 1];

const heatOf = (share: number): number => heatLimits.filter((limit) => share >= limit - 1e-9).length;

const cell = ({ words, figures, told }: Wording, entries: readonly CertificateJson[]): Html => {
  const entry = weakest(entries);
  if (entry === null) return html`<td>–</td>`;
  const { servedShare, met, class: name, binding } = entry;
  return html`<td class="heat-${heatOf(servedShare)} ${met ? 'met' : 'short'}" title="${told(binding)}">
    ${met ? null : '▼ '}${figures.percentAtLeast(servedShare)}<small
      >${name}${met ? null : `, ${words.outages.short}`}</small
    >
  </td>`;
};

const heatTable = (wording: Wording, { certificate, horizon }: PlanDocument): Html => {
  const said = wording.words.outages;
  const losses = Map.groupBy(certificate, ({ lost, lostKind }) => JSON.stringify([lostKind, lost]));
  const row = (entries: readonly CertificateJson[]): Html => {
    const first = entries[0];
    return html`<tr>
      <th scope="row">${first?.lost ?? ''}${first?.lostKind === 'host' ? html` <small>${said.host}</small>` : null}</th>
      ${horizon.periods.map(({ name }) =>
        cell(
          wording,
          entries.filter(({ period }) => period === name),
        ),
      )}
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

const fullTable = ({ words, figures, told }: Wording, { certificate }: PlanDocument): Html => {
  const said = words.outages;
  return tableOf(
    [
      { head: said.lost },
      { head: said.kind },
      { head: said.year },
      { head: said.class },
      { head: said.served, isNumber: true },
      { head: said.asked, isNumber: true },
      { head: said.binding },
      { head: said.shared },
    ],
    certificate.map((entry) => [
      entry.lost,
      words.lossKinds[entry.lostKind],
      entry.period,
      entry.class,
      html`<span class="${entry.met ? 'good' : 'bad'}"
        >${figures.percentAtLeast(entry.servedShare)}${entry.met ? null : ` (${said.short})`}</span
      >`,
      figures.percent(entry.askedShare),
      told(entry.binding),
      entry.rivals.join(', '),
    ]),
  );
};

/** What is served if somebody is gone. */
export const outagesSection = (wording: Wording, plan: PlanDocument): Section => {
  const said = wording.words.outages;
  const { outageRule } = plan;
  if (outageRule === null || plan.certificate.length === 0)
    return { id: 'outages', heading: said.heading, content: html`<p>${said.none}</p>` };
  return {
    id: 'outages',
    heading: said.heading,
    content: html`<p class="lead">${said.lead}</p>
      ${heatTable(wording, plan)}
      <p>${said.rule(wording.told(outageRule.rule))} ${said.assumption}</p>
      <details>
        <summary>${said.table}</summary>
        ${fullTable(wording, plan)}
      </details>`,
  };
};
