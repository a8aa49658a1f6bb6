import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { isJsonObject } from '../../json/JsonObject.ts';

/** Members that the vocabulary has a word for, `stream_options`, which says how the answer is framed for this client, and what is looked into. */
const translated: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'reasoning_effort',
  'reasoning',
  'thinking',
  'user',
  'safety_identifier',
  'provider',
]);

/**
 * Members without which the answer is as good: labels (`metadata`, `store`), how caches are found, what it costs and how fast it comes
 * (`service_tier`, `prediction`), a seed that vendors follow "best effort" only (`random_seed` with Mistral), how wordy the answer should be,
 * and where thinking is shown (`reasoning_format`, `include_reasoning`: here it has its place). Of OpenRouter's own: which models step in when
 * one fails (`models`, `route`), which our own targets do, and that too long a prompt is cut in its middle (`transforms`), where others refuse
 * it and a target with more room is asked.
 */
const hints: ReadonlySet<string> = new Set([
  'metadata',
  'store',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'prediction',
  'seed',
  'random_seed',
  'verbosity',
  'usage',
  'reasoning_format',
  'include_reasoning',
  'models',
  'route',
  'transforms',
]);

/** Whether a value says what is so without it. */
const saysNothing: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  logit_bias: (value) => isJsonObject(value) && Object.keys(value).length === 0,
  frequency_penalty: (value) => value === 0,
  presence_penalty: (value) => value === 0,
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  store: (value) => value === false,
  service_tier: (value) => value === 'auto' || value === 'default',
  metadata: (value) => isJsonObject(value) && Object.keys(value).length === 0,
};

/**
 * Sorts the members that the vocabulary has no word for into hints and natives. What is not known is taken for something that shapes the
 * answer. So are `functions`: their answers have a shape of their own, which a translated answer would not have.
 */
export const noteOtherMembers = (request: ObjectReader): void => {
  for (const name of request.others(translated)) {
    if (Object.hasOwn(saysNothing, name) && saysNothing[name]?.(request.value(name)) === true) continue;
    if (hints.has(name)) request.notes.hint(name);
    else request.notes.native(name);
  }
  noteRouting(request);
};

/** What of OpenRouter's `provider` only says who is asked first and at what price. */
const routingHints: ReadonlySet<string> = new Set([
  'order',
  'sort',
  'allow_fallbacks',
  'require_parameters',
  'max_price',
  'preferred_min_throughput',
  'preferred_max_latency',
]);

/** Who may see the data (`data_collection`, `zdr`, `only`, `ignore`) and on what weights it runs (`quantizations`) are promises, which nobody else gives. */
const noteRouting = (request: ObjectReader): void => {
  const routing = request.nested('provider');
  if (routing === null) return;
  request.notes.hint('provider');
  routing.nativeOthers(routingHints, 'provider');
};
