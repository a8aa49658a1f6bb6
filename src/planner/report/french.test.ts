import { describe, expect, test } from 'vitest';
import { assumptionsOf } from '../portfolio/assumptionsOf.ts';
import { fullPortfolio, portfolioWith } from '../portfolio/portfolioText.fixture.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { englishLeft, structureOf } from './englishLeft.fixture.ts';
import { readPage } from './markupFaults.fixture.ts';
import type { PlanDocument } from './PlanDocument.ts';
import { planHtml } from './planHtml.ts';
import { planJson } from './planJson.ts';
import { planReport } from './planReport.fixture.ts';
import { headlineSentences, noPlanSentences, readingSentences } from './sentences.ts';
import { wordingOf } from './Wording.ts';
import { english } from './words/english.ts';
import { french } from './words/french.ts';
import { inFrench } from './words/inFrench.ts';

const document = planJson(planReport());
const pages = { en: planHtml(document), fr: planHtml(document, 'fr') };
const wording = wordingOf('fr', 'EUR');
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('the report in French', () => {
  test('is well-formed, says its language, and has the structure of the English one', () => {
    expect(readPage(pages.fr).faults).toEqual([]);
    expect(pages.fr).toMatch(/^<!doctype html>\n<html lang="fr">/);
    expect(structureOf(pages.fr)).toEqual(structureOf(pages.en));
  });

  test('has no English word left', () => {
    expect(englishLeft(document, pages.en, pages.fr)).toEqual([]);
    // What nobody translated is found.
    const foreign = { ...document, assumptions: ['Whatever nobody said before.'] };
    expect(englishLeft(foreign, planHtml(foreign), planHtml(foreign, 'fr'))).toEqual(
      expect.arrayContaining(['whatever', 'nobody', 'before']),
    );
  });

  test('writes figures, dates and signs as French does', () => {
    const text = plain(readPage(pages.fr).text).replace(/\s+/g, ' ');
    expect(text).toContain(
      'Signer 2 contrats avec aurora et borealis : 12 720 EUR d’engagement en tout, consommés ou non.',
    );
    expect(text).toContain('Le tout est à signer d’ici au 1er janv. 2027.');
    expect(text).toContain('Aucun plan dans les garde-fous ne peut être moins cher de plus de 0,94 % : c’est prouvé.');
    expect(text).toContain('Si aurora disparaît (2028), seuls 72 % de chat sont servis');
    expect(text).toContain('engagement chez borealis');
    // A sign never begins a line.
    for (const sentence of [...headlineSentences(wording, document), ...readingSentences(wording, document)])
      expect(sentence).not.toMatch(/ [:;?!%»]/);
  });
});

test('every word has its own in French, for each count', () => {
  /** Texts of a table by their names. */
  const texts = (table: unknown, path = ''): readonly (readonly [string, unknown])[] =>
    typeof table === 'object' && table !== null
      ? Object.entries(table).flatMap(([key, value]) => texts(value, `${path}.${key}`))
      : [[path, table]];
  const [inEnglish, inFrenchTable] = [texts(english), texts(french)];
  expect(inFrenchTable.map(([path]) => path)).toEqual(inEnglish.map(([path]) => path));
  for (const [path, value] of inFrenchTable) {
    if (typeof value === 'string') expect([path, value.trim() === '']).toEqual([path, false]);
    else expect([path, typeof value]).toEqual([path, 'function']);
  }
  expect([french.contracts(0), french.contracts(1), french.contracts(2)].map(plain)).toEqual([
    '0 contrat',
    '1 contrat',
    '2 contrats',
  ]);
  expect([english.contracts(0), english.contracts(1)]).toEqual(['0 contracts', '1 contract']);
});

test('why there is no plan is told in French', () => {
  const none: PlanDocument = {
    ...document,
    upperBound: null,
    search: { ...document.search, feasible: false },
    conflicts: {
      conflict: [{ lost: 'aurora', period: '2028', classes: ['chat', 'code'], reachableShare: 0.5 }],
      relaxation: [],
    },
  };
  expect(noPlanSentences(wording, none).map(plain)).toContain(
    '- aurora disparu (2028), 50 % de ce qui est exigé pour chat et code',
  );
});

describe('what other parts of the planner say', () => {
  const told = (text: string): readonly string[] => {
    const reading = readPortfolio(text, 'portfolio.yaml');
    if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
    return assumptionsOf(reading.value.portfolio);
  };
  const pool = 'kind: pool, vendor: north';
  const assumptions = [
    ...told(fullPortfolio),
    ...told(fullPortfolio.replace('costOfCapital: 0.12 }, countsTowardsPool: false', 'costOfCapital: 0.12 }')),
    ...told(
      portfolioWith({
        policy: '{ resilience: { servedShare: 0.5 } }',
        classes:
          '{ chat: { demand: { start: 100 } }, code: { demand: { start: 10 }, substitutes: [{ class: chat }] } }',
        sources:
          '[{ vendor: north, class: chat, price: { perMTok: "2" } }, { vendor: north, class: code, price: { perMTok: "2" } }, { vendor: south, class: chat, price: { perMTok: "3" } }, { vendor: south, class: code, price: { perMTok: "3" } }]',
        offers: `[{ ${pool}, sizes: ["100"], payment: { upfrontShare: 1 } }, { vendor: south, kind: floor, sizes: ["5"], terms: [12] }]`,
        contracts: `[
          { id: c1, ${pool}, amount: "100", period: [2026-05-15, 2027-06-15], fulfil: total },
          { id: c2, ${pool}, amount: "100", period: [2028-01-01, 2029-01-01], fulfil: monthly },
          { id: c3, vendor: south, kind: floor, covers: [chat], quantity: 3, period: [2027-02-10, 2028-01-01] },
          { id: c4, vendor: south, kind: pool, amount: "100", period: [2026-12-01, 2027-01-02] },
          { id: c5, vendor: south, kind: pool, amount: "200", period: [2027-01-10, 2029-01-01], fulfil: total },
        ]`,
      }),
    ),
  ];

  test('is known in French, whatever a portfolio makes them take for granted', () => {
    expect(assumptions.length).toBeGreaterThan(15);
    expect(assumptions.filter((sentence) => inFrench(sentence) === null)).toEqual([]);
  });

  test.each([
    ['commitment of a, b or c; reservations at d', 'engagement chez a, b ou c\u00a0; réservations sur d'],
    ['no other source', 'pas d’autre source'],
    [
      'Of capacity reserved for chat, 7.5 % is taken to be usable.',
      'De la capacité réservée pour chat, 7,5\u00a0% est supposé utilisable.',
    ],
    [
      'Not looked at, for lack of CPU-seconds: negotiation sheets. Give more with --cpu.',
      'Non examiné, faute de secondes de calcul\u00a0: les fiches de négociation. Donnez-en davantage avec --cpu.',
    ],
  ])('%s', (sentence, expected) => {
    expect(inFrench(sentence)?.replaceAll(' %', '\u00a0%')).toBe(expected);
  });

  test('stays as it is where nobody knows its French', () => {
    expect(inFrench('Nobody said this.')).toBeNull();
    expect(wording.told('Nobody said this.')).toBe('Nobody said this.');
  });
});
