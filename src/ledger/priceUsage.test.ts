import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseUsd } from '../kernel/index.ts';
import { declaredPrice, perMillionOf, type PriceEntry } from '../market/index.ts';
import { type ModelBucket, modelBuckets, type Usage } from '../vocabulary/index.ts';
import { type Bill, largestOutputBound, outputTokensMax, priceUsage, sumOfLines, worstCaseCost } from './index.ts';

const priceOf = (perMTok: Partial<Record<ModelBucket, string>>, model = 'm'): PriceEntry =>
  declaredPrice(Object.fromEntries(Object.entries(perMTok).map(([bucket, usd]) => [bucket, perMillionOf(usd)])), {
    vendor: 'v',
    model,
    source: 'file',
  });

const bill = (price: PriceEntry, usage: Usage, discount: string | null = null): Bill => {
  const priced = priceUsage({ price, usage, discount });
  if (!priced.ok) throw new Error(`unpriced: ${priced.fault.unpriced.join()}`);
  return priced.value;
};

interface Case33 {
  readonly rateCardUsdPerMTok: Readonly<Record<string, number>>;
  readonly cases: readonly {
    readonly vendor: string;
    readonly buckets: Record<string, number>;
    readonly usd: number;
  }[];
}

const case33 = JSON.parse(
  readFileSync(new URL('../../test/fixtures/cases/33-cache-tokens-billed-twice.usages.json', import.meta.url), 'utf8'),
) as Case33;

describe('a bill', () => {
  test.each(case33.cases)(
    'counts each cached token once: $vendor',
    ({ buckets: { uncachedInput, ...others }, usd }) => {
      const card = Object.fromEntries(
        Object.entries(case33.rateCardUsdPerMTok).map(([bucket, price]) => [bucket, String(price)]),
      );
      const { amountNanoUsd } = bill(priceOf(card), { input: uncachedInput ?? 0, ...others });
      // The case says dollars as a float; eight decimals of it are exact.
      expect(amountNanoUsd).toBe(parseUsd(usd.toFixed(8)));
    },
  );

  test('shows its lines, with prices, discount and source', () => {
    const price = priceOf({ input: '1.75', output: '14' });
    expect(bill(price, { input: 1000, output: 10, reasoning: 500, requests: 1 }, '0.1')).toEqual({
      lines: [
        {
          bucket: 'input',
          units: 1000,
          priceNanoUsdPerMillion: '1750000000',
          discount: '0.1',
          amountNanoUsd: '1575000',
          source: 'file',
        },
        {
          bucket: 'output',
          units: 10,
          priceNanoUsdPerMillion: '14000000000',
          discount: '0.1',
          amountNanoUsd: '126000',
          source: 'file',
        },
        {
          bucket: 'reasoning',
          units: 500,
          priceNanoUsdPerMillion: '14000000000',
          discount: '0.1',
          amountNanoUsd: '6300000',
          source: 'file (reasoning at the output price)',
        },
      ],
      amountNanoUsd: 8_001_000n,
      listNanoUsd: 8_890_000n,
    });
  });

  test('rounds each line half to even, once, after the discount', () => {
    const price = priceOf({ input: '0.0005', cacheRead: '0.0015' });
    expect(bill(price, { input: 1 }).amountNanoUsd).toBe(0n);
    expect(bill(price, { cacheRead: 1 }).amountNanoUsd).toBe(2n);
    expect(bill(price, { input: 3 }).amountNanoUsd).toBe(2n);
    // 5 x 0.5 x 0.9 = 2.25: rounding the list amount first would have given 1.8.
    expect(bill(price, { input: 5 }, '0.1')).toMatchObject({ amountNanoUsd: 2n, listNanoUsd: 2n });
  });

  test('charges for requests only where the price says so', () => {
    const price = declaredPrice(
      { input: 0n, requests: 1_000_000n * 5_000_000n },
      { vendor: 'v', model: 'm', source: 'file' },
    );
    expect(bill(price, { input: 10, requests: 1 }).amountNanoUsd).toBe(5_000_000n);
    expect(bill(priceOf({ input: '1' }), { requests: 3 })).toEqual({ lines: [], amountNanoUsd: 0n, listNanoUsd: 0n });
  });

  test('is never silently free: what has no price is named, and its line says so', () => {
    const priced = priceUsage({
      price: priceOf({ input: '1', output: '2' }),
      usage: { input: 1_000_000, outputAudio: 7 },
      discount: null,
    });
    expect(priced).toMatchObject({
      ok: false,
      fault: {
        unpriced: ['outputAudio'],
        bill: {
          amountNanoUsd: 1_000_000_000n,
          lines: [{ bucket: 'input' }, { bucket: 'outputAudio', units: 7, source: 'unpriced' }],
        },
      },
    });
  });

  test('stays exact where a float would not: a quadrillion tokens at a price of many digits', () => {
    const price = priceOf({ input: '0.123456789' });
    expect(bill(price, { input: 9_007_199_254_740_991 }).amountNanoUsd).toBe(
      (9_007_199_254_740_991n * 123_456_789n + 500_000n) / 1_000_000n,
    );
  });

  test.each(['1.01', '-0.1', 'ten'])('refuses %s as a discount', (discount) => {
    expect(() => priceUsage({ price: priceOf({ input: '1' }), usage: { input: 1 }, discount })).toThrow(RangeError);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 60])('takes %s units for a mistake of ours', (units) => {
    expect(() => priceUsage({ price: priceOf({ input: '1' }), usage: { input: units }, discount: null })).toThrow(
      /assertion/,
    );
  });
});

test('accelerator-seconds are not for the price of a model to know', () => {
  const usage: Usage = { input: 1, acceleratorSeconds: 3600 };
  expect(() => priceUsage({ price: priceOf({ input: '1' }), usage, discount: null })).toThrow(/assertion/);
});

