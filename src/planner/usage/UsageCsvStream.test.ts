import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../kernel/index.ts';
import { readUsageCsv } from './readUsageCsv.ts';
import type { UsageLine } from './UsageLine.ts';
import { UsageCsvStream } from './UsageCsvStream.ts';

const head = [
  'ChargePeriodStart',
  'BilledCost',
  'BillingCurrency',
  'ChargeCategory',
  'ConsumedQuantity',
  'ConsumedUnit',
  'SkuMeter',
];

const anyName = fc.string({
  unit: fc.constantFrom('a', 'b', ' ', ',', '"', '\n', '\r', 'é', '\u{1F600}'),
  maxLength: 12,
});
const anyRow = fc.oneof(
  fc
    .tuple(anyName, fc.bigInt(0n, 10n ** 15n), fc.constantFrom('Usage', 'Tax', 'Credit'))
    .map(([name, cost, charge]) => [
      '2026-02-03T00:00:00Z',
      `${cost}`,
      'USD',
      charge,
      '1',
      '1K tokens',
      `m ${name} Input Tokens`,
    ]),
  fc.constantFrom(['2026-02-31', '1', 'USD', 'Usage', '1', 'Tokens', 'm'], ['', 'x', '', '', '', '', ''], ['short']),
);

const options = { vendor: 'north' };

/** What is read of a text that comes in pieces of such lengths. */
const streamed = (text: string, cuts: readonly number[]) => {
  const lines: UsageLine[] = [];
  const stream = new UsageCsvStream('bill.csv', options, (some) => {
    lines.push(...some);
    return null;
  });
  let at = 0;
  for (const cut of cuts) {
    const fault = stream.push(text.slice(at, at + cut));
    if (fault !== null) return fault;
    at += cut;
  }
  const fault = stream.push(text.slice(at)) ?? stream.end();
  return fault ?? { ...stream.reading(), lines };
};

const anyCuts = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });

test('an export in pieces is read as it is read whole, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 6 }), anyCuts, fc.boolean(), (rows, cuts, isCut) => {
      const whole = [head, ...rows].map(csvLine).join('');
      // Some end in the middle, also of a quote.
      const text = isCut ? whole.slice(0, -7) : whole;
      const reading = readUsageCsv(text, 'bill.csv', options);
      expect(streamed(text, cuts)).toEqual(reading.ok ? reading.value : reading.fault);
    }),
  );
});

test('costs of what is read, left out and bad add up to what was written', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { maxLength: 8 }), anyCuts, (rows, cuts) => {
      const told = streamed([head, ...rows].map(csvLine).join(''), cuts);
      if ('what' in told) throw new Error(told.what);
      const good = rows.filter(([day, cost]) => day === '2026-02-03T00:00:00Z' && cost !== undefined);
      const written = good.reduce((sum, [, cost = '0']) => sum + BigInt(cost) * 10n ** 12n, 0n);
      const read = [...told.lines, ...told.leftOut].reduce((sum, { cost }) => sum + (cost ?? 0n), 0n);
      expect([read, told.rows, told.badRows]).toEqual([written, rows.length, rows.length - good.length]);
    }),
  );
});

test('an endless row is refused before it fills memory', () => {
  const stream = new UsageCsvStream('bill.csv', options, () => null);
  const piece = 'x'.repeat(1024 * 1024);
  const faults = [`${head.join(',')}\n"`, ...Array.from({ length: 5 }, () => piece)].map((text) => stream.push(text));
  expect(faults.slice(0, 4)).toEqual([null, null, null, null]);
  expect(faults.some((fault) => fault?.what.startsWith('a row of more than') === true && fault.line === 2)).toBe(true);
});

test('a file without a head is refused at its end', () => {
  const stream = new UsageCsvStream('bill.csv', options, () => null);
  expect([stream.push('\n'), stream.end()]).toMatchObject([null, { what: 'an empty file' }]);
});
