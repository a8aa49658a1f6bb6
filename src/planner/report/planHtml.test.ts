import { describe, expect, test } from 'vitest';
import { readPage } from './markupFaults.fixture.ts';
import type { PlanDocument } from './PlanDocument.ts';
import { planHtml } from './planHtml.ts';
import { planJson } from './planJson.ts';
import { planReport } from './planReport.fixture.ts';

const document = planJson(planReport());
const page = planHtml(document);
const reading = readPage(page);
const words = reading.text.replace(/\s+/g, ' ');

/** A copy with every text in it replaced by a hostile one. */
const hostile = <Value>(value: Value, name: string): Value => {
  const walk = (one: unknown, key: string): unknown => {
    if (Array.isArray(one)) return one.map((item) => walk(item, key));
    if (typeof one === 'object' && one !== null)
      return Object.fromEntries(Object.entries(one).map(([inner, item]) => [inner, walk(item, inner)]));
    const keepsForm = [
      'kind',
      'lostKind',
      'capKind',
      'along',
      'from',
      'until',
      'start',
      'madeAt',
      'usd',
      'quantity',
      'upfrontShare',
      'committed',
      'signBy',
      'nextBy',
      'by',
    ];
    return typeof one === 'string' && !keepsForm.includes(key) ? name : one;
  };
  return walk(value, '') as Value;
};

test('the checker itself finds what is wrong with a page', () => {
  const faultsOf = (body: string): number => readPage(`<!doctype html>\n${body}`).faults.length;
  expect(faultsOf('<p>a &lt; b</p>')).toBe(0);
  for (const wrong of [
    '<p>a < b</p>',
    '<p>a & b</p>',
    '<p><b></p></b>',
    '<p>',
    '<p class=x></p>',
    '<p title="a"b"></p>',
  ])
    expect(faultsOf(wrong), wrong).toBeGreaterThan(0);
});

