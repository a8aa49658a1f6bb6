import { featuresIn, type Feature, type FeatureSet } from '../vocabulary/index.ts';

const words: Readonly<Record<Feature, string>> = {
  tools: 'takes no tools',
  parallelTools: 'cannot be told whether tools are called at once',
  images: 'takes no images',
  documents: 'takes no documents',
  audio: 'takes no audio',
  video: 'takes no video',
  structuredOutput: 'gives no structured output',
  schemas: 'cannot be held to a schema',
  stream: 'does not stream',
  prefill: 'does not go on with an answer that has begun',
  system: 'takes no system prompt',
  developerRole: 'knows no role developer',
  reasoning: 'does not think before it answers',
  'thinking.enabled': 'does not think within a budget',
  'thinking.adaptive': 'does not think as it sees fit',
  imageOutput: 'makes no images',
  audioOutput: 'makes no audio',
  imageAddresses: 'takes images as data only, by no address or name',
};

/** Why a target is not eligible that lacks these features: "takes no images (images)". The names are those of the file. */
export const lackingWords = (lacks: FeatureSet): string =>
  featuresIn(lacks)
    .map((feature) => `${words[feature]} (${feature})`)
    .join(', ');
