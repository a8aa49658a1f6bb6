import { expect, test } from 'vitest';
import {
  inputBuckets,
  isUsage,
  modelBuckets,
  outputBuckets,
  totalTokens,
  unitsInOrder,
  usageBuckets,
} from './usage.ts';

test('the sum of the buckets is what was processed, requests and accelerator-seconds apart', () => {
  expect(totalTokens({ input: 10, cacheRead: 5, output: 3, reasoning: 2, requests: 1 })).toBe(20);
  expect(totalTokens({ acceleratorSeconds: 3600 })).toBe(0);
  expect(totalTokens({ output: 3, requests: 1, acceleratorSeconds: 3600 })).toBe(3);
});

test('a model uses tokens and requests; the ledger counts accelerator-seconds beside them', () => {
  expect([...modelBuckets].toSorted()).toEqual([...inputBuckets, ...outputBuckets, 'requests'].toSorted());
  expect(usageBuckets).toEqual([...modelBuckets, 'acceleratorSeconds']);
});

test('units are told in the order of the buckets', () => {
  const usage = Object.fromEntries(usageBuckets.map((bucket, index) => [bucket, index + 1]));
  expect(unitsInOrder(usage)).toEqual(usageBuckets.map((_bucket, index) => index + 1));
  expect(unitsInOrder({ output: 3 }).filter((units) => units !== undefined)).toEqual([3]);
});

test('a usage holds whole non-negative units in known buckets only', () => {
  expect(isUsage({ input: 1 })).toBe(true);
  expect(isUsage({ input: -1 })).toBe(false);
  expect(isUsage({ input: 0.5 })).toBe(false);
  expect(isUsage({})).toBe(true);
  expect(isUsage(JSON.parse('{"tokens":1}'))).toBe(false);
  expect(isUsage(JSON.parse('{"input":1,"tokens":1}'))).toBe(false);
  expect(isUsage(JSON.parse('{"input":null}'))).toBe(false);
});
