import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUsd } from '../kernel/index.ts';
import { declaredPrice } from '../market/index.ts';
import { expectedUsd } from './expectedUsd.ts';
import { priceUsage } from './priceUsage.ts';

const priceOf = (inputPerMTok: string, outputPerMTok: string) =>
  declaredPrice(
    { input: parseUsd(inputPerMTok), output: parseUsd(outputPerMTok) },
    { vendor: 'v', model: 'm', source: 'file' },
  );

const tokens = fc.integer({ min: 0, max: 1_000_000 });

describe('expectedUsd', () => {
  it('is the bill of such a usage, but for its rounding', () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        fc.constantFrom(null, '0', '0.1', '0.25', '1'),
        fc.constantFrom('0', '0.02', '3'),
        (inputTokens, outputTokens, discount, inputPerMTok) => {
          const price = priceOf(inputPerMTok, '15');
          const bill = priceUsage({ price, usage: { input: inputTokens, output: outputTokens }, discount });
          const billedUsd = bill.ok ? Number(bill.value.amountNanoUsd) / 1e9 : Number.NaN;
          expect(Math.abs(expectedUsd({ price, inputTokens, outputTokens, discount }) - billedUsd)).toBeLessThan(2e-9);
        },
      ),
    );
  });

  it('is the bill of a prompt that is read from a cache and written into it', () => {
    const perMTok = { input: '2', cacheRead: '0.2', cacheWrite5m: '2.5', cacheWrite1h: '4', output: '10' };
    const price = declaredPrice(
      Object.fromEntries(Object.entries(perMTok).map(([bucket, text]) => [bucket, parseUsd(text)])),
      { vendor: 'v', model: 'm', source: 'file' },
    );
    fc.assert(
      fc.property(
        tokens,
        tokens,
        tokens,
        fc.constantFrom('cacheWrite5m', 'cacheWrite1h', null),
        (cachedTokens, fresh, outputTokens, written) => {
          const usage = { cacheRead: cachedTokens, [written ?? 'input']: fresh, output: outputTokens };
          const bill = priceUsage({ price, usage, discount: '0.1' });
          const billedUsd = bill.ok ? Number(bill.value.amountNanoUsd) / 1e9 : Number.NaN;
          const asked = {
            price,
            inputTokens: cachedTokens + fresh,
            outputTokens,
            cachedTokens,
            written,
            discount: '0.1',
          };
          expect(Math.abs(expectedUsd(asked) - billedUsd)).toBeLessThan(4e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('follows the discount when it changes', () => {
    const price = priceOf('2', '8');
    const asked = { price, inputTokens: 1_000_000, outputTokens: 0 };
    expect(expectedUsd({ ...asked, discount: null })).toBeCloseTo(2, 9);
    expect(expectedUsd({ ...asked, discount: '0.5' })).toBeCloseTo(1, 9);
    expect(expectedUsd({ ...asked, discount: null })).toBeCloseTo(2, 9);
  });
});
