import type { ServiceTier, Usage } from '../../vocabulary/index.ts';
import { countIn, isJsonObject, listIn, objectIn, type JsonObject } from '../json/JsonObject.ts';
import { servedTierIn } from '../usage/serviceTierOf.ts';
import { usageOf } from '../usage/usageOf.ts';

/**
 * The buckets of `usage` in an answer or in the event `metadata`; null where it tells none. `inputTokens` excludes the cache, `outputTokens` includes thinking, which is not
 * told apart.
 */
export const readUsage = (holder: JsonObject): Usage | null => {
  const usage = objectIn(holder, 'usage');
  const input = countIn(usage, 'inputTokens');
  const output = countIn(usage, 'outputTokens');
  if (usage === null || (input === null && output === null)) return null;
  const written = countIn(usage, 'cacheWriteInputTokens') ?? 0;
  const oneHour = Math.min(writtenForAnHour(usage), written);
  return usageOf({
    input: input ?? 0,
    cacheRead: countIn(usage, 'cacheReadInputTokens') ?? 0,
    cacheWrite5m: written - oneHour,
    cacheWrite1h: oneHour,
    output: output ?? 0,
    requests: 1,
  });
};

/** `serviceTier` of an answer or of the event `metadata`; null where it tells none. */
export const readServedTier = (holder: JsonObject): ServiceTier | null =>
  servedTierIn(objectIn(holder, 'serviceTier'), 'type');

/** What of the cache's writes lives longer, where that is told. */
const writtenForAnHour = (usage: JsonObject): number => {
  let tokens = 0;
  for (const detail of listIn(usage, 'cacheDetails')) {
    if (isJsonObject(detail) && detail['ttl'] === '1h') tokens += countIn(detail, 'inputTokens') ?? 0;
  }
  return tokens;
};
