import type { Reasoning } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Most tokens of thinking that count as little, and as a fair amount: about what OpenAI's models spend at these efforts. */
const lowBudgetTokensMax = 4_096;
const mediumBudgetTokensMax = 16_384;

/** How the target is told to think: by an effort, since this wire has no budgets. */
export const encodeReasoning = (reasoning: Reasoning | null, notes: WritingNotes): JsonObject => {
  const { target } = notes;
  if (reasoning === null || (reasoning.mode === 'off' && !target.reasoning)) return {};
  if (!target.reasoning) {
    notes.drop('reasoning');
    return {};
  }
  if (reasoning.budgetTokens !== null && reasoning.effort === null) notes.drop('reasoning');
  const effort = effortOf(reasoning);
  return effort === null ? {} : { reasoning_effort: effort };
};

/** Null leaves it to the model, which is what "adaptive" asks for. */
export const effortOf = ({ mode, effort, budgetTokens }: Reasoning): string | null => {
  if (mode === 'off') return 'none';
  if (effort !== null) return effort;
  if (budgetTokens === null) return mode === 'adaptive' ? null : 'medium';
  if (budgetTokens <= lowBudgetTokensMax) return 'low';
  return budgetTokens <= mediumBudgetTokensMax ? 'medium' : 'high';
};
