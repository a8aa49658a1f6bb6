import { html, type Html } from '../html.ts';
import type { PlanDocument } from '../PlanDocument.ts';
import { headlineSentences, tailText, weakest, yearsText } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

interface Tile {
  readonly name: string;
  readonly figure: string;
  readonly note: string;
  readonly isBad?: boolean;
}

const moneyTiles = (wording: Wording, plan: PlanDocument): readonly Tile[] => {
  const { words, figures } = wording;
  const said = words.headline;
  const { signing, decisions, committed, outOfSample, inSample, search } = plan;
  const costs = outOfSample ?? inSample;
  const futures = words.futures(outOfSample?.scenarios ?? search.scenarios);
  const { now, by } = signing;
  const due = now.contracts === 0 ? said.nowNothing : said.nowNote(words.contracts(now.contracts), figures.date(by));
  return [
    { name: said.now, figure: figures.money(Number(now.committed)), note: due },
    {
      name: said.committed,
      figure: figures.money(Number(committed)),
      note: said.committedNote(words.contracts(decisions.length)),
    },
    ...(costs === null
      ? []
      : [
          {
            name: said.cost,
            figure: figures.money(costs.mean),
            note: said.costNote(yearsText(wording, plan), futures),
          },
          { name: said.tail, figure: figures.money(costs.cvar), note: said.tailNote(tailText(wording, plan)) },
        ]),
  ];
};

const promiseTiles = ({ words, figures }: Wording, { gap, certificate }: PlanDocument): readonly Tile[] => {
  const said = words.headline;
  const entry = weakest(certificate);
  const outage =
    entry === null
      ? { figure: said.outageNone, note: '' }
      : {
          figure: figures.percentAtLeast(entry.servedShare),
          note: said.outageNote(entry.class, entry.lost, entry.period, figures.percent(entry.askedShare)),
          isBad: !entry.met,
        };
  return [
    {
      name: said.gap,
      figure: gap === null ? said.gapUnknown : figures.percentAtMost(gap),
      note: said.gapNote,
      isBad: gap === null,
    },
    { name: said.outage, ...outage },
  ];
};

const tileHtml = ({ name, figure, note, isBad = false }: Tile): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd class="${isBad ? 'bad' : 'figure'}">${figure}</dd>
    <dd class="note">${note}</dd>
  </div>`;

/** The answer in a few sentences and six figures. */
export const headlineSection = (wording: Wording, plan: PlanDocument): Section => ({
  id: 'headline',
  heading: wording.words.headline.heading,
  content: html`<ul>
      ${headlineSentences(wording, plan).map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
    <dl class="tiles">${[...moneyTiles(wording, plan), ...promiseTiles(wording, plan)].map(tileHtml)}</dl>`,
});
