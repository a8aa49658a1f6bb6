/** What a model's vendor bills: tokens of each kind, and requests. The sum of the tokens is what was processed; nothing is counted in two buckets. */
export const modelBuckets = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
  'requests',
] as const;

/** A bucket that models are priced and used by. */
export type ModelBucket = (typeof modelBuckets)[number];

/** Everything the ledger counts: what models use, and the accelerator-seconds of jobs, which no model's price knows. */
export const usageBuckets = [...modelBuckets, 'acceleratorSeconds'] as const;

export type UsageBucket = (typeof usageBuckets)[number];

/** Buckets of what goes to a model. */
export const inputBuckets: readonly ModelBucket[] = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
];

/** Buckets of what comes back. */
export const outputBuckets: readonly ModelBucket[] = ['output', 'reasoning', 'outputAudio', 'outputImage'];

/** Units per bucket: tokens, requests, or whole accelerator-seconds. Absent means zero. Integers >= 0. */
export type Usage = Readonly<Partial<Record<UsageBucket, number>>>;

/**
 * How a usage is known: `reported` by the vendor, `estimated` by our own count of what passed by, or `unknown`,
 * where only a range of cost can be given.
 */
export type UsageBasis = 'reported' | 'estimated' | 'unknown';

/**
 * Units in the order of `usageBuckets`; undefined where a bucket is absent. Each member is read by its own name here: looked up by names that are
 * only known while it runs, the dozen of them cost more than all else that is done with a usage.
 */
export const unitsInOrder = (usage: Usage): readonly (number | undefined)[] => [
  usage.input,
  usage.cacheRead,
  usage.cacheWrite5m,
  usage.cacheWrite1h,
  usage.inputAudio,
  usage.inputImage,
  usage.output,
  usage.reasoning,
  usage.outputAudio,
  usage.outputImage,
  usage.requests,
  usage.acceleratorSeconds,
];

/** Sum of all buckets of tokens: neither `requests` nor `acceleratorSeconds` are any. */
export const totalTokens = (usage: Usage): number => {
  let total = -(usage.requests ?? 0) - (usage.acceleratorSeconds ?? 0);
  for (const units of unitsInOrder(usage)) total += units ?? 0;
  return total;
};

const isUnits = (units: number | undefined): boolean => Number.isSafeInteger(units) && (units ?? -1) >= 0;

/** Whether each bucket is a non-negative safe integer. */
export const isUsage = (usage: Usage): boolean => {
  let known = 0;
  for (const units of unitsInOrder(usage)) if (isUnits(units)) known++;
  // Whatever is no bucket, or holds no units, was not counted.
  return known === Object.keys(usage).length;
};

/** The sum of two usages, bucket by bucket. */
export const addedUsage = (one: Usage, other: Usage): Usage =>
  Object.fromEntries(
    usageBuckets.flatMap((bucket) => {
      const units = (one[bucket] ?? 0) + (other[bucket] ?? 0);
      return units === 0 ? [] : [[bucket, units]];
    }),
  );
