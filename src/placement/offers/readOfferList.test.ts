import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offerLimits } from './limits.ts';
import { pricedRows } from './OfferList.ts';
import { header, realOffersCsv } from './offerList.fixture.ts';
import { formatOfferListFinding, offerColumns, readOfferList } from './readOfferList.ts';
import { corpusOf } from '../../../test/rigs/fuzz/corpusOf.ts';

const readRows = (...rows: string[]) => readOfferList([header, ...rows, ''].join('\n'));

const rowOf = (row: string) => {
  const reading = readRows(row);
  if (!reading.ok) throw new Error(reading.fault.map(formatOfferListFinding).join('\n'));
  return reading.value.rows[0]!;
};

const faultsOf = (text: string): readonly string[] => {
  const reading = readOfferList(text);
  return reading.ok ? [] : reading.fault.map(formatOfferListFinding);
};

describe('a real list', () => {
  const reading = readOfferList(realOffersCsv);
  const rows = reading.ok ? reading.value.rows : [];

  test('is read whole, and what has no price stays without one', () => {
    expect(reading).toMatchObject({ ok: true });
    expect(rows).toHaveLength(1_856);
    expect(pricedRows({ rows })).toBe(1_155);
    expect(rows.filter(({ isPriced }) => !isPriced)).toHaveLength(701);
    expect(rows.filter(({ onDemand }) => onDemand === null)).toHaveLength(701 + 5);
    expect(rows.every(({ onDemand }) => onDemand === null || onDemand.hourNanoUsd > 0n)).toBe(true);
    expect(reading.ok && reading.value.warnings.map(({ line, message }) => [line, message])).toEqual(
      [619, 620, 621, 622, 637].map((line) => [line, 'only a part of an accelerator: no job can be given it']),
    );
  });

  test('prices an accelerator as its part of the instance', () => {
    const find = (instance: string, region: string) =>
      rows.find((row) => row.instance === instance && row.region === region);
    // 55.04 $ over 8; 26.4192 $ over 8, which is 48 % of it; 216.32 $ over 4.
    expect(find('p5.48xlarge', 'us-east-1')).toMatchObject({
      count: 8,
      onDemand: { instanceHourNanoUsd: 55_040_000_000n, hourNanoUsd: 6_880_000_000n },
      spot: { instanceHourNanoUsd: 26_419_200_000n, hourNanoUsd: 3_302_400_000n, estimated: true },
      interruptionsPerHour: 1 / 730,
    });
    expect(find('Standard_ND128isr_NDR_GB200_v6', 'brazilsouth')?.onDemand?.hourNanoUsd).toBe(54_080_000_000n);
    // 21.957642 $ over 8 is 2.74470525 $, and exact to the nano-dollar.
    expect(find('p4d.24xlarge', 'us-east-1')?.onDemand?.hourNanoUsd).toBe(2_744_705_250n);
    expect(find('a3-highgpu-1g', 'asia-east1')?.spot).toMatchObject({ hourNanoUsd: 5_999_800_000n, estimated: false });
  });

  test('reads the same with its columns in another order, in quotes and with line ends of another system', () => {
    const turned = realOffersCsv
      .trimEnd()
      .split('\n')
      .map(
        (line) =>
          `${line
            .split(',')
            .toReversed()
            .map((cell) => `"${cell}"`)
            .join(',')},more`,
      )
      .join('\r\n');
    expect(readOfferList(turned)).toEqual(reading);
  });
});

