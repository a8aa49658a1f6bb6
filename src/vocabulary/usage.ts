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

/**
 * Units in the order of `usageBuckets`; undefined where a bucket is absent. Each member is read by its own name here: looked up by names that are
 * only known while it runs, the eleven of them cost more than all else that is done with a usage.
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
];

/** Sum of all buckets but `requests`. */
export const totalTokens = (usage: Usage): number => {
  let total = -(usage.requests ?? 0);
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
