import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import { gatherUsage } from './gatherUsage.ts';
import { portfolioFromUsage } from './portfolioFromUsage.ts';
import { readUsageCsv } from './readUsageCsv.ts';
import type { UsageReading } from './UsageLine.ts';

const options = { vendor: 'north' };

const readingOf = (text: string): UsageReading => {
  const reading = readUsageCsv(text, 'usage.csv', options);
  if (!reading.ok) throw new Error(`${reading.fault.what}, ${reading.fault.mend}`);
  return reading.value;
};

const MTok = 1_000_000_000_000n;

const focusHead =
  'BillingCurrency,BilledCost,ChargeCategory,ChargePeriodStart,ConsumedQuantity,ConsumedUnit,EffectiveCost,ListCost,ServiceProviderName,SkuMeter';

test('rows of FOCUS are read with their unit, direction and list cost; what is no usage is left out and counted', () => {
  const reading = readingOf(
    [
      focusHead,
      'USD,8,Usage,2026-01-01T00:00:00Z,2000,1K tokens,8,10,"North, Inc.",gpt 4o 0513 Input global Tokens',
      'USD,6,Usage,2026-01-01T00:00:00Z,1.5,GPU-hours,6,null,"North, Inc.",H100',
      'USD,5,Tax,2026-01-01T00:00:00Z,null,null,5,5,"North, Inc.",',
      'USD,5,Usage,2026-01-01T00:00:00Z,7,GB-months,5,5,"North, Inc.",Storage',
      'USD,0,Usage,2026-01-01T00:00:00Z,null,null,1,1,"North, Inc.",Tokens',
    ].join('\r\n'),
  );
  expect(reading).toMatchObject({ format: 'FOCUS cost and usage', rows: 5, badRows: 0 });
  expect(reading.lines).toEqual([
    {
      vendor: 'North Inc.',
      class: 'gpt-4o-0513',
      day: '2026-01-01',
      lastDay: '2026-01-01',
      measure: 'input',
      quantity: 2n * MTok,
      cost: 8n * MTok,
      listCost: 10n * MTok,
      currency: 'USD',
    },
    {
      vendor: 'North Inc.',
      class: 'h100',
      day: '2026-01-01',
      lastDay: '2026-01-01',
      measure: 'gpuHour',
      quantity: (3n * MTok) / 2n,
      cost: 6n * MTok,
      listCost: null,
      currency: 'USD',
    },
  ]);
  expect(reading.leftOut.map(({ why, rows }) => [why, rows])).toEqual([
    ['charges that are no usage (Tax)', 1],
    ['unit "GB-months"', 1],
    ['no quantity', 1],
  ]);
});

test.each([
  [
    'cost and usage report',
    'lineItem/UsageStartDate,lineItem/UsageAmount,lineItem/UnblendedCost,pricing/unit,lineItem/UsageType\n2026-02-03T00:00:00Z,5,1.2E-2,1K tokens,USE1-NovaLite-input-tokens',
    'nova-lite',
    'input',
    MTok / 200n,
  ],
  [
    'cost details',
    'Date,MeterName,Quantity,UnitOfMeasure,CostInBillingCurrency,BillingCurrency,ChargeType\n02/03/2026,gpt 4o Outp glbl Tokens,3,1K,0.03,EUR,Usage',
    'gpt-4o',
    'output',
    (MTok * 3n) / 1000n,
  ],
  [
    'costs by line item',
    'start_time,amount_value,amount_currency,line_item\n1770076800,2.5,usd,"gpt-4o-2024-08-06, cached input"',
    'gpt-4o',
    'input',
    null,
  ],
  [
    'costs by model',
    'usage_date_utc,model,token_type,cost_usd\n2026-02-03,Claude Sonnet 4.5,output,2.5',
    'claude-sonnet-4-5',
    'output',
    null,
  ],
  [
    'amounts by type',
    'start_time_iso,model,type,price,amount\n2026-02-03T00:00:00+08:00,v4-flash,input_cache_hit_tokens,0.00000002,2000000',
    'v4-flash',
    'input',
    2n * MTok,
  ],
])('%s is known by its columns', (_name, text, name, measure, quantity) => {
  const [line] = readingOf(text).lines;
  expect(line).toMatchObject({ vendor: 'north', class: name, measure, quantity, day: '2026-02-03' });
});

test('tokens that were read from or written to a cache count as input', () => {
  const { lines } = readingOf(
    'usage_date_utc,model_version,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_read,usage_output_tokens\n2026-02-03,claude-sonnet-4-5-20250929,1000000,2000000,3000000,500000',
  );
  expect(lines.map(({ class: name, measure, quantity }) => [name, measure, quantity])).toEqual([
    ['claude-sonnet-4-5', 'input', 6n * MTok],
    ['claude-sonnet-4-5', 'output', MTok / 2n],
  ]);
});

test('tokens of a unit that does not say how many are left out, never guessed', () => {
  const text = (description: string): string =>
    `line_item_usage_start_date,line_item_usage_amount,line_item_unblended_cost,pricing_unit,line_item_usage_type,line_item_line_item_description\n2026-02-03,5,1,Units,MP:USE1_InputTokenCount-Units,${description}`;
  expect(readingOf(text('')).leftOut).toMatchObject([{ why: 'tokens of a unit that does not say how many', rows: 1 }]);
  expect(readingOf(text('Large (North Edition)|Million Input Tokens')).lines).toMatchObject([
    { measure: 'input', quantity: 5n * MTok },
  ]);
});

