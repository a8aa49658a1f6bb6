import type { ServiceTier, Usage } from '../../vocabulary/index.ts';
import { countIn, countOf, isJsonObject, listIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { servedTierIn } from '../usage/serviceTierOf.ts';
import { usageOf } from '../usage/usageOf.ts';

/**
 * Reads `usageMetadata` into disjoint buckets, or gives null where it has no count: some chunks only name the tier.
 *
 * The prompt includes what came from the cache; thoughts stand beside the candidates, and what tools of the vendor's fed back stands beside the prompt
 * (@google/genai 3.3.0, `GenerateContentResponseUsageMetadata`; measured: 3,520 of which 3,512 cached, + 2 + 42 thoughts = 3,564). Sound and images are
 * told by modality, in the cache as well. What the vendor says of the parts never makes more than what it says of the whole.
 */
export const readUsage = (usage: JsonObject): Usage | null => {
  if (!isCounted(usage)) return null;
  const prompt = countIn(usage, 'promptTokenCount');
  const total = countIn(usage, 'totalTokenCount');
  const toolUse = countIn(usage, 'toolUsePromptTokenCount') ?? 0;
  const reasoning = countIn(usage, 'thoughtsTokenCount') ?? 0;
  const whole = prompt ?? 0;
  const cacheRead = Math.min(countIn(usage, 'cachedContentTokenCount') ?? 0, whole);
  const fresh = (modality: string): number =>
    Math.max(0, ofModality(usage, 'promptTokensDetails', modality) - ofModality(usage, 'cacheTokensDetails', modality));
  const inputAudio = Math.min(fresh('AUDIO'), whole - cacheRead);
  const inputImage = Math.min(fresh('IMAGE'), whole - cacheRead - inputAudio);
  const said = countIn(usage, 'candidatesTokenCount') ?? Math.max(0, (total ?? 0) - whole - toolUse - reasoning);
  const outputAudio = Math.min(ofModality(usage, 'candidatesTokensDetails', 'AUDIO'), said);
  const outputImage = Math.min(ofModality(usage, 'candidatesTokensDetails', 'IMAGE'), said - outputAudio);
  return usageOf({
    input: whole - cacheRead - inputAudio - inputImage + toolUse,
    cacheRead,
    inputAudio,
    inputImage,
    output: said - outputAudio - outputImage,
    reasoning,
    outputAudio,
    outputImage,
    requests: 1,
  });
};

/** Whether `usageMetadata` has a count. Chunks of a stream are asked this one by one. */
export const isCounted = (usage: JsonObject): boolean =>
  countOf(usage['promptTokenCount']) !== null || countOf(usage['totalTokenCount']) !== null;

/** The service tier in `usageMetadata`: `serviceTier` with Gemini, `trafficType` with Vertex; null where it tells none. */
export const readServedTier = (usage: JsonObject | null): ServiceTier | null =>
  servedTierIn(usage, 'serviceTier') ?? servedTierIn(usage, 'trafficType');

const ofModality = (usage: JsonObject, list: string, modality: string): number => {
  let tokens = 0;
  for (const detail of listIn(usage, list)) {
    if (isJsonObject(detail) && textIn(detail, 'modality') === modality) tokens += countIn(detail, 'tokenCount') ?? 0;
  }
  return Number.isSafeInteger(tokens) ? tokens : 0;
};
