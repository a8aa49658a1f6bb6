import type { Reasoning } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { requestCeilingsMax } from '../../request/RequestCeilings.ts';

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
  const budgetTokens = reasoning.count('max_tokens', 1, requestCeilingsMax.outputTokens);
  return { mode: 'on', budgetTokens, effort, show: reasoning.flag('exclude') !== true };
};

const decodeThinkingObject = (thinking: ObjectReader): Reasoning => {
  const type = thinking.requiredText('type');
  if (type === 'disabled') return off;
  const budgetTokens = thinking.count('budget_tokens', 1, requestCeilingsMax.outputTokens);
  return { mode: type === 'enabled' ? 'on' : 'adaptive', budgetTokens, effort: null, show: true };
};
