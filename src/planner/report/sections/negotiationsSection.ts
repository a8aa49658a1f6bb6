import { tableOf } from '../charts/figure.ts';
import { html, type Html } from '../html.ts';
import type { NegotiationJson, OfferJson, PlanDocument } from '../PlanDocument.ts';
import { offerTexts, walkAwaySentence, words } from '../words.ts';
import type { Section } from './Section.ts';

const { negotiations: said } = words;

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

const sheetHtml = (plan: PlanDocument, sheet: NegotiationJson): Html => {
  const shown = nearest(sheet.offers);
  const rest = sheet.offers.length - shown.length;
  const { offer, state, breakEven, expected, forced, entry } = said.columns;
  return html`<div class="sheet">
    <h3>${sheet.vendor}</h3>
    <p>${walkAwaySentence(plan.currency, sheet)}</p>
    ${
      shown.length === 0
        ? null
        : tableOf(
            [
              { head: offer },
              { head: state },
              { head: breakEven, isNumber: true },
              { head: expected, isNumber: true },
              { head: forced, isNumber: true },
              { head: entry, isNumber: true },
            ],
            shown.map((one) => {
              const texts = offerTexts(plan.currency, one);
              const name = html`${texts.name}<br /><small>${texts.size}</small>`;
              return [name, texts.state, texts.breakEven, texts.expected, texts.forced, texts.entry];
            }),
          )
    }
    ${rest > 0 ? html`<p class="lead">${said.more(rest)}</p>` : null}
  </div>`;
};

/** A sheet for the talk with each vendor. */
export const negotiationsSection = (plan: PlanDocument): Section | null =>
  plan.negotiations.length === 0
    ? null
    : {
        id: 'negotiations',
        heading: said.heading,
        content: html`<p class="lead">${said.lead}</p>
          ${plan.negotiations.map((sheet) => sheetHtml(plan, sheet))}`,
      };