describe('a price', () => {
  test('that is not there, or is 0, is none, and the 0 is told', () => {
    const reading = readRows('aws,r,,a,T4,1,,,,,,,', 'aws,r,,b,T4,1,,,0.00,0,list,,');
    expect(reading).toMatchObject({
      ok: true,
      value: {
        rows: [
          { onDemand: null, spot: null },
          { onDemand: null, spot: null },
        ],
        warnings: [
          { line: 3, column: 'on_demand_usd_h' },
          { line: 3, column: 'spot_usd_h' },
        ],
      },
    });
  });

  test('that rounds to nothing for one accelerator is none', () => {
    expect(rowOf('aws,r,,a,T4,8,,,0.000000002,,,,').onDemand).toBeNull();
  });

  test('is rounded half to even once where a list prints floats, or where it does not divide', () => {
    expect(rowOf('aws,r,,a,T4,1,,,0.3170000000000001,,,,').onDemand?.hourNanoUsd).toBe(317_000_000n);
    // 0.000000005 $ over 2: 2.5 nano-dollars are 2; 0.000000007 over 2: 3.5 are 4.
    expect(rowOf('aws,r,,a,T4,2,,,0.000000005,,,,').onDemand?.hourNanoUsd).toBe(2n);
    expect(rowOf('aws,r,,a,T4,2,,,0.000000007,,,,').onDemand?.hourNanoUsd).toBe(4n);
    expect(rowOf('aws,r,,a,T4,3,,,10,,,,').onDemand).toEqual({
      instanceHourNanoUsd: 10_000_000_000n,
      hourNanoUsd: 3_333_333_333n,
    });
  });

  test('of an instance with a part of an accelerator is no price of a whole one', () => {
    const row = rowOf('aws,us-east-1,,g6f.large,L4,0,2,8,0.202,,,,');
    expect([row.onDemand, row.isPriced]).toEqual([null, true]);
  });

  test('of savings alone is no spot price', () => {
    expect(rowOf('aws,r,,a,T4,1,,,2,,savings%=-62,<5%,')).toMatchObject({
      spot: null,
      onDemand: { hourNanoUsd: 2_000_000_000n },
    });
  });

  test('is doubted where a region is many times dearer than the others: most often it is another currency', () => {
    const reading = readRows(
      'aws,us-east-1,,g4dn.xlarge,T4,1,4,16,0.526,,,,',
      'aws,sa-east-1,,g4dn.xlarge,T4,1,4,16,0.894,,,,',
      'aws,cn-north-1,,g4dn.xlarge,T4,1,4,16,5.223,,,,',
      'aws,cn-north-1,,g4dn.metal,T4,8,96,384,70,,,,',
    );
    expect(reading.ok && reading.value.warnings.map(formatOfferListFinding)).toEqual([
      'on_demand_usd_h: 1 prices of aws cn-north-1 are more than 5 times those of the same instances elsewhere; check that they are in US dollars',
    ]);
  });

  test('is never 0, whatever a list says', () => {
    const price = fc.constantFrom('', '0', '0.0', '0.000000000', '0.0000000001', '1', '12.5', '999999.999999999');
    fc.assert(
      fc.property(price, price, fc.integer({ min: 1, max: 64 }), (onDemand, spot, count) => {
        const row = rowOf(`aws,r,,a,T4,${count},,,${onDemand},${spot},,,`);
        for (const known of [row.onDemand, row.spot]) expect(known === null || known.hourNanoUsd > 0n).toBe(true);
      }),
    );
  });
});

