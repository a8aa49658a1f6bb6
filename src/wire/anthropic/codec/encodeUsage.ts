import type { Usage } from '../../../vocabulary/index.ts';

/**
 * Usage in this wire's words: input without the cache, output with the thinking in it. What it has no bucket for (sound, images) is counted with the rest
 * of its side. An answer whose vendor told nothing has zeros, since the members are required.
 */
export const encodeUsage = (usage: Usage | null): object => {
  const { cacheWrite5m = 0, cacheWrite1h = 0, reasoning = 0, ...buckets } = usage ?? {};
  return {
    input_tokens: (buckets.input ?? 0) + (buckets.inputAudio ?? 0) + (buckets.inputImage ?? 0),
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: buckets.cacheRead ?? 0,
    ...(cacheWrite5m + cacheWrite1h === 0
      ? {}
      : { cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h } }),
    output_tokens: (buckets.output ?? 0) + reasoning + (buckets.outputAudio ?? 0) + (buckets.outputImage ?? 0),
    ...(reasoning === 0 ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
};
