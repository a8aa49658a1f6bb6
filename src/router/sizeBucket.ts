/** Sizes of input that are told apart: octaves, of which those of 2^31 tokens and more are one. */
export const sizeBucketCount = 32;

/** The octave of an input's size in tokens, from 0 on. */
export const sizeBucket = (inputTokens: number): number =>
  sizeBucketCount - 1 - Math.clz32(Math.max(1, Math.min(inputTokens, 0x7fffffff)));