const inputSide: readonly ModelBucket[] = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
];
const outputSide: readonly ModelBucket[] = ['output', 'reasoning', 'outputAudio', 'outputImage'];

const anyPrice = fc
  .record(
    Object.fromEntries(modelBuckets.map((bucket) => [bucket, fc.bigInt({ min: 0n, max: 10n ** 13n })])) as Record<
      ModelBucket,
      fc.Arbitrary<bigint>
    >,
    { requiredKeys: ['input', 'output'] },
  )
  .chain((perMillion) =>
    fc.constantFrom('m', 'claude-x').map((model) => declaredPrice(perMillion, { vendor: 'v', model, source: 'file' })),
  );
const anyUsage = fc.record(
  Object.fromEntries(
    modelBuckets.map((bucket) => [bucket, fc.nat({ max: bucket === 'requests' ? 1 : 1_000_000 })]),
  ) as Record<ModelBucket, fc.Arbitrary<number>>,
  { requiredKeys: [] },
);
const anyDiscount = fc.option(fc.nat({ max: 1000 }).map((per) => (per / 1000).toFixed(3)));

const tokens = (usage: Usage, buckets: readonly ModelBucket[]) =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

describe('properties of bills', () => {
  test('an amount is the sum of its lines, at most the list amount and a rounding, and never negative', () => {
    fc.assert(
      fc.property(anyPrice, anyUsage, anyDiscount, (price, usage, discount) => {
        const priced = priceUsage({ price, usage, discount });
        const { lines, amountNanoUsd, listNanoUsd } = priced.ok ? priced.value : priced.fault.bill;
        expect(sumOfLines(lines)).toBe(amountNanoUsd);
        expect(amountNanoUsd >= 0n && amountNanoUsd <= listNanoUsd).toBe(true);
      }),
    );
  });

  test('no usage within the bounds costs more than the worst case', () => {
    fc.assert(
      fc.property(
        anyPrice,
        anyUsage,
        anyDiscount,
        fc.nat({ max: 5 }),
        fc.nat({ max: 5 }),
        (price, usage, discount, slackIn, slackOut) => {
          const priced = priceUsage({ price, usage, discount });
          const { amountNanoUsd } = priced.ok ? priced.value : priced.fault.bill;
          const worst = worstCaseCost({
            price,
            inputBoundTokens: tokens(usage, inputSide) + slackIn,
            outputBoundTokens: tokens(usage, outputSide) + slackOut,
            discount,
          });
          expect(amountNanoUsd <= worst).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('without the allowance for rounding the worst case would be missed', () => {
    // Four lines of half a nano-dollar and more each: 0.6 + 0.6 + 0.6 + 0.6 is billed as 4, not 2.4.
    const price = priceOf({
      input: '0.0006',
      cacheRead: '0.0006',
      cacheWrite5m: '0.0006',
      cacheWrite1h: '0.0006',
      output: '0',
    });
    const usage = { input: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1 };
    expect(bill(price, usage).amountNanoUsd).toBe(4n);
    expect(worstCaseCost({ price, inputBoundTokens: 4, outputBoundTokens: 0, discount: null }) >= 4n).toBe(true);
  });

  test('the worst case is exact where prices are whole nano-dollars per token', () => {
    const price = priceOf({ input: '2.00', output: '8.00' });
    expect(worstCaseCost({ price, inputBoundTokens: 1000, outputBoundTokens: 100, discount: null })).toBe(2_800_000n);
    expect(worstCaseCost({ price, inputBoundTokens: 1000, outputBoundTokens: 100, discount: '0.1' })).toBe(2_520_000n);
  });

  test('the worst case takes the dearest bucket that a token may fall into, or that the request can fill', () => {
    const price = priceOf({ input: '3', output: '15', cacheWrite5m: '3.75' }, 'claude-sonnet');
    const bounds = { price, inputBoundTokens: 1000, outputBoundTokens: 0, discount: null };
    expect(worstCaseCost(bounds)).toBe(6_000_000n);
    expect(worstCaseCost({ ...bounds, buckets: ['input', 'cacheRead', 'output'] })).toBe(3_000_000n);
  });

  test('the largest output bound fits what is left, and one token more does not', () => {
    fc.assert(
      fc.property(
        anyPrice,
        fc.nat({ max: 100_000 }),
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        anyDiscount,
        (price, input, left, discount) => {
          const asked = { price, inputBoundTokens: input, discount };
          const cost = (outputBoundTokens: number) => worstCaseCost({ ...asked, outputBoundTokens });
          const bound = largestOutputBound({ ...asked, remaining: nanoUsd(left) });
          if (bound === null) {
            expect(cost(256) > left).toBe(true);
            return;
          }
          expect(bound >= 256 && cost(bound) <= left).toBe(true);
          if (bound < outputTokensMax) expect(cost(bound + 1) > left).toBe(true);
        },
      ),
    );
  });

  test('a budget that buys fewer than 256 tokens buys none', () => {
    const asked = { price: priceOf({ input: '1', output: '10' }), inputBoundTokens: 0, discount: null };
    expect(largestOutputBound({ ...asked, remaining: nanoUsd(255n * 10_000n) })).toBeNull();
    expect(largestOutputBound({ ...asked, remaining: nanoUsd(256n * 10_000n) })).toBe(256);
    expect(largestOutputBound({ ...asked, remaining: nanoUsd(1_000n * 10_000n + 9_999n) })).toBe(1000);
    expect(largestOutputBound({ ...asked, price: priceOf({ input: '1', output: '0' }), remaining: nanoUsd(0n) })).toBe(
      outputTokensMax,
    );
  });
});
