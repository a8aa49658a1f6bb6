import { html, type Html, type HtmlValue } from '../html.ts';

/** A part of the page with a heading of its own. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly content: HtmlValue;
}

export const sectionHtml = ({ id, heading, content }: Section): Html =>
  html`<section id="${id}" class="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${heading}</h2>
    ${content}
  </section>`;
