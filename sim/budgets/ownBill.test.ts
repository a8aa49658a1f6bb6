import { expect, test } from 'vitest';
import { ownAmount } from './ownBill.ts';

test('a bill is counted anew: each line exact and rounded once, halves to even', () => {
  const usdPerMTok = { input: '0.20', output: '0.80', cacheRead: '0.0005' };
  const amount = (tokens: Record<string, number>, discount = '0'): bigint =>
    ownAmount({ tokens }, { usdPerMTok, discount });
  expect(amount({ input: 60, output: 32 })).toBe(37_600n);
  expect(amount({ input: 60, output: 32 }, '0.1')).toBe(33_840n);
  // Half a nano-dollar each.
  expect(amount({ cacheRead: 1 })).toBe(0n);
  expect(amount({ cacheRead: 3 })).toBe(2n);
  expect(amount({ cacheRead: 5 })).toBe(2n);
  expect(() => amount({ requests: 1 })).toThrow('no price for requests');
});
