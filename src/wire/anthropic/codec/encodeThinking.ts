import type { GenerateRequest, Reasoning } from '../../../vocabulary/index.ts';
import { callsIn, type Turn } from './pairedTurns.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';

/** "budget_tokens must be >= 1024" */
const budgetTokensMin = 1_024;

/**
 * Tokens of thinking that an effort stands for, where a target thinks by budget: each step doubles or quadruples the one below, as the vendor's
 * advice goes (at least 1,024; 16k and more for hard tasks; beyond 32k only in batches).
 */
const budgetOfEffort: Readonly<Record<string, number>> = {
  minimal: budgetTokensMin,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 65_536,
};

/** `output_config.effort` has no word for the least. */
const effortWords: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

export interface EncodedThinking {
  readonly thinking: Written | null;
  readonly effort: string | null;
}

const nothing: EncodedThinking = { thinking: null, effort: null };

/**
 * How the target is told to think. Its rules come first: where thinking does not go with the rest of the request, the request is served without it and
 * `reasoning` is noted, since a refusal would serve no one.
 */
export const encodeThinking = (
  writing: RequestWriting,
  { reasoning, toolChoice, tools }: GenerateRequest,
  outputTokensMax: number,
  turns: readonly Turn[],
): EncodedThinking => {
  if (reasoning === null) return nothing;
  const { mode } = reasoning;
  if (!writing.target.reasoning || writing.lacks('thinking')) return mode === 'off' ? nothing : without(writing);
  if (mode === 'off') return { thinking: { type: 'disabled' }, effort: effortOf(writing, reasoning) };
  // "Thinking may not be enabled when tool_choice forces tool use."
  const isForced = tools.length > 0 && (toolChoice?.type === 'required' || toolChoice?.type === 'named');
  // An answer that has begun cannot be thought about any more.
  if (isForced || turns.at(-1)?.role === 'assistant') return without(writing);
  if (mode === 'adaptive' || writing.lacks('thinking.enabled')) return adaptive(writing, reasoning);
  return hasUnthoughtCalls(turns) ? without(writing) : enabled(writing, reasoning, outputTokensMax);
};

const without = (writing: RequestWriting): EncodedThinking => {
  writing.drop('reasoning');
  return nothing;
};

/** "Expected `thinking` or `redacted_thinking`, but found `tool_use`": calls whose results are sent must begin with the thinking that led to them. */
const hasUnthoughtCalls = (turns: readonly Turn[]): boolean => {
  const last = turns.findLast((turn) => turn.role === 'assistant');
  const first = last?.content[0];
  return callsIn(last).length > 0 && first?.type !== 'thinking' && first?.type !== 'redacted-thinking';
};

const adaptive = (writing: RequestWriting, reasoning: Reasoning): EncodedThinking => ({
  thinking: { type: 'adaptive', ...displayOf(writing, reasoning) },
  effort: effortOf(writing, reasoning),
});

const enabled = (writing: RequestWriting, reasoning: Reasoning, outputTokensMax: number): EncodedThinking => {
  const budget = budgetOf(writing, reasoning, outputTokensMax);
  if (budget === null) return without(writing);
  return { thinking: { type: 'enabled', budget_tokens: budget, ...displayOf(writing, reasoning) }, effort: null };
};

/** Thinking counts towards the output bound, which is the caller's: it is never raised, and half of it stays for the answer. */
const budgetOf = (
  writing: RequestWriting,
  { budgetTokens, effort }: Reasoning,
  outputTokensMax: number,
): number | null => {
  if (budgetTokens !== null && budgetTokens >= budgetTokensMin && budgetTokens < outputTokensMax) return budgetTokens;
  const half = Math.floor(outputTokensMax / 2);
  if (half < budgetTokensMin) return null;
  if (budgetTokens !== null) writing.drop('reasoning');
  const wanted = budgetTokens ?? tokensOf(writing, effort);
  return Math.max(budgetTokensMin, Math.min(wanted, half));
};

const tokensOf = (writing: RequestWriting, effort: string | null): number => {
  const known = Object.hasOwn(budgetOfEffort, effort ?? 'medium') ? budgetOfEffort[effort ?? 'medium'] : undefined;
  if (known === undefined) writing.drop('reasoning');
  return known ?? budgetTokensMin;
};

const effortOf = (writing: RequestWriting, { effort }: Reasoning): string | null => {
  if (effort === null) return null;
  const word = Object.hasOwn(effortWords, effort) ? (effortWords[effort] ?? null) : null;
  if (word !== null && !writing.lacks('output_config') && !writing.lacks('output_config.effort')) return word;
  writing.drop('reasoning');
  return null;
};

/** Some models show none of their thinking unless they are asked to. */
const displayOf = (writing: RequestWriting, { show }: Reasoning): Written =>
  show && !writing.lacks('thinking.display') ? { display: 'summarized' } : {};
