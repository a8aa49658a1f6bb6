import type { Usage } from '../../vocabulary/index.ts';
import type { JsonObject } from '../json/JsonObject.ts';
import { readUsage as readChatUsage } from '../openai/readUsage.ts';

/**
 * Reads `usage` of a response into disjoint buckets, or gives null where it has no count (openai 7.57.0, `ResponseUsage`). The same counts as in a chat
 * completion, under other names: the input includes what came from and went into the cache, the output includes reasoning.
 */
export const readUsage = (usage: JsonObject): Usage | null =>
  readChatUsage({
    prompt_tokens: usage['input_tokens'],
    completion_tokens: usage['output_tokens'],
    total_tokens: usage['total_tokens'],
    prompt_tokens_details: usage['input_tokens_details'],
    completion_tokens_details: usage['output_tokens_details'],
  });
