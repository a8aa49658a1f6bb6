import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { languages, planHtml, type PlanDocument } from '../../src/planner/index.ts';
import { englishLeft, structureOf } from '../../src/planner/report/englishLeft.fixture.ts';
import { findChromium } from '../rigs/findChromium.ts';
import { chartsOf, layoutFaults } from '../rigs/layoutFaults.ts';
import { openChromium, type Chromium, type ChromiumPage, type PageView } from '../rigs/openChromium.ts';
import { pageLayout } from '../rigs/pageLayout.ts';
import { removeFolder, runArchipel, temporaryFolder } from '../rigs/startServer.ts';

const program = findChromium();
/** CI installs one; a laptop may do without. */
const isMissing = program === null && process.env['CI'] === undefined;
if (isMissing) process.stderr.write('skipped: there is no Chromium here to open reports in\n');

const views: readonly (readonly [name: string, view: PageView])[] = [
  ['on a desk', { width: 1280, height: 900, media: 'screen' }],
  ['on a telephone', { width: 390, height: 844, media: 'screen' }],
  // A4 without its margins.
  ['on paper', { width: 703, height: 1032, media: 'print' }],
];

/** CPU-seconds in which each example is planned coarsely, and has some answer to every question. */
const examples = [
  { name: 'pme', cpuSeconds: 16 },
  { name: 'openai-2025', cpuSeconds: 30 },
];

/** A folder for pictures of all that was looked at, for whoever wants to see it too. */
const pictures = process.env['ARCHIPEL_PICTURES'];

const folder = temporaryFolder();
let chromium: Chromium | null = null;

beforeAll(async () => {
  if (program !== null) chromium = await openChromium(program);
});
afterAll(async () => {
  await chromium?.close();
  removeFolder(folder);
});

/** Opens a page, looks at it and closes it. */
const looked = async <Found>(
  name: string,
  html: string,
  look: (page: ChromiumPage) => Promise<Found>,
): Promise<Found> => {
  assert(chromium !== null, 'CI installs Chromium');
  const path = join(folder, `${name}.html`);
  writeFileSync(path, html);
  const page = await chromium.open(pathToFileURL(path).href);
  try {
    return await look(page);
  } finally {
    await page.close();
  }
};

const faultsIn = async (page: ChromiumPage, view: PageView): Promise<readonly string[]> => {
  await page.show(view);
  return layoutFaults(await pageLayout(page), view.width);
};

/** Charts that a plan has figures for: those of its frontiers as far as there was time for them. */
const chartCount = ({ frontiers }: PlanDocument): number =>
  4 + frontiers.filter(({ points }) => points.filter(({ upperBound }) => upperBound !== null).length > 1).length;

