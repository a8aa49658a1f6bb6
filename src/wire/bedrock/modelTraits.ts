/** What models of one maker want said in their own words, beside those of the API. */
export interface ModelTraits {
  /** How it is told to think: as on the Messages API, by Nova's `reasoningConfig`, by `reasoning_effort`; null where nobody knows. */
  readonly thinking: 'messages' | 'nova' | 'effort' | null;
  /** Name of top-k among its own parameters, the outer one first; null where it has none. */
  readonly topK: readonly string[] | null;
  /** What of a prompt it keeps in a cache: nothing, system and messages, or tools too. */
  readonly caches: 'nothing' | 'prompt' | 'all';
}

const unknown: ModelTraits = { thinking: null, topK: null, caches: 'nothing' };

/**
 * By the beginning of the model's own name. Sources, as of November 2026: docs.aws.amazon.com/bedrock/latest/userguide, "Inference request parameters", "Prompt caching" and
 * "Reasoning"; docs.aws.amazon.com/nova/latest.
 */
const traitsOfName: readonly (readonly [name: string, traits: ModelTraits])[] = [
  ['anthropic.claude', { thinking: 'messages', topK: ['top_k'], caches: 'all' }],
  ['amazon.nova', { thinking: 'nova', topK: ['inferenceConfig', 'topK'], caches: 'prompt' }],
  ['openai.gpt-oss', { ...unknown, thinking: 'effort' }],
  ['mistral.', { ...unknown, topK: ['top_k'] }],
  ['cohere.', { ...unknown, topK: ['k'] }],
];

/**
 * @param model A name ("anthropic.claude-..."), one with the regions of an inference profile before it ("us.anthropic.claude-..."), or the ARN of either. An
 * application's own profile tells nothing of what is behind it.
 */
export const modelTraits = (model: string): ModelTraits => {
  const name = model.slice(model.lastIndexOf('/') + 1);
  const found = traitsOfName.find(([beginning]) => name.startsWith(beginning) || name.includes(`.${beginning}`));
  return found?.[1] ?? unknown;
};

/** Whether a model is Claude, which is the same one that answers on the Messages API. */
export const isClaude = (model: string): boolean => modelTraits(model).thinking === 'messages';
