import { expect, test } from 'vitest';
import { planJson } from './planJson.ts';
import { planReport } from './planReport.fixture.ts';
import { noPlanSentences, offerTexts } from './sentences.ts';
import { wordingOf } from './Wording.ts';

const document = planJson(planReport());

test('it has the figures of the plan in the currency of the file', () => {
  expect(document.upperBound).toBeCloseTo(44_000, 6);
  expect(document.lowerBound).toBeCloseTo(44_000 * (1 - 0.00936), 6);
  expect(document).toMatchObject({ gap: 0.00936, cpuSeconds: 12.5, currency: 'EUR', vendors: ['aurora', 'borealis'] });
  expect(document.outOfSample?.mean).toBeCloseTo(40_000, 6);
  expect(document.outOfSample?.cvar).toBeCloseTo(60_000, 6);
  expect([document.outOfSample?.low, document.outOfSample?.high]).toEqual([
    expect.closeTo(39_600, 6),
    expect.closeTo(40_400, 6),
  ]);
});

test('decisions have their amounts as exact decimals, with the terms to sign them for', () => {
  expect(document.decisions).toEqual([
    {
      vendor: 'aurora',
      offer: 'aurora-pool',
      kind: 'pool',
      start: '2027-01-01',
      months: 24,
      usd: '12000',
      currency: 'EUR',
      until: '2029-01-01',
      signBy: '2027-01-01',
      committed: '12000',
      discount: 0.1,
      feePerMonth: null,
      steps: [
        { from: '2027-01-01', until: '2028-01-01', usd: '3000' },
        { from: '2028-01-01', until: '2029-01-01', usd: '9000' },
      ],
      upfrontShare: '0.25',
      covers: ['aurora/chat'],
    },
    {
      vendor: 'borealis',
      offer: 'lane',
      kind: 'floor',
      start: '2027-01-01',
      months: 6,
      quantity: '100',
      unit: 'unitsPerMonth',
      source: 'borealis/code',
      until: '2027-07-01',
      signBy: '2027-01-01',
      committed: '720',
      discount: null,
      feePerMonth: 120,
      steps: [],
      upfrontShare: '0',
      covers: ['borealis/code'],
    },
  ]);
  expect(document.committed).toBe('12720');
  expect(document.kept).toEqual([
    {
      vendor: 'borealis',
      offer: 'B-1',
      kind: 'pool',
      start: '2027-01-01',
      months: 12,
      until: '2028-01-01',
      usd: '1200',
    },
  ]);
});

test('the certificate names what is lost, when, and what binds', () => {
  expect(document.certificate).toHaveLength(8);
  expect(document.certificate[2]).toEqual({
    lost: 'aurora',
    lostKind: 'vendor',
    year: 2028,
    period: '2028',
    class: 'chat',
    servedShare: 0.72,
    askedShare: 0.9,
    met: false,
    binding: 'commitment of borealis',
    rivals: ['code'],
  });
});

test('it is JSON: what has no finite figure is null, and nothing is lost on the way', () => {
  const { result } = planReport();
  const open = planJson(planReport({ result: { ...result, lowerBound: -Infinity, gap: Infinity } }));
  expect(open).toMatchObject({ lowerBound: null, gap: null });
  for (const one of [document, open]) expect(JSON.parse(JSON.stringify(one))).toEqual(one);
});

test('without a plan it has no decisions and says why', () => {
  const { result } = planReport();
  const rule = { loss: 'borealis', period: 1, classes: [0], needed: 10, reachable: 5 };
  const none = planJson(
    planReport({
      answers: null,
      result: {
        ...result,
        incumbent: null,
        upperBound: Infinity,
        gap: Infinity,
        feasible: false,
        conflict: { conflict: [rule], relaxation: [rule] },
      },
    }),
  );
  expect(none).toMatchObject({ upperBound: null, gap: null, decisions: [], certificate: [], outOfSample: null });
  const told = { lost: 'borealis', period: '2028', classes: ['chat'], reachableShare: 0.5 };
  expect(none.conflicts).toEqual({ conflict: [told], relaxation: [told] });
});

test('a search that was stopped before it found anything is not said to have met a policy that cannot be met', () => {
  const { result } = planReport();
  const none = {
    ...result,
    incumbent: null,
    upperBound: Infinity,
    lowerBound: -Infinity,
    gap: Infinity,
    feasible: false,
  };
  const stopped = planJson(planReport({ answers: null, interrupted: true, result: none }));
  expect(stopped.search).toMatchObject({ feasible: true, interrupted: true });
  expect(noPlanSentences(wordingOf('en', 'EUR'), stopped)).toEqual([
    'There is no plan: the search was stopped before one was found.',
  ]);
  const late = planJson(planReport({ answers: null, result: none }));
  expect(noPlanSentences(wordingOf('en', 'EUR'), late).join(' ')).toContain('none was found in the CPU-seconds given');
});

test('offers of a negotiation sheet are told in the words of the file', () => {
  expect(document.negotiations[0]?.offers[1]).toMatchObject({
    kind: 'floor',
    offer: 'lane',
    months: 6,
    quantity: '100',
    unit: 'unitsPerMonth',
    source: 'borealis/code',
    isUpTo: false,
    currentDiscount: 0.4,
    discountNeeded: 0.45,
    forcedKeepsPolicy: false,
  });
});

test('an offer that never beats list prices has no figure for that, and the sheet says so in words', () => {
  const report = planReport();
  const offered = (breakEvenPerYear: readonly number[]) => {
    const { answers } = report;
    const negotiations = (answers?.negotiations ?? []).map((sheet) => ({
      ...sheet,
      offers: sheet.offers.map((offer) => ({ ...offer, breakEvenPerYear, breakEvenUse: null })),
    }));
    return planJson({ ...report, answers: answers && { ...answers, negotiations } }).negotiations[0]?.offers[0];
  };
  const never = offered([Infinity, Infinity]);
  const partly = offered([0, Infinity]);
  expect(never?.breakEvenPerYear).toEqual([null, null]);
  expect(partly?.breakEvenPerYear).toEqual([0, null]);
  const texts = (['en', 'fr'] as const).flatMap((language) =>
    [never, partly].map((offer) => offer && offerTexts(wordingOf(language, 'EUR'), offer).breakEven),
  );
  expect(texts.map((text) => text?.replaceAll(/[\u00a0\u202f]/g, ' '))).toEqual([
    'never',
    'EUR 0, in some periods never',
    'jamais',
    '0 EUR, jamais dans certaines périodes',
  ]);
});
