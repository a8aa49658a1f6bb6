import type { z } from 'zod';
import type { Ratio } from '../kernel/index.ts';
import {
  faultMessage,
  inputBuckets,
  modelBuckets,
  outputBuckets,
  rateField,
  section,
  type ModelBucket,
} from '../vocabulary/index.ts';

/** What one token of each bucket counts against a meter; absent: nothing. */
export type Burndown = Readonly<Partial<Record<ModelBucket, Ratio>>>;

/** Most that a token may count: the rates that vendors publish have two digits. */
const burndownMax = 1_000n;

const burndownRateField = rateField.refine(
  ({ numerator, denominator }) => numerator <= burndownMax * denominator,
  faultMessage(`more than ${burndownMax} for one token`, 'write what one token of the bucket counts, such as 4'),
);

const bucketRates = Object.fromEntries(modelBuckets.map((bucket) => [bucket, burndownRateField.optional()])) as Record<
  ModelBucket,
  z.ZodOptional<typeof burndownRateField>
>;

/** A vendor's table of what a token counts, as it is written. */
export const burndownField = section(bucketRates);

/** Rates as they are written: undefined where a bucket is left out. */
export type WrittenBurndown = z.output<typeof burndownField>;

const one: Ratio = { numerator: 1n, denominator: 1n };

/** The table with what is left out: kinds of input count as input does, kinds of output as output does. Without a table all tokens count 1. */
export const burndownOf = (written: WrittenBurndown | null): Burndown => {
  const { input, output, ...others } = written ?? { input: one, output: one };
  const rates: Partial<Record<ModelBucket, Ratio>> = {};
  for (const [buckets, like] of [
    [inputBuckets, input],
    [outputBuckets, output],
  ] as const)
    for (const bucket of buckets) if (like !== undefined) rates[bucket] = like;
  for (const bucket of modelBuckets) {
    const rate = bucket === 'input' || bucket === 'output' ? undefined : others[bucket];
    if (rate !== undefined) rates[bucket] = rate;
  }
  return rates;
};

/** Whether a table counts anything at all. */
export const countsAnything = (burndown: Burndown): boolean =>
  Object.values(burndown).some(({ numerator }) => numerator > 0n);
