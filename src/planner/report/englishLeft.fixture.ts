import { readPage } from './markupFaults.fixture.ts';
import type { PlanDocument } from './PlanDocument.ts';

/** Words that are spelt alike in both languages, or belong to none: keys of the file, flags, terms of art. */
const alike = [
  'an classes concentration date horizon machines minute nov oct on part plan plans quantiles sept source sources taxes total usage',
  'archipel cpu costofcapital guards herfindahl hirschman json policy reservationshare resilience sha',
].flatMap((words) => words.split(' '));

const nameKeys = [
  'vendor',
  'vendors',
  'offer',
  'source',
  'name',
  'lost',
  'class',
  'classes',
  'rivals',
  'covers',
  'unit',
  'file',
  'currency',
];

/** Words of two letters and more; what has figures in it is none. */
const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/(?<![\p{L}\d])\p{L}{2,}(?![\p{L}\d])/gu) ?? [];

/** Words that a reader sees, those of elements beside each other kept apart. */
const wordsOfPage = (page: string): readonly string[] =>
  wordsOf(page.replace(/<style>.*?<\/style>/s, '').replaceAll(/<[^>]*>|&#?\w+;/g, ' '));

/** Words of names that the file gives: they are the same in every language. */
const namesOf = (document: PlanDocument): readonly string[] => {
  const found: string[] = [];
  const walk = (value: unknown, isName: boolean): void => {
    if (typeof value === 'string' && isName) found.push(...wordsOf(value));
    else if (Array.isArray(value)) for (const item of value) walk(item, isName);
    else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) walk(item, nameKeys.includes(key));
  };
  walk(document, false);
  return found;
};

/** Words of an English report that are in the French one of the same plan, though they are no names and not spelt alike. */
export const englishLeft = (document: PlanDocument, english: string, french: string): readonly string[] => {
  const known = new Set([...alike, ...namesOf(document)]);
  const inEnglish = new Set(wordsOfPage(english));
  return [...new Set(wordsOfPage(french))].filter((word) => inEnglish.has(word) && !known.has(word));
};

/** What a page is made of, whatever it says. */
export const structureOf = (page: string): readonly string[] =>
  readPage(page).elements.map(({ name, attributes }) => [name, attributes['id'], attributes['class']].join(' '));
