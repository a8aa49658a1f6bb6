import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declaredPrice, gapsIn, PriceBook, readPriceList, servedPrice, type PriceRow } from './index.ts';

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const rates = new Map([
  [
    'EUR',
    [
      { from: '2026-01-01', fromMs: day('2026-01-01'), usd: '1.08' },
      { from: '2026-04-01', fromMs: day('2026-04-01'), usd: '1.123456789' },
    ],
  ],
]);
const origin = { source: 'prices.csv', fromMs: 0, currency: 'USD', rates };

const rowsOf = (csv: string): readonly PriceRow[] => {
  const read = readPriceList(csv, origin);
  if (!read.ok) throw new Error(`${read.fault.line}: ${read.fault.message}`);
  return read.value;
};

const faultOf = (csv: string): { readonly line: number; readonly message: string } => {
  const read = readPriceList(csv, origin);
  if (read.ok) throw new Error('no fault');
  return read.fault;
};

const ask = (book: PriceBook, at: string, region: string | null = null) =>
  book.find({ vendor: 'v', model: 'm', region, atMs: day(at) });

describe('a list of prices', () => {
  test('has its columns in any order, and one row a price', () => {
    const [row] = rowsOf(
      'model,vendor,output,input,tier,above_tokens,region,source\nm,v,8,2.5,flex,200000,eu,offer 7\n',
    );
    expect(row).toMatchObject({
      line: 2,
      vendor: 'v',
      model: 'm',
      region: 'eu',
      tier: 'flex',
      aboveTokens: 200_000,
      perMillion: { input: 2_500_000_000n, output: 8_000_000_000n },
      source: 'offer 7',
    });
  });

  test('tells what a request costs beside its tokens', () => {
    expect(rowsOf('vendor,model,request\nv,m,0.01')[0]?.perMillion).toEqual({ requests: 10_000_000_000_000n });
  });

  test('may be in another currency: the rate of the day on which a price begins, rounded half to even once, and told on the bill', () => {
    const rows = rowsOf('vendor,model,input,from,currency\nv,m,2.5,2026-02-01,EUR\nv,n,0.000000003,2026-05-01,EUR\n');
    expect(rows[0]).toMatchObject({
      perMillion: { input: 2_700_000_000n },
      source: 'prices.csv (EUR at 1.08 USD of 2026-01-01)',
    });
    // 3 x 1.123456789 = 3.37 nano-dollars.
    expect(rows[1]?.perMillion).toEqual({ input: 3n });
  });

  test.each([
    ['vendor,input\nv,1', 1, 'the header lacks the column model'],
    ['vendor,model,price\nv,m,1', 1, 'no such column: "price"'],
    ['vendor,model,model\nv,m,m', 1, 'stands there twice'],
    ['vendor,model,input\nv,m,-1', 2, 'input: expected a price as 2.50'],
    ['vendor,model,input\nv,m,1e3', 2, 'input: expected a price as 2.50'],
    ['vendor,model,input\nv,m,1000001', 2, 'is no price: more than 1000000 US dollars'],
    ['vendor,model,input\nv,m,', 2, 'a row without a price'],
    ['vendor,model,input\n,m,1', 2, 'vendor: expected a name'],
    ['vendor,model,input\n\nv,m', 3, '2 cells instead of 3'],
    ['vendor,model,input\nv,"m",1', 2, 'quoted cells are not read'],
    ['vendor,model,input,tier\nv,m,1,auto', 2, 'tier: auto is none that anybody is served in'],
    ['vendor,model,input,above_tokens\nv,m,1,many', 2, 'above_tokens: expected a number of tokens'],
    ['vendor,model,input,from\nv,m,1,2026-02-30', 2, 'from: expected a day'],
    ['vendor,model,input,from,until\nv,m,1,2026-02-01,2026-02-01', 2, 'until: must be a day after'],
    ['vendor,model,input,currency\nv,m,1,XYZ', 2, 'currency: no rates for "XYZ"'],
    ['vendor,model,input,currency,from\nv,m,1,EUR,2025-12-31', 2, 'no rate of EUR for 2025-12-31'],
    ['vendor,model,input\nv,m,1\nv,m,2', 3, 'line 2 has a price for as well'],
    [
      'vendor,model,input,from,until\nv,m,1,2026-01-01,2026-03-01\nv,m,2,2026-02-01,',
      3,
      'line 2 has a price for as well',
    ],
  ])('is refused with the line and how to mend it: %j', (csv, line, message) => {
    expect(faultOf(csv)).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test('never throws, whatever it holds, and names a line that is there', () => {
    const cell = fc.oneof(
      fc.constantFrom('v', 'm', '1', '0.5', '2026-01-01', 'EUR', 'flex', 'auto', '200000', '', '-1', '1e9'),
      fc.string({ maxLength: 8 }),
    );
    const header = fc.oneof(
      fc.shuffledSubarray(['vendor', 'model', 'input', 'tier', 'above_tokens', 'from', 'until', 'currency', 'request']),
      fc.array(cell, { maxLength: 4 }),
    );
    fc.assert(
      fc.property(header, fc.array(fc.array(cell, { maxLength: 9 }), { maxLength: 5 }), (names, rows) => {
        const csv = [names, ...rows].map((cells) => cells.join(',')).join('\n');
        const read = readPriceList(csv, origin);
        if (read.ok) return;
        expect(read.fault.line).toBeGreaterThanOrEqual(1);
        expect(read.fault.line).toBeLessThanOrEqual(csv.split(/\r?\n/).length);
        expect(read.fault.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

describe('prices with dates', () => {
  const dated = rowsOf(
    'vendor,model,input,from,until\nv,m,1,2026-01-01,\nv,m,2,2026-03-01,2026-04-01\nv,m,3,2026-05-01,2026-06-01\n',
  );
  const listed = {
    ...declaredPrice({ input: 9n }, { vendor: 'v', model: 'm', source: 'market' }),
    contextTokens: 1_000,
  };
  const book = new PriceBook([], dated, new PriceBook([listed]));

  test.each([
    // Before the first of them the market's price holds, and after the last one has ended.
    ['2025-12-31', 9n],
    ['2026-01-01', 1_000_000_000n],
    ['2026-02-28', 1_000_000_000n],
    ['2026-03-01', 2_000_000_000n],
    ['2026-05-01', 3_000_000_000n],
    ['2026-06-01', 9n],
  ])('are in force on %s', (at, input) => expect(ask(book, at)?.perMillion).toEqual({ input }));

  test('leave a gap unpriced, and warn of it', () => {
    expect(ask(book, '2026-04-15')).toBeNull();
    expect(gapsIn(dated)).toEqual([
      { line: 4, message: expect.stringContaining('v m has no price from 2026-04-01 until 2026-05-01') },
    ]);
  });

  test('know of their model what the market knows', () => {
    expect(ask(book, '2026-03-01')).toMatchObject({ contextTokens: 1_000, source: 'prices.csv' });
  });

  test('are the same object while they are the same price', () => {
    expect(ask(book, '2026-03-01')).toBe(ask(book, '2026-03-02'));
    expect(ask(book, '2026-03-01')).not.toBe(ask(book, '2026-02-02'));
  });
});

describe('tiers and long inputs of a list', () => {
  const variants = rowsOf(
    'vendor,model,tier,above_tokens,input,from,region\nv,m,flex,,1,2026-01-01,\nv,m,flex,,3,2026-01-01,eu\nv,m,,200000,4,2026-01-01,\n',
  );
  const base = declaredPrice({ input: 2_000_000_000n }, { vendor: 'v', model: 'm', source: 'market' });
  const inputAt = (
    at: string,
    tier: string | null,
    tokens: number,
    region: string | null = null,
  ): bigint | undefined => {
    const found = ask(new PriceBook([], variants, new PriceBook([base])), at, region);
    return found === null ? undefined : servedPrice(found, tier, tokens)?.perMillion.input;
  };

  test('belong to the market price of their model, from their day on and in their region', () => {
    expect(inputAt('2026-02-01', 'flex', 1)).toBe(1_000_000_000n);
    expect(inputAt('2026-02-01', 'flex', 1, 'eu')).toBe(3_000_000_000n);
    expect(inputAt('2026-02-01', null, 200_001)).toBe(4_000_000_000n);
    expect(inputAt('2026-02-01', null, 200_000)).toBe(2_000_000_000n);
    expect(inputAt('2025-02-01', 'flex', 1)).toBeUndefined();
  });
});

test('what ships of tiers and long inputs is a list that can be read, of models that the sheet sells', () => {
  const text = (name: string): string => readFileSync(new URL(`data/${name}`, import.meta.url), 'utf8');
  const sold = new Set(
    text('llm-prices.csv')
      .split('\n')
      .map((line) => line.split(',').slice(0, 2).join(' ')),
  );
  for (const { vendor, model } of rowsOf(text('price-variants.csv'))) expect(sold).toContain(`${vendor} ${model}`);
});
