import type { Reasoning } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { generationOf } from './generationOf.ts';

/** How the target is told to think. */
export const encodeReasoning = (reasoning: Reasoning | null, notes: WritingNotes): JsonObject => {
  if (reasoning === null) return {};
  if (!notes.target.reasoning || notes.lacks('thinkingConfig')) {
    if (reasoning.mode !== 'off') notes.drop('reasoning');
    return {};
  }
  const strength = generationOf(notes.target.model) >= 3 ? byLevel(reasoning, notes) : byBudget(reasoning, notes);
  const config = { ...strength, ...(reasoning.show ? { includeThoughts: true } : {}) };
  return Object.keys(config).length === 0 ? {} : { thinkingConfig: config };
};

/** Budgets that every model of the second generation takes lie between these ("gemini-2.5-flash-lite: 512 to 24576"). */
const budgetMin = 512;
const budgetMax = 24_576;

/** What an effort stands for in tokens, as the vendor's own Chat endpoint reads it (ai.google.dev/gemini-api/docs/openai, "Thinking"). */
const budgetOfEffort: ReadonlyMap<string, number> = new Map([
  ['minimal', 1_024],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 24_576],
  ['max', 24_576],
]);

const asItSeesFit = -1;

/** Up to the second generation models think by budget: 0 is not at all, which the large ones cannot ("This model only works in thinking mode"). */
const byBudget = ({ mode, budgetTokens, effort }: Reasoning, notes: WritingNotes): JsonObject => {
  if (mode === 'off') return isLarge(notes.target.model) ? without(notes) : { thinkingBudget: 0 };
  if (budgetTokens !== null) return { thinkingBudget: fitted(budgetTokens, notes) };
  if (effort === null) return { thinkingBudget: asItSeesFit };
  const budget = budgetOfEffort.get(effort);
  if (budget === undefined) notes.drop('reasoning');
  return { thinkingBudget: budget ?? asItSeesFit };
};

const fitted = (budgetTokens: number, notes: WritingNotes): number => {
  const budget = Math.min(Math.max(budgetTokens, budgetMin), budgetMax);
  if (budget !== budgetTokens) notes.drop('reasoning');
  return budget;
};

const isLarge = (model: string): boolean => /-pro\b/.test(model);

const without = (notes: WritingNotes): JsonObject => {
  notes.drop('reasoning');
  return {};
};

/** Levels that all models of a kind have; beyond "high" there is nothing. */
const levelOfEffort: ReadonlyMap<string, string> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
]);

/** From the third generation on they think by level, and always; budgets are still taken, which keeps a bound of the caller's. */
const byLevel = ({ mode, budgetTokens, effort }: Reasoning, notes: WritingNotes): JsonObject => {
  if (mode === 'off') {
    notes.drop('reasoning');
    return { thinkingLevel: isLarge(notes.target.model) ? 'low' : 'minimal' };
  }
  if (budgetTokens !== null) return { thinkingBudget: fitted(budgetTokens, notes) };
  if (effort === null) return {};
  if (effort === 'minimal' && !isLarge(notes.target.model)) return { thinkingLevel: effort };
  const level = levelOfEffort.get(effort);
  if (level !== effort) notes.drop('reasoning');
  return { thinkingLevel: level ?? 'high' };
};
