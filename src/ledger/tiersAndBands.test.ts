import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleIntent } from '../../test/rigs/exampleIntent.ts';
import { nanoUsd } from '../kernel/index.ts';
import { declaredPrice, priceOrCeiling, servedPrice, type PriceEntry } from '../market/index.ts';
import { inputBuckets, modelBuckets, outputBuckets, type Usage } from '../vocabulary/index.ts';
import { expectedUsd, largestOutputBound, settleAttempt, worstCaseCost } from './index.ts';
import { priceUsage } from './priceUsage.ts';

const of = { vendor: 'aurora', model: 'aurora-large', source: 'file' };

/** 2 and 8 dollars a million; flex at half of it; priority at the double; more than 200,000 tokens in at 4 and 12, and with priority at 8 and 24. */
const price = declaredPrice(
  {
    input: 2_000_000_000n,
    output: 8_000_000_000n,
    tiers: new Map([
      ['flex', { perMillion: { input: 1_000_000_000n, output: 4_000_000_000n } }],
      [
        'priority',
        {
          perMillion: { input: 4_000_000_000n, output: 16_000_000_000n },
          above: [{ tokens: 200_000, perMillion: { input: 8_000_000_000n, output: 24_000_000_000n } }],
        },
      ],
    ]),
    above: [{ tokens: 200_000, perMillion: { input: 4_000_000_000n, output: 12_000_000_000n } }],
  },
  of,
);

const intent = { ...exampleIntent, contract: null };

const settle = (
  usage: Usage,
  tiers: { readonly served?: string; readonly asked?: string },
  by: PriceEntry | null = price,
) =>
  settleAttempt({
    intent,
    outcome: { kind: 'ok' },
    reading: { usage, outputBytes: 1, sent: true, refused: false, servedTier: tiers.served ?? null },
    price: by,
    discount: null,
    askedTier: tiers.asked ?? null,
    inputEstimateTokens: 1,
    durationMs: 1,
    firstContentMs: 1,
    edits: [],
  });

const hundred: Usage = { input: 100, output: 10 };

describe('a tier', () => {
  test.each([
    ['standard', '280000', 'file'],
    ['flex', '140000', 'file, flex'],
    ['priority', '560000', 'file, priority'],
    // Full capacity that hands on to the standard one is billed as that.
    ['spillover', '280000', 'file'],
  ])('%s is billed at its own price, which its lines and the record tell', (served, amountNanoUsd, source) => {
    expect(settle(hundred, { served, asked: 'priority' })).toMatchObject({
      amountNanoUsd,
      basis: 'reported',
      servedTier: served,
      lines: [{ source }, { source }],
    });
  });

  test('that the vendor does not tell is taken to be the one that it was asked for', () => {
    expect(settle(hundred, { asked: 'priority' })).toMatchObject({ amountNanoUsd: '560000' });
    expect(settle(hundred, { asked: 'priority' })).not.toHaveProperty('servedTier');
    expect(settle(hundred, { asked: 'auto' })).toMatchObject({ amountNanoUsd: '280000' });
  });

  test('without a price is booked at the dearest that is known, and its cost counts as unknown', () => {
    expect(settle(hundred, { served: 'turbo' })).toMatchObject({
      amountNanoUsd: '560000',
      basis: 'unknown',
      rangeNanoUsd: ['0', '10000000'],
      lines: [{ source: 'file (no price of tier turbo: the dearest known)' }, {}],
    });
    expect(settle({ input: 200_001 }, { served: 'turbo' })).toMatchObject({ amountNanoUsd: '1600008000' });
  });

  test('without a price is booked at the ceiling where the policy sets one', () => {
    const priced = priceOrCeiling({
      entry: price,
      policy: { kind: 'ceiling', ceilingPerMTok: 30_000_000_000n },
      vendor: 'aurora',
      model: 'aurora-large',
    });
    const by = priced.kind === 'refused' ? null : priced.price;
    expect(settle(hundred, { served: 'turbo' }, by)).toMatchObject({
      amountNanoUsd: '3300000',
      basis: 'reported',
      lines: [{ source: 'ceiling' }, { source: 'ceiling' }],
    });
  });

  test('that nothing was used of costs nothing, whatever its price', () => {
    expect(settle({}, { served: 'turbo' })).toMatchObject({ amountNanoUsd: '0', basis: 'reported' });
  });
});

