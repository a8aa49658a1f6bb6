import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { addTokens, billTokens } from './billTokens.ts';

const modelOf = (vendor: string, name: string): CatalogueModel =>
  sandboxCatalogue.vendors.find((one) => one.name === vendor)!.models.find((one) => one.name === name)!;

describe('the bill', () => {
  // Worked out by hand: 2.00 $/Mtok is 2,000 nano-dollars a token, less a tenth 1,800.
  test.each([
    ['aurora', 'chat-large', { input: 1000, output: 100 }, '0.1', 1000n * 1800n + 100n * 7200n],
    ['aurora', 'chat-small', { input: 7, output: 3 }, '0.1', 7n * 180n + 3n * 720n],
    ['aurora', 'embed-small', { input: 11 }, '0.1', 198n],
    ['cascade', 'chat-large', { input: 1, output: 1 }, '0', 1600n + 6400n],
    ['cascade', 'embed-small', { input: 3 }, '0', 60n],
    [
      'borealis',
      'chat-large',
      { input: 2, cacheRead: 1024, cacheWrite5m: 8, output: 1 },
      '0',
      5000n + 256_000n + 25_000n + 10_000n,
    ],
    ['borealis', 'chat-large', { cacheWrite1h: 3, reasoning: 2 }, '0', 15_000n + 20_000n],
  ])('of %s for %s with %o is exact', (vendor, model, tokens, discount, nanoUsd) => {
    expect(billTokens(modelOf(vendor, model), tokens, discount)).toBe(nanoUsd);
  });

  // 0.3125 $/Mtok is 312.5 nano-dollars a token.
  test.each([
    [1, 312n],
    [2, 625n],
    [3, 938n],
    [5, 1562n],
  ])('rounds the line of %i tokens at half a nano-dollar to even', (units, nanoUsd) => {
    expect(billTokens(modelOf('borealis', 'chat-small'), { cacheWrite5m: units }, '0')).toBe(nanoUsd);
  });

  test('rounds each line, not their sum', () => {
    const model = { ...modelOf('borealis', 'chat-small'), usdPerMTok: { input: '0.0005', output: '0.0005' } };
    expect(billTokens(model, { input: 3, output: 3 }, '0')).toBe(4n);
  });

  test('never departs from the exact value by more than half a nano-dollar a line', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 99_999 }), fc.nat(999), (units, price, off) => {
        const text = `${Math.floor(price / 10_000)}.${String(price % 10_000).padStart(4, '0')}`;
        const model = { ...modelOf('borealis', 'chat-small'), usdPerMTok: { input: text } };
        const nanoUsd = billTokens(model, { input: units }, `0.${String(off).padStart(3, '0')}`);
        // In ten-thousandths of a nano-dollar: units x price / 10 x (1000 - off) / 1000.
        const exact = BigInt(units) * BigInt(price) * BigInt(1000 - off);
        const error = 2n * (nanoUsd * 10_000n - exact);
        expect(error <= 10_000n && error >= -10_000n).toBe(true);
      }),
    );
  });

  test('refuses tokens it has no price for rather than giving them away', () => {
    expect(() => billTokens(modelOf('aurora', 'embed-small'), { output: 1 }, '0')).toThrow(/no price for output/);
  });

  test('adds bucket by bucket', () => {
    expect(addTokens({ input: 1, output: 2 }, { output: 3, cacheRead: 0 })).toEqual({ input: 1, output: 5 });
  });
});