test.each([
  ['2026-13-01,large,1,1', 2, 1, '"2026-13-01" is no day'],
  ['2026-01-01,large,1,1\n2026-01-02,large,"1,5",1', 3, 18, '"1,5" is no number'],
  ['2026-01-01,large,1', 2, 18, 'a row of 3 cells below a head of 4'],
  [',large,1,1', 2, 1, 'a row without a day'],
  ['2026-01-01,large,9e99,1', 2, 18, '"9e99" is no number'],
])('a bad row is told by its place: %j', (rows, line, column, what) => {
  const { faults, badRows } = readingOf(`start_time,model,input_tokens,output_tokens\n${rows}\n`);
  expect(badRows).toBe(1);
  expect(faults).toMatchObject([{ file: 'usage.csv', line, column, what }]);
});

test('bad rows beyond those that are told are counted', () => {
  const { faults, badRows, rows } = readingOf(`start_time,model,input_tokens,output_tokens\n${'x,y,1,1\n'.repeat(50)}`);
  expect([faults.length, badRows, rows]).toEqual([20, 50, 50]);
});

test.each([
  ['', 'an empty file', 'export it again'],
  ['a,b\n1,2', 'no known export has these columns: a, b', 'export the usage with the columns of FOCUS'],
  [
    'start_time,model,input_tokens\n',
    'no known export has these columns',
    'add what it lacks for "tokens by model": output_tokens',
  ],
  [
    'start_time,model,input_tokens,outputtoken\n',
    'no known export',
    'output_tokens (which stands there as "outputtoken"?)',
  ],
])('a file that is no known export is one fault: %j', (text, what, mend) => {
  const reading = readUsageCsv(text, 'usage.csv', options);
  expect(reading).toMatchObject({ ok: false });
  if (reading.ok) return;
  expect(reading.fault.what).toContain(what);
  expect(reading.fault.mend).toContain(mend);
});

test('an export that does not say who bills needs to be told', () => {
  const reading = readUsageCsv('start_time,model,input_tokens,output_tokens\n2026-01-01,a,1,1', 'usage.csv', {
    vendor: null,
  });
  expect(reading).toMatchObject({ ok: true, value: { badRows: 1, faults: [{ mend: 'say so with --vendor NAME' }] } });
});

const cell = fc.oneof(
  fc.constantFrom(
    '',
    'null',
    'Usage',
    'Tax',
    '2026-01-01',
    '02/30/2026',
    '1770076800',
    '12',
    '-3.5',
    '1e-9',
    '9e99',
    'USD',
    '1K tokens',
    'GPU-hours',
    'gpt 4o Input Tokens',
  ),
  fc.string({ maxLength: 12 }),
);

test('whatever an export holds, every row is used, left out or bad, and what is made of it is a valid portfolio', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        focusHead,
        'start_time,model,input_tokens,output_tokens',
        'usage_date_utc,model,token_type,cost_usd,list_price_usd',
        'Date,MeterName,Quantity,UnitOfMeasure,CostInBillingCurrency,BillingCurrency,ChargeType',
      ),
      fc.array(fc.array(cell, { minLength: 10, maxLength: 10 }), { maxLength: 12 }),
      (head, rows) => {
        const width = head.split(',').length;
        const body = rows.map((row) =>
          row
            .slice(0, width)
            .map((one) => `"${one.replaceAll('"', '""')}"`)
            .join(','),
        );
        const reading = readUsageCsv([head, ...body].join('\n'), 'usage.csv', options);
        if (!reading.ok) throw new Error(reading.fault.what);
        const { rows: all, badRows, leftOut, lines } = reading.value;
        expect(all).toBe(rows.length);
        const aside = leftOut.reduce((sum, some) => sum + some.rows, 0);
        expect(lines.length).toBeGreaterThanOrEqual(all - badRows - aside);
        expect(lines.length).toBeLessThanOrEqual(2 * (all - badRows - aside));
        const gathered = gatherUsage([reading.value]);
        if (!gathered.ok || gathered.value.span.wholeMonths.length > 12) return;
        const built = portfolioFromUsage(gathered.value, {
          source: 'usage.csv',
          from: '2027-01-01',
          years: 2,
          currency: 'USD',
        });
        if (!built.ok) return;
        const { text } = built.value;
        const read = readPortfolio(text, 'portfolio.yaml');
        if (!read.ok) throw new Error(`${read.fault.map(({ line, what }) => `${line} ${what}`).join('\n')}\n${text}`);
      },
    ),
    { numRuns: 300 },
  );
});

test('any text at all is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.boolean(), (text, isHeaded) => {
      const reading = readUsageCsv(
        isHeaded ? `start_time,model,input_tokens,output_tokens\n${text}` : text,
        'usage.csv',
        options,
      );
      expect(typeof reading.ok).toBe('boolean');
    }),
  );
});

test('what was billed is told beside a cost that has prepaid fees spread over it', () => {
  const row = (billed: string, effective: string): string =>
    `USD,${billed},Usage,2026-01-01T00:00:00Z,1.5,GPU-hours,${effective},9,North,H100`;
  const { lines } = readingOf([focusHead, row('0', '6'), row('6', '6')].join('\n'));
  expect(lines.map(({ cost, billed }) => [cost, billed])).toEqual([
    [6n * MTok, 0n],
    [6n * MTok, undefined],
  ]);
});