describe('a long input', () => {
  test.each<[Usage, string]>([
    [{ input: 200_000 }, '400000000'],
    // One token more, and the whole request is billed at the higher price.
    [{ input: 200_001 }, '800004000'],
    [{ input: 1, cacheRead: 200_000, output: 1 }, '800016000'],
  ])('of %j counts with its cache', (usage, amountNanoUsd) => {
    expect(settle(usage, {})).toMatchObject({ amountNanoUsd, basis: 'reported' });
  });

  test('has prices of its own in a tier that has them', () => {
    expect(settle({ input: 200_001, output: 1 }, { served: 'priority' })).toMatchObject({
      amountNanoUsd: '1600032000',
      lines: [{ source: 'file, priority, above 200000 tokens' }, {}],
    });
    // Flex has no price of long inputs.
    expect(settle({ input: 200_001 }, { served: 'flex' })).toMatchObject({ amountNanoUsd: '200001000' });
  });
});

describe('what is held', () => {
  const held = (inputBoundTokens: number, tier: string | null): bigint =>
    worstCaseCost({ price, inputBoundTokens, outputBoundTokens: 10, discount: null, tier });

  test.each<[number, string | null, bigint]>([
    [100, null, 280_000n],
    [100, 'standard', 280_000n],
    // Who is told that there is no room for flex may be served and billed as usual.
    [100, 'flex', 280_000n],
    [100, 'priority', 560_000n],
    [100, 'auto', 560_000n],
    [100, 'turbo', 560_000n],
    [200_001, null, 800_124_000n],
    [200_001, 'auto', 1_600_248_000n],
  ])('covers %i tokens in with the tier %s', (bound, tier, amount) => expect(held(bound, tier)).toBe(amount));

  test('buys as much output as the dearest price leaves', () => {
    const bought = (tier: string | null): number | null =>
      largestOutputBound({ price, inputBoundTokens: 0, remaining: nanoUsd(8_000_000n), discount: null, tier });
    expect(bought(null)).toBe(1_000);
    expect(bought('priority')).toBe(500);
  });
});

test('targets are compared at the price of the tier and of the length', () => {
  const expected = (inputTokens: number, tier: string | null): number =>
    expectedUsd({ price, inputTokens, outputTokens: 0, discount: null, tier });
  expect(expected(1_000, null)).toBeCloseTo(0.002, 12);
  expect(expected(1_000, 'flex')).toBeCloseTo(0.001, 12);
  expect(expected(1_000, 'auto')).toBeCloseTo(0.002, 12);
  expect(expected(300_000, null)).toBeCloseTo(1.2, 12);
});

// An oracle that knows nothing of entries and tariffs: prices as plain tables, one fraction a line.
type Table = Partial<Record<(typeof modelBuckets)[number], bigint>>;
interface Tables {
  readonly base: Table;
  readonly bands: readonly (readonly [number, Table])[];
}

const aTable = fc
  .record({
    input: fc.bigInt(0n, 10n ** 12n),
    output: fc.bigInt(0n, 10n ** 12n),
    cacheRead: fc.bigInt(0n, 10n ** 12n),
    cacheWrite5m: fc.bigInt(0n, 10n ** 12n),
    cacheWrite1h: fc.bigInt(0n, 10n ** 12n),
    inputAudio: fc.bigInt(0n, 10n ** 12n),
    inputImage: fc.bigInt(0n, 10n ** 12n),
    reasoning: fc.bigInt(0n, 10n ** 12n),
    outputAudio: fc.bigInt(0n, 10n ** 12n),
    outputImage: fc.bigInt(0n, 10n ** 12n),
    requests: fc.bigInt(0n, 10n ** 12n),
  })
  .map((table): Table => table);
