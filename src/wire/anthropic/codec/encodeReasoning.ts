import type { GenerateRequest, Reasoning } from '../../../vocabulary/index.ts';
import { callsIn } from '../../codec/pairCalls.ts';
import type { Turn } from '../../codec/pairedTurns.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

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

export interface EncodedReasoning {
  readonly thinking: JsonObject | null;
  readonly effort: string | null;
}

const nothing: EncodedReasoning = { thinking: null, effort: null };

/**
 * How the target is told to think. Its rules come first: where thinking does not go with the rest of the request, the request is served without it and
 * `reasoning` is noted, since a refusal would serve no one.
 */
export const encodeReasoning = (
  { reasoning, toolChoice, tools }: GenerateRequest,
  outputTokensMax: number,
  turns: readonly Turn[],
  notes: WritingNotes,
): EncodedReasoning => {
  if (reasoning === null) return nothing;
  const { mode } = reasoning;
  if (!notes.target.reasoning || notes.lacks('thinking')) return mode === 'off' ? nothing : without(notes);
  if (mode === 'off') return { thinking: { type: 'disabled' }, effort: effortOf(reasoning, notes) };
  // "Thinking may not be enabled when tool_choice forces tool use."
  const isForced = tools.length > 0 && (toolChoice?.type === 'required' || toolChoice?.type === 'named');
  // An answer that has begun cannot be thought about any more.
  if (isForced || turns.at(-1)?.role === 'assistant') return without(notes);
  const isAdaptive = notes.lacks('thinking.enabled') || (mode === 'adaptive' && !notes.lacks('thinking.adaptive'));
  if (isAdaptive) return adaptive(reasoning, notes);
  return hasUnthoughtCalls(turns) ? without(notes) : enabled(reasoning, outputTokensMax, notes);
};

const without = (notes: WritingNotes): EncodedReasoning => {
  notes.drop('reasoning');
  return nothing;
};

/** "Expected `thinking` or `redacted_thinking`, but found `tool_use`": calls whose results are sent must begin with the thinking that led to them. */
const hasUnthoughtCalls = (turns: readonly Turn[]): boolean => {
  const last = turns.findLast((turn) => turn.role === 'assistant');
  const first = last?.content[0];
  return callsIn(last?.content ?? []).length > 0 && first?.type !== 'thinking' && first?.type !== 'redacted-thinking';
};

const adaptive = (reasoning: Reasoning, notes: WritingNotes): EncodedReasoning => ({
  thinking: { type: 'adaptive', ...displayOf(reasoning, notes) },
  effort: effortOf(reasoning, notes),
});

const enabled = (reasoning: Reasoning, outputTokensMax: number, notes: WritingNotes): EncodedReasoning => {
  const budget = budgetOf(reasoning, outputTokensMax, notes);
  if (budget === null) return without(notes);
  return { thinking: { type: 'enabled', budget_tokens: budget, ...displayOf(reasoning, notes) }, effort: null };
};

/** Thinking counts towards the output bound, which is the caller's: it is never raised, and half of it stays for the answer. */
const budgetOf = ({ budgetTokens, effort }: Reasoning, outputTokensMax: number, notes: WritingNotes): number | null => {
  if (budgetTokens !== null && budgetTokens >= budgetTokensMin && budgetTokens < outputTokensMax) return budgetTokens;
  const half = Math.floor(outputTokensMax / 2);
  if (half < budgetTokensMin) return null;
  if (budgetTokens !== null) notes.drop('reasoning');
  const wanted = budgetTokens ?? tokensOf(effort, notes);
  return Math.max(budgetTokensMin, Math.min(wanted, half));
};

const tokensOf = (effort: string | null, notes: WritingNotes): number => {
  const known = Object.hasOwn(budgetOfEffort, effort ?? 'medium') ? budgetOfEffort[effort ?? 'medium'] : undefined;
  if (known === undefined) notes.drop('reasoning');
  return known ?? budgetTokensMin;
};

const effortOf = ({ effort }: Reasoning, notes: WritingNotes): string | null => {
  if (effort === null) return null;
  const word = Object.hasOwn(effortWords, effort) ? (effortWords[effort] ?? null) : null;
  if (word !== null && !notes.lacks('output_config') && !notes.lacks('output_config.effort')) return word;
  notes.drop('reasoning');
  return null;
};

/** Some models show none of their thinking unless they are asked to. */
const displayOf = ({ show }: Reasoning, notes: WritingNotes): JsonObject =>
  show && !notes.lacks('thinking.display') ? { display: 'summarized' } : {};
