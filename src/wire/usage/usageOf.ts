import { modelBuckets, type ModelBucket, type Usage } from '../../vocabulary/index.ts';

/** Makes a usage of its buckets; those with nothing in them are left out. */
export const usageOf = (buckets: Usage): Usage => {
  const usage: Partial<Record<ModelBucket, number>> = {};
  for (const bucket of modelBuckets) {
    const units = buckets[bucket] ?? 0;
    if (units > 0) usage[bucket] = units;
  }
  return usage;
};
