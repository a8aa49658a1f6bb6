/** The disjoint things a vendor bills. Their sum is what was processed; nothing is counted in two buckets. */
export const usageBuckets = [
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

export type UsageBucket = (typeof usageBuckets)[number];

/** Buckets of what goes to a model. */
export const inputBuckets: readonly UsageBucket[] = [
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
];

/** Buckets of what comes back. */
export const outputBuckets: readonly UsageBucket[] = ['output', 'reasoning', 'outputAudio', 'outputImage'];

/** Units per bucket (tokens, or requests). Absent means zero. Integers >= 0. */
export type Usage = Readonly<Partial<Record<UsageBucket, number>>>;

/**
 * How a usage is known: `reported` by the vendor, `estimated` by our own count of what passed by, or `unknown`,
 * where only a range of cost can be given.
 */
export type UsageBasis = 'reported' | 'estimated' | 'unknown';

/** Sum of all buckets but `requests`. */
export const totalTokens = (usage: Usage): number => {
  let total = 0;
  for (const bucket of usageBuckets) if (bucket !== 'requests') total += usage[bucket] ?? 0;
  return total;
};

/** Whether each bucket is a non-negative safe integer. */
export const isUsage = (usage: Usage): boolean =>
  Object.entries(usage).every(
    ([bucket, units]) =>
      (usageBuckets as readonly string[]).includes(bucket) && Number.isSafeInteger(units) && (units ?? -1) >= 0,
  );
