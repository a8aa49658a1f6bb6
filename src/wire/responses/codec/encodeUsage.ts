import { inputBuckets, outputBuckets, type Usage, type UsageBucket } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Disjoint buckets as this wire counts them: input and output are wholes, of which the details say the parts (openai 7.57.0, `ResponseUsage`). */
export const encodeUsage = (usage: Usage): JsonObject => {
  const inputTokens = sumOf(usage, inputBuckets);
  const outputTokens = sumOf(usage, outputBuckets);
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cacheRead ?? 0,
      cache_write_tokens: sumOf(usage, ['cacheWrite5m', 'cacheWrite1h']),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
};

const sumOf = (usage: Usage, buckets: readonly UsageBucket[]): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);
