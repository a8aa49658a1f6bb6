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
import { words } from './words.ts';

/** Whatever a file says, the page loads nothing and runs nothing. */
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const sectionsOf = (plan: PlanDocument): readonly Section[] =>
  [
    headlineSection(plan),
    decisionsSection(plan),
    costsSection(plan),
    outagesSection(plan),
    dependencySection(plan),
    comparisonsSection(plan),
    frontiersSection(plan),
    negotiationsSection(plan),
    groundsSection(plan),
  ].filter((section) => section !== null);

/** The plan as one page for people: no network, no script, charts drawn in it, with their figures behind. */
export const planHtml = (plan: PlanDocument): string => {
  const sections = sectionsOf(plan);
  const title = words.title(plan);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta http-equiv="Content-Security-Policy" content="${contentPolicy}" />
      <meta name="color-scheme" content="light dark" />
      <title>${title}</title>
      ${Html.ours(`<style>${pageStyle}</style>`)}
    </head>
    <body>
      <a class="skip" href="#headline">${words.headline}</a>
      <header>
        <h1>${title}</h1>
        <p>${words.made(plan)}</p>
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
