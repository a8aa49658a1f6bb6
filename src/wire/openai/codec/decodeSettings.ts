import type { OutputFormat, Reasoning } from '../../../vocabulary/index.ts';
import { isJsonObject } from '../../json/JsonObject.ts';
import { outputTokensMax } from '../../request/readBody.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** `max_tokens` is the older name: where both are set, vendors who know the newer one go by it. */
export const decodeOutputBound = (request: ObjectReader): number | null => {
  const newer = request.count('max_completion_tokens', 1, outputTokensMax);
  const older = request.count('max_tokens', 1, outputTokensMax);
  return newer ?? older;
};

export const decodeStop = (request: ObjectReader): readonly string[] => {
  const value = request.value('stop');
  const sequences = typeof value === 'string' ? [{ value, path: 'stop' }] : request.list('stop');
  return sequences.flatMap(({ value: sequence, path }) => {
    if (typeof sequence !== 'string') return request.notes.refuse(path, 'must be a string', []);
    return sequence === '' ? [] : [sequence];
  });
};

/** `top_k` is no word of OpenAI's, but of many who speak its wire; 0 and -1 switch it off. */
export const decodeTopK = (request: ObjectReader): number | null => {
  const topK = request.count('top_k', -1, Number.MAX_SAFE_INTEGER);
  return topK === null || topK <= 0 ? null : topK;
};

export const decodeOutputFormat = (request: ObjectReader): OutputFormat => {
  const format = request.nested('response_format');
  const type = format?.requiredText('type') ?? 'text';
  if (format === null || type === 'text' || type === '') return { type: 'text' };
  if (type === 'json_object') return { type: 'json-object' };
  if (type === 'json_schema') return decodeSchemaFormat(format.requiredNested('json_schema'));
  request.notes.native(`response_format.${type}`);
  return { type: 'text' };
};

const decodeSchemaFormat = (format: ObjectReader): OutputFormat => {
  const schema = format.value('schema') ?? {};
  return {
    type: 'json-schema',
    name: format.text('name'),
    description: format.text('description'),
    schema: isJsonObject(schema) ? schema : format.refuse('schema', 'must be a JSON Schema', {}),
    strict: format.flag('strict'),
  };
};

/**
 * How hard to think: `reasoning_effort`, or one of two members that vendors of this wire have added: `reasoning` (OpenRouter: effort,
 * max_tokens, exclude, enabled) and `thinking` (DeepSeek and others, after Anthropic: type, budget_tokens). Thinking is shown unless the
 * caller excludes it: clients that do not know `reasoning_content` pass over it, and those that do can send it back.
 */
export const decodeReasoning = (request: ObjectReader): Reasoning | null => {
  const effort = request.text('reasoning_effort');
  if (effort !== null && effort !== '') return byEffort(effort);
  const reasoning = request.nested('reasoning');
  if (reasoning !== null) return decodeReasoningObject(reasoning);
  const thinking = request.nested('thinking');
  return thinking === null ? null : decodeThinkingObject(thinking);
};

const off: Reasoning = { mode: 'off', budgetTokens: null, effort: null, show: false };

const byEffort = (effort: string): Reasoning =>
  effort === 'none' ? off : { mode: 'on', budgetTokens: null, effort, show: true };

const decodeReasoningObject = (reasoning: ObjectReader): Reasoning => {
  const effort = reasoning.text('effort');
  if (effort === 'none' || reasoning.flag('enabled') === false) return off;
  const budgetTokens = reasoning.count('max_tokens', 1, outputTokensMax);
  return { mode: 'on', budgetTokens, effort, show: reasoning.flag('exclude') !== true };
};

const decodeThinkingObject = (thinking: ObjectReader): Reasoning => {
  const type = thinking.requiredText('type');
  if (type === 'disabled') return off;
  const budgetTokens = thinking.count('budget_tokens', 1, outputTokensMax);
  return { mode: type === 'enabled' ? 'on' : 'adaptive', budgetTokens, effort: null, show: true };
};
