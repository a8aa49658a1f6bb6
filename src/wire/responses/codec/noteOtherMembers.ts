import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { isJsonObject } from '../../json/JsonObject.ts';

/** Members that the vocabulary has a word for, those that say how the answer is framed for this client or whether it is kept, and what is looked into. */
const translated: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'stream_options',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'max_output_tokens',
  'temperature',
  'top_p',
  'reasoning',
  'user',
  'safety_identifier',
  'include',
  'store',
]);

/**
 * Members without which the answer is as good: labels, how caches are found, what it costs and how fast it comes, how many of the
 * vendor's own tools may run, and that a conversation which has grown too long is cut or summed up, where others refuse it and a target with more room is asked.
 */
const hints: ReadonlySet<string> = new Set([
  'metadata',
  'client_metadata',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'service_tier',
  'max_tool_calls',
  'truncation',
  'context_management',
  'image',
]);

/** Whether a value says what is so without it. */
const saysNothing: Readonly<Record<string, (value: unknown) => boolean>> = {
  background: (value) => value === false,
  top_logprobs: (value) => value === 0,
  truncation: (value) => value === 'disabled',
  service_tier: (value) => value === 'auto' || value === 'default',
  metadata: (value) => isJsonObject(value) && Object.keys(value).length === 0,
  context_management: (value) => Array.isArray(value) && value.length === 0,
};

/**
 * Sorts the members that the vocabulary has no word for into hints and natives. What a vendor holds for the caller (`previous_response_id`, `conversation`,
 * `prompt`, `background`) and what is not known are natives.
 */
export const noteOtherMembers = (request: ObjectReader): void => {
  for (const name of request.others(translated)) {
    if (Object.hasOwn(saysNothing, name) && saysNothing[name]?.(request.value(name)) === true) continue;
    if (hints.has(name)) request.notes.hint(name);
    else request.notes.native(name);
  }
  noteIncluded(request);
};

/** Encrypted reasoning has its place; probabilities are a part of the answer; all else is more about the vendor's own tools, or about the input. */
const noteIncluded = (request: ObjectReader): void => {
  for (const name of request.texts('include')) {
    if (name === 'message.output_text.logprobs') request.notes.native(`include.${name}`);
    else if (name !== encryptedReasoning) request.notes.hint('include');
  }
};

export const encryptedReasoning = 'reasoning.encrypted_content';
