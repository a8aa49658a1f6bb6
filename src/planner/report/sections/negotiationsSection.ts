import { tableOf, type TableGroup } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { NegotiationJson, OfferJson, PlanDocument } from '../PlanDocument.ts';
import { offerTexts, offerTitle, walkAwaySentence } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';

/** Most offers beside those of the plan that a sheet shows. */
const offersShown = 6;

/** What is in the plan or signed, then what would cost least to sign all the same. */
const nearest = (offers: readonly OfferJson[]): readonly OfferJson[] => {
  const isIn = ({ inPlan, signed }: OfferJson): boolean => inPlan || signed;
  const others = offers
    .filter((offer) => !isIn(offer))
    .toSorted((one, other) => (one.forcedDearerBy ?? Infinity) - (other.forcedDearerBy ?? Infinity));
  return [...offers.filter(isIn), ...others.slice(0, offersShown)];
};

/** Sizes and terms of one offer below its name. */
const groupsOf = (wording: Wording, offers: readonly OfferJson[]): readonly TableGroup[] =>
  [...Map.groupBy(offers, (offer) => offerTitle(wording, offer))].map(([title, rows]) => ({
    title,
    rows: rows.map((offer) => {
      const { size, term, state, breakEven, expected, forced, entry } = offerTexts(wording, offer);
      return [size, term, state, breakEven, expected, forced, entry];
    }),
  }));

const sheetHtml = (wording: Wording, sheet: NegotiationJson): Html => {
  const said = wording.words.negotiations;
  const shown = nearest(sheet.offers);
  const rest = sheet.offers.length - shown.length;
  const columns = [
    { head: said.size },
    { head: said.term },
    { head: said.state },
    { head: said.breakEven, isNumber: true },
    { head: said.expected, isNumber: true },
    { head: said.forced, isNumber: true },
    { head: said.entry, isNumber: true },
  ];
  return html`<div class="sheet">
    <h3>${sheet.vendor}</h3>
    <p>${walkAwaySentence(wording, sheet)}</p>
    ${shown.length === 0 ? null : tableOf(columns, groupsOf(wording, shown))}
    ${rest > 0 ? html`<p class="lead">${said.more(rest)}</p>` : null}
  </div>`;
};

/** A sheet for the talk with each vendor. */
export const negotiationsSection = (wording: Wording, plan: PlanDocument): Section | null => {
  const said = wording.words.negotiations;
  if (plan.negotiations.length === 0) return null;
  return {
    id: 'negotiations',
    heading: said.heading,
    content: html`<p class="lead">${said.lead}</p>
      ${plan.negotiations.map((sheet) => sheetHtml(wording, sheet))}`,
  };
};
