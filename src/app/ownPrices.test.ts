import { expect, describe, test } from 'vitest';
import { exampleIntent } from '../../test/rigs/exampleIntent.ts';
import { makeKeyTable } from '../access/index.ts';
import { formatFault } from '../config/index.ts';
import { settleAttempt } from '../ledger/index.ts';
import { declaredPrice, PriceBook } from '../market/index.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import { bookWith } from './knownThings.ts';
import { loadConfiguration } from './loadConfiguration.ts';

const at = (text: string): number => Date.parse(text);

const load = (lists: Readonly<Record<string, string>>, more = '') =>
  loadConfiguration(
    {
      file: 'f.yaml',
      text: [
        'version: 1',
        'providers: { a: { wire: openai, vendor: north, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
        'models: { m: { deployments: [{ provider: a, model: x }] } }',
        `prices: [${Object.keys(lists)
          .map((file) => `{ file: ${file}, from: 2026-01-01, currency: EUR }`)
          .join(', ')}]`,
        'rates: { EUR: [ { from: 2026-01-01, usd: "1.08" }, { from: 2026-07-01, usd: "1.25" } ] }',
        more,
      ].join('\n'),
    },
    {
      env: { A: 'key' },
      readFile: (path) => {
        const text = lists[path];
        if (text === undefined) throw new Error('no such file');
        return text;
      },
      known: { wires: ['openai'], nowMs: at('2026-06-01T00:00:00Z'), isPriced: () => false },
    },
  );

const loaded = (lists: Readonly<Record<string, string>>, more = '') => {
  const read = load(lists, more);
  if (!read.ok) throw new Error(read.fault.map(formatFault).join('\n'));
  return read.value;
};

const faults = (lists: Readonly<Record<string, string>>, more = ''): string => {
  const read = load(lists, more);
  return read.ok ? '' : read.fault.map(formatFault).join('\n');
};

const market = new PriceBook([
  declaredPrice({ input: 9_000_000_000n, output: 9_000_000_000n }, { vendor: 'north', model: 'x', source: 'market' }),
]);

const snapshotOf = (csv: string, more = '') => {
  const { configuration, secrets, prices } = loaded({ 'own.csv': csv }, more);
  const keys = makeKeyTable([]);
  if (!keys.ok) throw new Error('no keys');
  return buildSnapshot({
    configuration,
    secrets,
    keys: keys.value,
    areKeysKnown: true,
    book: bookWith(market, prices),
    nowMs: at('2026-06-01T00:00:00Z'),
    sandbox: false,
    served: [],
  });
};

const termsOf = (snapshot: ReturnType<typeof snapshotOf>, when: string) => {
  const terms = snapshot.models.get('m')?.deployments[0]?.terms(at(when));
  if (terms === undefined) throw new Error('no terms');
  return terms;
};

const halfYears = 'vendor,model,input,output,from\nnorth,x,2,8,\nnorth,x,3,9,2026-07-01\n';

describe('lists of prices in the file', () => {
  test('come before the market, by their days, in dollars of the day on which a price begins', () => {
    const snapshot = snapshotOf(halfYears);
    expect(termsOf(snapshot, '2025-12-31T23:59:58Z').price).toMatchObject({ source: 'market' });
    expect(termsOf(snapshot, '2026-01-01T00:00:00Z').price).toMatchObject({
      perMillion: { input: 2_160_000_000n, output: 8_640_000_000n },
      source: 'own.csv (EUR at 1.08 USD of 2026-01-01)',
    });
    expect(termsOf(snapshot, '2026-07-01T00:00:00Z').price).toMatchObject({
      perMillion: { input: 3_750_000_000n, output: 11_250_000_000n },
      source: 'own.csv (EUR at 1.25 USD of 2026-07-01)',
    });
  });

  test('price what is under way over a change by the price at its start', () => {
    const before = snapshotOf(halfYears);
    const started = termsOf(before, '2026-06-30T23:59:57Z');
    // Meanwhile the price changes by its date, and by a list that was read anew.
    expect(termsOf(before, '2026-07-01T00:00:30Z').price).not.toBe(started.price);
    snapshotOf('vendor,model,input,output\nnorth,x,7,7\n');
    const intent = {
      ...exampleIntent,
      model: 'm',
      provider: 'a',
      targetModel: 'x',
      vendor: 'north',
      hosts: { one: 1 },
      contract: null,
      startedAtMs: at('2026-06-30T23:59:57Z'),
      holdNanoUsd: '0',
    };
    const final = settleAttempt({
      intent,
      outcome: { kind: 'ok' },
      reading: { usage: { input: 1_000 }, outputBytes: 1, sent: true, refused: false },
      price: started.price,
      discount: started.discount,
      inputEstimateTokens: 1,
      durationMs: 60_000,
      firstContentMs: 1,
      edits: [],
    });
    expect(final).toMatchObject({ amountNanoUsd: '2160000', lines: [{ priceNanoUsdPerMillion: '2160000000' }] });
  });

  test('leave the days between two prices to policy.unpriced, with a warning', () => {
    const gap = 'vendor,model,input,output,from,until\nnorth,x,2,8,2026-01-01,2026-03-01\nnorth,x,3,9,2026-07-01,\n';
    const { warnings } = loaded({ 'own.csv': gap });
    expect(warnings.map(formatFault).join()).toContain(
      'own.csv:3: north x has no price from 2026-03-01 until 2026-07-01',
    );
    expect(termsOf(snapshotOf(gap), '2026-05-01T00:00:00Z').price).toBeNull();
    expect(
      termsOf(snapshotOf(gap, 'policy: { unpriced: { ceilingPerMTok: "30" } }'), '2026-05-01T00:00:00Z').price,
    ).toMatchObject({ ceilingPerMillion: 30_000_000_000n });
  });

  test('make a model priced that the market does not know', () => {
    const warned = (csv: string): boolean =>
      loaded({ 'own.csv': csv })
        .warnings.map(formatFault)
        .some((warning) => warning.includes('price'));
    expect(warned('vendor,model,input\nnorth,other,2\n')).toBe(true);
    expect(warned(halfYears)).toBe(false);
  });

  test.each([
    [{ 'own.csv': 'vendor,model,input\nnorth,x,cheap\n' }, '', 'own.csv:2: input: expected a price as 2.50'],
    [
      { 'own.csv': halfYears, 'two.csv': halfYears },
      '',
      'two.csv:2: north x has a price from 2026-01-01, and so does an earlier list',
    ],
    [{ 'own.csv': 'vendor,model,input,currency\nnorth,x,1,GBP\n' }, '', 'own.csv:2: currency: no rates for "GBP"'],
  ])('that cannot be believed are refused at their line', (lists, more, fault) => {
    expect(faults(lists, more)).toContain(fault);
  });
});
