import { inputBuckets, outputBuckets, type Usage, type UsageBucket } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Disjoint buckets as this wire counts them: the prompt with its cache in it, thoughts beside the candidates (see `readUsage`). */
export const encodeUsage = (usage: Usage): JsonObject => {
  const { cacheRead = 0, reasoning = 0, inputAudio = 0, inputImage = 0, outputAudio = 0, outputImage = 0 } = usage;
  const prompt = sumOf(usage, inputBuckets);
  const output = sumOf(usage, outputBuckets);
  const text = prompt - inputAudio - inputImage;
  return {
    promptTokenCount: prompt,
    ...(cacheRead === 0 ? {} : { cachedContentTokenCount: cacheRead }),
    candidatesTokenCount: output - reasoning,
    ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
    totalTokenCount: prompt + output,
    promptTokensDetails: details(text, inputAudio, inputImage),
    ...(outputAudio + outputImage === 0
      ? {}
      : { candidatesTokensDetails: details(output - reasoning - outputAudio - outputImage, outputAudio, outputImage) }),
  };
};

const sumOf = (usage: Usage, buckets: readonly UsageBucket[]): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

const details = (text: number, audio: number, image: number): readonly JsonObject[] =>
  [
    { modality: 'TEXT', tokenCount: text },
    { modality: 'AUDIO', tokenCount: audio },
    { modality: 'IMAGE', tokenCount: image },
  ].filter(({ tokenCount }) => tokenCount > 0);
