import { Html, html } from './html.ts';
import { pageStyle } from './pageStyle.ts';
import type { PlanDocument } from './PlanDocument.ts';
import { comparisonsSection } from './sections/comparisonsSection.ts';
import { costsSection } from './sections/costsSection.ts';
import { decisionsSection } from './sections/decisionsSection.ts';
import { dependencySection } from './sections/dependencySection.ts';
import { frontiersSection } from './sections/frontiersSection.ts';
import { groundsSection } from './sections/groundsSection.ts';
import { headlineSection } from './sections/headlineSection.ts';
import { negotiationsSection } from './sections/negotiationsSection.ts';
import { outagesSection } from './sections/outagesSection.ts';
import { sectionHtml, type Section } from './sections/Section.ts';
import type { Language } from './Language.ts';
import { yearsText } from './sentences.ts';
import { wordingOf, type Wording } from './Wording.ts';

/** Whatever a file says, the page loads nothing and runs nothing. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const sectionsOf = (wording: Wording, plan: PlanDocument): readonly Section[] =>
  [
    headlineSection(wording, plan),
    decisionsSection(wording, plan),
    costsSection(wording, plan),
    outagesSection(wording, plan),
    dependencySection(wording, plan),
    comparisonsSection(wording, plan),
    frontiersSection(wording, plan),
    negotiationsSection(wording, plan),
    groundsSection(wording, plan),
  ].filter((section) => section !== null);

/** The plan as one page for people: no network, no script, charts drawn in it, with their figures behind. */
export const planHtml = (plan: PlanDocument, language: Language = 'en'): string => {
  const wording = wordingOf(language, plan.currency);
  const { words, figures } = wording;
  const sections = sectionsOf(wording, plan);
  const title = words.title(yearsText(wording, plan));
  const { file, madeAt, version } = plan.inputs;
  const page = html`<html lang="${language}">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="${contentPolicy}" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      ${Html.ours(`<style>${pageStyle}</style>`)}
    </head>
    <body>
      <a class="skip" href="#headline">${words.headline.heading}</a>
      <header>
        <h1>${title}</h1>
        <p>${words.made(file, figures.date(madeAt), version, plan.currency)}</p>
        <nav aria-label="${words.navigation}">
          <ul>
            ${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`)}
          </ul>
        </nav>
      </header>
      <main>${sections.map(sectionHtml)}</main>
    </body>
  </html>`;
  return `<!doctype html>\n${page.toString()}\n`;
};