describe('the page', () => {
  test('is well-formed', () => {
    expect(reading.faults).toEqual([]);
  });

  test('loads nothing, runs nothing and says so to the browser', () => {
    const names = new Set(reading.elements.map(({ name }) => name));
    for (const name of ['script', 'link', 'img', 'iframe', 'object', 'form', 'base']) expect(names).not.toContain(name);
    for (const { attributes } of reading.elements) {
      expect(attributes['href'] ?? '#').toMatch(/^#/);
      expect(Object.keys(attributes).filter((key) => /^on|^src$|^style$/.test(key))).toEqual([]);
    }
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|@import/);
    const policy = reading.elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    expect(policy?.attributes['content']).toContain("default-src 'none'");
  });

  test('says in words what to sign, what it costs, how certain that is and what happens if a vendor is gone', () => {
    expect(words).toContain(
      'Sign 2 contracts with aurora and borealis: EUR 12,720 in all, used or not. 1 signed contract is kept.',
    );
    expect(words).toContain('All of it has to be signed by 1 Jan 2027.');
    expect(words).toContain(
      'From 2027 to 2028 it costs EUR 40,000 on average over 10 futures that the plan was not made for',
    );
    expect(words).toContain('In the worst 10 % of the futures it costs EUR 60,000 on average.');
    expect(words).toContain('No plan within the guards can be more than 0.94 % cheaper: that is proven.');
    expect(words).toContain(
      'If aurora is gone in 2028, only 72 % of chat is served, where the policy asks for 90 %: commitment of borealis.',
    );
    expect(words).toContain('Signing nothing new would cost EUR 4,400 more (10 %)');
  });

  test('has a title and a description read aloud for each chart, and its figures in a table', () => {
    const charts = reading.elements.filter(({ name }) => name === 'svg');
    const ids = new Set(reading.elements.map(({ attributes }) => attributes['id']));
    expect(charts.length).toBe(5);
    for (const { attributes } of charts) {
      expect(attributes['role']).toBe('img');
      for (const id of (attributes['aria-labelledby'] ?? '').split(' ')) expect(ids).toContain(id);
    }
    const figures = page.split('<figure>').slice(1);
    expect(figures).toHaveLength(charts.length);
    for (const figure of figures) expect(figure.split('</figure>')[0]).toMatch(/<details>.*<table>/s);
  });

  test('has no id twice, and each link leads to one', () => {
    const ids = reading.elements.flatMap(({ attributes }) => attributes['id'] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = reading.elements.flatMap(({ attributes }) => attributes['href'] ?? []);
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect(ids).toContain(link.slice(1));
  });

  test('draws one bar for each contract, and no figure that is not a number', () => {
    const timeline = /<svg[^>]*timeline-title.*?<\/svg>/s.exec(page)?.[0] ?? '';
    expect(timeline.match(/<rect/g)).toHaveLength(3);
    expect(timeline.match(/<rect\s+class="kept"/g)).toHaveLength(1);
    expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  test('marks what is served too little, and never rounds a share up to what is asked', () => {
    expect(page.match(/<td class="heat-\d short"/g)).toHaveLength(2);
    expect(words).toContain('▼ 72 %chat, too little');
    expect(words).toContain('89.9 %');
  });

  test('says plainly which guards bind, and what is assumed', () => {
    expect(words).toContain('The guard on the usage of one vendor does bind');
    expect(words).toContain('The guard on reservations binds for borealis in 2028');
    expect(words).toContain('other levels of the policy. Give more with --cpu.');
  });

  test('tells prices of the policy and sheets for the negotiation in words', () => {
    expect(words).toContain('A cap of 80 % instead of 70 % saves EUR 1,000 (proven: between EUR 600 and EUR 2,000).');
    expect(words).toContain(
      'Walking away from the offers of borealis costs EUR 2,000 (proven: between EUR 1,000 and EUR 2,400)',
    );
    expect(words).toContain('45 % (offered: 40 %)');
    expect(words).toContain('too little is served in an outage');
    expect(words).toContain('borealis has up to 100 % in 2027 (cap 70 %)');
  });
});

test.each([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onload='x",
  '&amp;</style></svg><b>',
  'a\u0000\u0007\uffffb',
])('whatever is called %j stays text [A31]', (name) => {
  const hostilePage = planHtml(hostile(document, name));
  const { faults, elements, text } = readPage(hostilePage);
  expect(faults).toEqual([]);
  const names = new Set(elements.map((element) => element.name));
  for (const element of ['script', 'img', 'b']) expect(names).not.toContain(element);
  expect(text).toContain(name.replace(/[\u0000-\u0008\uffff]/g, '\ufffd'));
  // eslint-disable-next-line no-control-regex
  expect(hostilePage).not.toMatch(/[\u0000-\u0008\uffff]/);
});

test('a plan of which nothing more is known is a page all the same, which says what is not known', () => {
  const { result } = planReport();
  const bare: PlanDocument = planJson(
    planReport({ answers: null, result: { ...result, lowerBound: -Infinity, gap: Infinity } }),
  );
  const { faults, text } = readPage(planHtml(bare));
  expect(faults).toEqual([]);
  expect(text).toContain('Nothing is proven about how much cheaper another plan could be.');
  expect(text).toContain('what would be served if a vendor were gone was not looked at');
  expect(text).not.toContain('that is proven');
});

test('many vendors share the last colour and are called others', () => {
  const vendors = Array.from({ length: 12 }, (_, index) => `vendor${index}`);
  const outOfSample = document.outOfSample && {
    ...document.outOfSample,
    byVendor: vendors.map((vendor) => ({ vendor, mean: 2, low: 1, high: 3, byPeriod: [1, 1], inTail: 4 })),
  };
  const { faults, text } = readPage(planHtml({ ...document, vendors, outOfSample }));
  expect(faults).toEqual([]);
  expect(text).toContain('others');
  expect(text).toContain('vendor11');
});
