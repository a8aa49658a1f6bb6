import { moneyWriter, percentAtLeast, percentAtMost } from '../amounts.ts';
import { html, type Html } from '../html.ts';
import type { PlanDocument } from '../PlanDocument.ts';
import { headlineSentences, weakest, words } from '../words.ts';
import type { Section } from './Section.ts';

interface Tile {
  readonly name: string;
  readonly figure: string;
  readonly note: string;
  readonly isBad?: boolean;
}

const tilesOf = (plan: PlanDocument): readonly Tile[] => {
  const { tiles } = words;
  const money = moneyWriter(plan.currency);
  const figures = plan.outOfSample ?? plan.inSample;
  const entry = weakest(plan.certificate);
  return [
    ...(figures === null
      ? []
      : [
          { name: tiles.cost, figure: money(figures.mean), note: tiles.costNote(plan) },
          { name: tiles.tail, figure: money(figures.cvar), note: tiles.tailNote(plan) },
        ]),
    {
      name: tiles.gap,
      figure: plan.gap === null ? tiles.gapUnknown : percentAtMost(plan.gap),
      note: tiles.gapNote,
      isBad: plan.gap === null,
    },
    entry === null
      ? { name: tiles.outage, figure: tiles.outageNone, note: '' }
      : {
          name: tiles.outage,
          figure: percentAtLeast(entry.servedShare),
          note: tiles.outageNote(entry),
          isBad: !entry.met,
        },
  ];
};

const tileHtml = ({ name, figure, note, isBad = false }: Tile): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd class="${isBad ? 'bad' : 'figure'}">${figure}</dd>
    <dd class="note">${note}</dd>
  </div>`;

/** The answer in a few sentences and four figures. */
export const headlineSection = (plan: PlanDocument): Section => ({
  id: 'headline',
  heading: words.headline,
  content: html`<ul>
      ${headlineSentences(plan).map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    <dl class="tiles">${tilesOf(plan).map(tileHtml)}</dl>`,
});
