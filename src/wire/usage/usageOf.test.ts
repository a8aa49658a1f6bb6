import { expect, test } from 'vitest';
import { modelBuckets } from '../../vocabulary/index.ts';
import { usageOf } from './usageOf.ts';

test('keeps each bucket in which there is something, in the order of the buckets', () => {
  const all = Object.fromEntries(modelBuckets.map((bucket, index) => [bucket, index + 1]));
  const backwards = Object.fromEntries(Object.entries(all).toReversed());
  expect(Object.entries(usageOf(backwards))).toEqual(Object.entries(all));
  for (const bucket of modelBuckets) expect(usageOf({ [bucket]: 7 })).toEqual({ [bucket]: 7 });
});

test('leaves out what is empty, and what no model is priced by', () => {
  expect(usageOf({ input: 0, output: 3, acceleratorSeconds: 9 })).toEqual({ output: 3 });
  expect(usageOf({})).toEqual({});
});