describe.skipIf(isMissing).each(examples)('the report of $name', ({ name, cpuSeconds }) => {
  let document: PlanDocument | null = null;
  let written = '';

  beforeAll(async () => {
    const path = join(folder, `${name}-written.html`);
    const portfolio = `examples/${name}/portfolio.yaml`;
    const { code, stdout, stderr } = await runArchipel([
      'plan',
      `--portfolio=${portfolio}`,
      `--cpu=${cpuSeconds}`,
      `--html=${path}`,
      '--json',
    ]);
    assert(code === 0, stderr);
    document = JSON.parse(stdout);
    written = readFileSync(path, 'utf8');
  });

  const planned = (): PlanDocument => {
    assert(document !== null, 'the example was planned');
    return document;
  };

  test('is what the plan says', () => {
    expect(written).toBe(planHtml(planned(), 'en'));
  });

  test.each(languages)('in %s asks nobody for anything, and no console has a complaint', async (language) => {
    const { requests, complaints } = await looked(`${name}-${language}`, planHtml(planned(), language), (page) =>
      page.paper().then((paper) => {
        expect(paper.subarray(0, 5).toString()).toBe('%PDF-');
        return page;
      }),
    );
    expect([requests, complaints]).toEqual([[], []]);
  });

  test('with a picture from outside in it is caught: its policy forbids it, and without that it is asked for', async () => {
    const address = 'http://pictures.example/one.png';
    const tampered = planHtml(planned(), 'en').replace('</main>', `<img src="${address}" alt=""></main>`);
    const forbidden = await looked(`${name}-forbidden`, tampered, (page) => Promise.resolve(page));
    expect(forbidden.complaints.join('\n')).toContain('Content Security Policy');
    const open = tampered.replace('http-equiv="Content-Security-Policy"', '');
    expect((await looked(`${name}-open`, open, (page) => Promise.resolve(page))).requests).toEqual([address]);
  });

  for (const language of languages)
    test.each(views)(`in ${language} can be read %s, all its charts drawn`, async (how, view) => {
      await looked(`${name}-${language}`, planHtml(planned(), language), async (page) => {
        const faults = await faultsIn(page, view);
        if (pictures !== undefined)
          writeFileSync(join(pictures, `${name} ${language} ${how}.png`), await page.picture());
        expect(faults).toEqual([]);
        const charts = chartsOf(await pageLayout(page));
        expect(charts).toHaveLength(chartCount(planned()));
        for (const { marks } of charts) expect(marks.length).toBeGreaterThan(1);
      });
    });

  test('is the same in French, with no English word left', () => {
    const [inEnglish, inFrench] = [planHtml(planned(), 'en'), planHtml(planned(), 'fr')];
    expect(structureOf(inFrench)).toEqual(structureOf(inEnglish));
    expect(englishLeft(planned(), inEnglish, inFrench)).toEqual([]);
  });
});

describe.skipIf(isMissing)('what is wrong with a page is found', () => {
  const head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>t</title>';
  const [, desk] = views[0] ?? [];

  test('a script that complains is heard', async () => {
    const { complaints } = await looked(
      'script',
      `${head}<p>text</p><script>console.log('so'); nothing();</script>`,
      (page) => Promise.resolve(page),
    );
    expect(complaints.map((complaint) => complaint.split(':')[0])).toEqual(['console', 'thrown']);
  });

  test.each([
    [
      '<div style="width: 60px; overflow: hidden; white-space: nowrap">much too long for it</div>',
      /is cut off by its div/,
    ],
    ['<div style="width: 60px; white-space: nowrap">much too long for it</div>', /is out of its div/],
    [
      '<div style="height: 10px"><p style="margin: 0">one</p></div><p style="margin: 0">two</p>',
      /"one" stands upon "two"/,
    ],
    [
      '<table style="width: 2000px"><tr><td>left<td style="text-align: right">right</table>',
      /"right" is beyond the page/,
    ],
    ['<p>a chart</p><svg width="100" height="100"><text x="5" y="20">nothing</text></svg>', /chart 1 is empty/],
    [
      '<p>a chart</p><svg width="100" height="100"><rect x="5" y="5" width="0" height="9"/></svg>',
      /marks without a size/,
    ],
    [
      '<p>a chart</p><svg width="100" height="100"><text x="80" y="20">beyond it</text><rect width="9" height="9"/></svg>',
      /cut off by its svg/,
    ],
    ['<p style="width: 40px; overflow-wrap: anywhere">unbreakable</p>', /is the end of a broken word/],
    ['<div style="display: none">nothing</div>', /the page is empty/],
  ])('%s', async (body, expected) => {
    assert(desk !== undefined, 'there is a view');
    const faults = await looked('wrong', `${head}<body>${body}`, (page) => faultsIn(page, desk));
    expect(faults.join('\n')).toMatch(expected);
  });

  test('and what can be scrolled to is not', async () => {
    assert(desk !== undefined, 'there is a view');
    const body =
      '<div style="overflow-x: auto"><table style="width: 2000px"><tr><td>left<td style="text-align: right">right</table></div>';
    expect(await looked('scrolled', `${head}<body>${body}`, (page) => faultsIn(page, desk))).toEqual([]);
  });
});
