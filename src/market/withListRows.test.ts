import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listCells, readPriceList, withListRows, type PriceRow } from './index.ts';

const origin = { source: 'own.csv', fromMs: Date.parse('2026-01-01'), currency: 'USD', rates: new Map() };

const rowsOf = (csv: string): readonly PriceRow[] => {
  const read = readPriceList(csv, origin);
  if (!read.ok) throw new Error(`${read.fault.line}: ${read.fault.message}`);
  return read.value;
};

const added: PriceRow = {
  line: 1,
  vendor: 'v',
  model: 'new',
  region: 'eu',
  tier: 'flex',
  aboveTokens: 200_000,
  fromMs: Date.parse('2026-03-01'),
  untilMs: Date.parse('2026-04-01'),
  perMillion: { input: 1_234_500_000_001n, cacheWrite1h: 0n, requests: 5_000_000n },
  source: 'a sheet, "mine"',
};

test('rows that are there stay as they are, in columns that are there, and new ones stand behind them', () => {
  expect(withListRows('model,vendor,input\nm,v,2.50\n', [listCells(added)])).toBe(
    [
      'model,vendor,input,region,tier,above_tokens,cache_write_1h,request,from,until,currency,source',
      'm,v,2.50,,,,,,,,,',
      'new,v,1234.500000001,eu,flex,200000,0,0.000000005,2026-03-01,2026-04-01,USD,a sheet_ _mine_',
      '',
    ].join('\n'),
  );
});

test('ends of lines stay those of the list, blank lines where they are, and a last line without an end gets one', () => {
  expect(
    withListRows(
      'vendor,model,input,tier,above_tokens,region,from,until,currency,source,cache_write_1h,request\r\nv,m,2,,,,,,,,,',
      [listCells(added)],
    ),
  ).toMatch(/,\r\nv,new,1234\.500000001,flex,200000,eu,2026-03-01,2026-04-01,USD,a sheet_ _mine_,0,0\.000000005\r\n$/);
  expect(withListRows('vendor,model,input\n\nv,m,2', [])).toBe('vendor,model,input\n\nv,m,2');
});

test('whatever is added is read back as it was, and so is what was there', () => {
  const price = fc.bigInt({ min: 0n, max: 1_000_000_000_000_000n });
  const row = fc
    .record({
      model: fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/),
      tier: fc.constantFrom(null, 'flex', 'batch'),
      aboveTokens: fc.constantFrom(null, 1, 272_000),
      day: fc.integer({ min: 1, max: 28 }),
      input: price,
      outputAudio: price,
    })
    .map(({ model, tier, aboveTokens, day, input, outputAudio }): PriceRow => ({
      ...added,
      model,
      tier,
      aboveTokens,
      region: null,
      fromMs: Date.UTC(2026, 4, day),
      untilMs: null,
      perMillion: { input, outputAudio },
      source: 'sheet',
    }));
  const rows = fc.uniqueArray(row, {
    maxLength: 6,
    selector: ({ model, tier, aboveTokens }) => `${model} ${tier} ${aboveTokens}`,
  });
  const text = 'model,vendor,input\nm-0,v,2.50\n\nm-1,v,3\n';
  fc.assert(
    fc.property(rows, (more) => {
      const read = rowsOf(withListRows(text, more.map(listCells)));
      const alike = (one: PriceRow): PriceRow => ({ ...one, line: 0 });
      expect(read.map(alike)).toEqual([...rowsOf(text), ...more].map(alike));
    }),
  );
});