describe('what is wrong', () => {
  test.each([
    [
      'aws,r,,a,T4,-1,,,,,,,',
      'line 2, count: expected how many accelerators one instance has, from 0 to 10000; write a whole number such as 8, or 0 for a part of one',
    ],
    ['aws,r,,a,T4,1.5,,,,,,,', /^line 2, count: /],
    [',r,,a,T4,1,,,,,,,', /^line 2, cloud: nothing there/],
    ['aws,r,,,T4,1,,,,,,,', /^line 2, instance: nothing there/],
    ['aws,r,,a,"T4\nX",1,,,,,,,', /^line 2, accelerator: expected a short name/],
    ['aws,r,,a,T4,1,many,,,,,,', /^line 2, vcpu: expected a number/],
    ['aws,r,,a,T4,1,,,-1,,,,', /^line 2, on_demand_usd_h: expected US dollars an hour/],
    ['aws,r,,a,T4,1,,,1e3,,,,', /^line 2, on_demand_usd_h: expected US dollars an hour/],
    ['aws,r,,a,T4,1,,,"1,5",,,,', /^line 2, on_demand_usd_h: expected US dollars an hour/],
    ['aws,r,,a,T4,1,,,NaN,,,,', /^line 2, on_demand_usd_h: expected US dollars an hour/],
    [
      'aws,r,,a,T4,1,,,1000000.01,,,,',
      /^line 2, on_demand_usd_h: more than 1,000,000 US dollars an hour; check the unit/,
    ],
    ['aws,r,,a,T4,1,,,,,guess,,', /^line 2, spot_kind: .*; write list, estimate, savings%=87, or nothing/],
    ['aws,r,,a,T4,1,,,,,,rarely,', /^line 2, interruption: .*; write it as <5%/],
    [`aws,r,,a,T4,1,,,,,,,${'x'.repeat(257)}`, /^line 2, source: a long text/],
    [
      'aws,r,,a,T4,1,,,,,,',
      'line 2: 12 cells below a header of 13; give each column its cell, an empty one where nothing is known',
    ],
    ['aws,r,,a,T4,1,,,"1,,,,', /^line 2: a quote is never closed; close it/],
  ])('in %j is told with its line, its column and how to mend it', (row, told) => {
    const [fault, ...others] = faultsOf(`${header}\n${row}\n`);
    expect(others).toEqual([]);
    if (typeof told === 'string') expect(fault).toBe(told);
    else expect(fault).toMatch(told);
  });

  test('with two offers of the same name in the same place names the first', () => {
    const row = 'aws,r,z,a,T4,1,,,1,,,,';
    expect(faultsOf([header, row, row.replace(',z,', ',y,'), row].join('\n'))).toEqual([
      'line 4, instance: the same offer as on line 2; keep one of the two',
    ]);
  });

  test('with a header, or without one, is told', () => {
    expect(faultsOf('')).toEqual([`no header; begin with ${offerColumns.join(',')}`]);
    expect(faultsOf(`${header}\n`)).toEqual(['no rows below the header; give it at least one offer']);
    expect(faultsOf(header.replace('region', 'location'))).toEqual([
      `line 1, region: the header lacks this column; write ${offerColumns.join(',')}`,
    ]);
    expect(faultsOf(`${header},cloud\n`)).toEqual([
      'line 1, cloud: the header has this column twice; keep one of the two',
    ]);
  });

  test('is told up to a bound', () => {
    expect(faultsOf([header, ...Array.from({ length: 500 }, () => 'aws,r,,a,T4,,,,,,,,')].join('\n'))).toHaveLength(
      offerLimits.findings,
    );
  });

  test('in warnings beyond their bound is counted', () => {
    const reading = readRows(...Array.from({ length: 50 }, (_, index) => `aws,r,,a${index},T4,1,,,0,,,,`));
    expect(reading.ok && reading.value.warnings.slice(-2).map(formatOfferListFinding)).toEqual([
      'line 20, on_demand_usd_h: 0 is no price: the offer counts as unpriced; leave the cell empty where the price is not known',
      '31 more of the kind; mend these first',
    ]);
  });

  test('with a list that is too long is told before it is read', () => {
    expect(faultsOf(`${header}\n${'é'.repeat(offerLimits.listBytes / 2)}`)).toEqual([
      expect.stringMatching(/^more than 4194304 bytes/),
    ]);
    const rows = Array.from({ length: offerLimits.listRows + 1 }, (_, index) => `a,r,,${index},T4,1,,,1,,,,`);
    expect(faultsOf([header, ...rows].join('\n'))).toEqual([expect.stringMatching(/^more than 50000 rows/)]);
    expect(readOfferList([header, ...rows.slice(1)].join('\n')).ok).toBe(true);
  });

  test('never comes as an exception', () => {
    const noise = fc.string({
      unit: fc.constantFrom('a', '1', '.', '"', ',', '\n', '\0', '%', '<', '-', 'é'),
      maxLength: 200,
    });
    fc.assert(
      fc.property(noise, fc.boolean(), (text, headed) => {
        const reading = readOfferList(headed ? `${header}\n${text}` : text);
        if (!reading.ok) expect(reading.fault.length).toBeGreaterThan(0);
      }),
    );
  });

  test('by one damaged character of a real list is read or told, and never taken for a price of 0', () => {
    const lines = realOffersCsv.split('\n').slice(0, 1_000);
    const whole = [lines[0], ...lines.slice(840, 880)].join('\n');
    expect(readOfferList(whole).ok).toBe(true);
    const put = fc.constantFrom('', ',', '"', '\n', '0', '9', 'x', '-', '\r');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), put, (at, character) => {
        const reading = readOfferList(whole.slice(0, at) + character + whole.slice(at + 1));
        expect(reading.ok ? reading.value.rows.length : reading.fault.length).toBeGreaterThan(0);
        const prices = reading.ok ? reading.value.rows.flatMap(({ onDemand }) => onDemand ?? []) : [];
        expect(prices.filter(({ hourNanoUsd }) => hourNanoUsd <= 0n)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

test.each(corpusOf('readOfferList'))('$name of the corpus', ({ bytes, accepted }) => {
  expect(readOfferList(bytes.toString()).ok).toBe(accepted);
});
