import { expect, test } from 'vitest';
import { isUsage, totalTokens } from './usage.ts';

test('the sum of the buckets is what was processed, requests apart', () => {
  expect(totalTokens({ input: 10, cacheRead: 5, output: 3, reasoning: 2, requests: 1 })).toBe(20);
});

test('a usage holds whole non-negative units in known buckets only', () => {
  expect(isUsage({ input: 1 })).toBe(true);
  expect(isUsage({ input: -1 })).toBe(false);
  expect(isUsage({ input: 0.5 })).toBe(false);
  expect(isUsage(JSON.parse('{"tokens":1}'))).toBe(false);
});
