import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { PlanDocument, SpreadJson } from '../PlanDocument.ts';
import { capName } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

/** The mean, and below it the worst. */
const spreadHtml = ({ mean, worst }: SpreadJson, write: (figure: number) => string): Html =>
  html`${write(mean)}<br /><small>(${write(worst)})</small>`;

/** Shares of vendors, hosts, jurisdictions and labs against their caps, and how concentrated the whole is. */
export const dependencySection = (wording: Wording, plan: PlanDocument): Section | null => {
  const said = wording.words.dependency;
  const { percent, fixed } = wording.figures;
  const { dependency, horizon } = plan;
  if (dependency === null) return null;
  const periods = horizon.periods.map(({ name }) => ({ head: name, isNumber: true }));
  const shareHtml = (share: SpreadJson): Html => spreadHtml(share, percent);
  const indexHtml = (index: SpreadJson): Html => spreadHtml(index, (figure) => fixed(figure, 2));
  const caps = dependency.caps.map((cap) => [
    capName(wording, cap),
    percent(cap.limit),
    ...cap.share.map(shareHtml),
    cap.binds ? said.yes : said.no,
  ]);
  const columns = [{ head: said.cap }, { head: said.limit, isNumber: true }, ...periods, { head: said.binds }];
  const vendors = dependency.vendors.map(({ vendor, share }) => [vendor, '–', ...share.map(shareHtml), '–']);
  const concentration = [said.concentration, '–', ...dependency.concentration.map(indexHtml), '–'];
  return {
    id: 'dependency',
    heading: said.heading,
    content: html`<p class="lead">${said.lead}</p>
      ${tableOf(columns, [...(caps.length > 0 ? caps : vendors), concentration])}`,
  };
};