const someTables: fc.Arbitrary<Tables> = fc.record({
  base: aTable,
  bands: fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 500_000 }), aTable), {
    maxLength: 3,
    selector: ([tokens]) => tokens,
  }),
});
const someUsage: fc.Arbitrary<Usage> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...modelBuckets), fc.integer({ min: 1, max: 400_000 })), {
    selector: ([bucket]) => bucket,
  })
  .map((pairs) => Object.fromEntries(pairs));
const someDiscount = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => (thousandths / 1_000).toFixed(3));

const written = ({ base, bands }: Tables) => ({
  perMillion: base,
  above: bands.map(([tokens, perMillion]) => ({ tokens, perMillion })),
});

const entryOf = (standard: Tables, tiers: Readonly<Record<string, Tables>>): PriceEntry =>
  declaredPrice(
    {
      ...standard.base,
      above: written(standard).above,
      tiers: new Map(Object.entries(tiers).map(([name, tables]) => [name, written(tables)])),
    },
    of,
  );

const sum = (usage: Usage, buckets: readonly (typeof modelBuckets)[number][]): number =>
  buckets.reduce((total, bucket) => total + (usage[bucket] ?? 0), 0);

const oracle = (usage: Usage, { base, bands }: Tables, discount: string): bigint => {
  const input = sum(usage, inputBuckets);
  const behind = bands.filter(([tokens]) => tokens < input).toSorted(([one], [other]) => one - other);
  const table = behind.at(-1)?.[1] ?? base;
  const paidThousandths = 1_000n - BigInt(discount.replace('.', ''));
  let total = 0n;
  for (const bucket of modelBuckets) {
    const exact = BigInt(usage[bucket] ?? 0) * (table[bucket] ?? 0n) * paidThousandths;
    const [whole, rest] = [exact / 10n ** 9n, exact % 10n ** 9n];
    const half = 5n * 10n ** 8n;
    total += rest > half || (rest === half && whole % 2n === 1n) ? whole + 1n : whole;
  }
  return total;
};

test('bills of all tiers and lengths are exact, and no hold is smaller than what it may come to', () => {
  fc.assert(
    fc.property(
      someTables,
      fc.dictionary(fc.constantFrom('flex', 'priority'), someTables, { noNullPrototype: true }),
      someUsage,
      someDiscount,
      fc.constantFrom(null, 'flex', 'priority', 'auto'),
      fc.constantFrom(null, 'flex', 'priority'),
      (standard, tiers, usage, discount, asked, told) => {
        const entry = entryOf(standard, tiers);
        // Vendors serve what they were asked for, or as usual.
        const served = asked === 'auto' ? told : told === null ? null : asked;
        const tables = served === null ? standard : tiers[served];
        const by = servedPrice(entry, served, sum(usage, inputBuckets));
        expect(by === null).toBe(tables === undefined);
        if (by === null || tables === undefined) return;
        const bill = priceUsage({ price: by, usage, discount });
        if (!bill.ok) throw new Error('every bucket has a price');
        expect(bill.value.amountNanoUsd).toBe(oracle(usage, tables, discount));
        const bounds = { inputBoundTokens: sum(usage, inputBuckets), outputBoundTokens: sum(usage, outputBuckets) };
        const requests = usage.requests === undefined ? {} : { requests: 1 };
        const one = priceUsage({ price: by, usage: { ...usage, ...requests }, discount });
        if (!one.ok) throw new Error('every bucket has a price');
        const held = worstCaseCost({ price: entry, ...bounds, discount, tier: asked });
        expect(held).toBeGreaterThanOrEqual(one.value.amountNanoUsd);
      },
    ),
    { numRuns: 300 },
  );
});
