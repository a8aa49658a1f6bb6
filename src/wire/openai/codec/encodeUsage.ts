import { inputBuckets, outputBuckets, type Usage, type UsageBucket } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Disjoint buckets as this wire counts them: prompt and completion are wholes, of which the details say the parts (see `readUsage`). */
export const encodeUsage = (usage: Usage): JsonObject => {
  const promptTokens = sumOf(usage, inputBuckets);
  const completionTokens = sumOf(usage, outputBuckets);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      ...ifAny('cache_write_tokens', sumOf(usage, ['cacheWrite5m', 'cacheWrite1h'])),
      ...ifAny('audio_tokens', usage.inputAudio ?? 0),
      ...ifAny('image_tokens', usage.inputImage ?? 0),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning ?? 0,
      ...ifAny('audio_tokens', usage.outputAudio ?? 0),
      ...ifAny('image_tokens', usage.outputImage ?? 0),
    },
  };
};

const sumOf = (usage: Usage, buckets: readonly UsageBucket[]): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

const ifAny = (name: string, units: number): JsonObject => (units > 0 ? { [name]: units } : {});
