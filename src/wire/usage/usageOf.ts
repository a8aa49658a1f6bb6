import type { ModelBucket, Usage } from '../../vocabulary/index.ts';

const isUsed = (units: number | undefined): units is number => units !== undefined && units > 0;

/**
 * Makes a usage of its buckets, in their order; those with nothing in them are left out. Each is read and written by its own name: by names that are only
 * known while it runs, this takes several times as long, and each answer comes by.
 */
export const usageOf = (buckets: Usage): Usage => {
  const usage: Partial<Record<ModelBucket, number>> = {};
  if (isUsed(buckets.input)) usage.input = buckets.input;
  if (isUsed(buckets.cacheRead)) usage.cacheRead = buckets.cacheRead;
  if (isUsed(buckets.cacheWrite5m)) usage.cacheWrite5m = buckets.cacheWrite5m;
  if (isUsed(buckets.cacheWrite1h)) usage.cacheWrite1h = buckets.cacheWrite1h;
  if (isUsed(buckets.inputAudio)) usage.inputAudio = buckets.inputAudio;
  if (isUsed(buckets.inputImage)) usage.inputImage = buckets.inputImage;
  if (isUsed(buckets.output)) usage.output = buckets.output;
  if (isUsed(buckets.reasoning)) usage.reasoning = buckets.reasoning;
  if (isUsed(buckets.outputAudio)) usage.outputAudio = buckets.outputAudio;
  if (isUsed(buckets.outputImage)) usage.outputImage = buckets.outputImage;
  if (isUsed(buckets.requests)) usage.requests = buckets.requests;
  return usage;
};
