import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { encodeReasoning as encodeThinking } from '../../anthropic/codec/encodeReasoning.ts';
import type { Turn } from '../../codec/pairedTurns.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { modelTraits } from '../modelTraits.ts';

/** A bound for budgets where nobody says one: every model that thinks can give so much. */
const outputTokensDefault = 4_096;

/** Efforts as Nova and gpt-oss know them; "high" leaves Nova no bound of its own, which a request here always may have. */
const threeEfforts: Readonly<Record<string, string>> = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/** How a model is told to think, among its own parameters: each maker has other words. Where there are none, `reasoning` is noted. */
export const encodeReasoning = (
  request: GenerateRequest,
  outputTokensMax: number | null,
  turns: readonly Turn[],
  notes: WritingNotes,
): JsonObject => {
  const { reasoning } = request;
  if (reasoning === null) return {};
  const { thinking: way } = modelTraits(notes.target.model);
  if (way === 'messages') {
    const { thinking, effort } = encodeThinking(request, outputTokensMax ?? outputTokensDefault, turns, notes);
    return {
      ...(thinking === null ? {} : { thinking }),
      ...(effort === null ? {} : { output_config: { effort } }),
    };
  }
  const isKnown = notes.target.reasoning && way !== null && !notes.lacks('reasoning');
  if (reasoning.mode === 'off') return isKnown && way === 'nova' ? { reasoningConfig: { type: 'disabled' } } : {};
  if (!isKnown) {
    notes.drop('reasoning');
    return {};
  }
  const effort = effortOf(request, notes);
  return way === 'effort'
    ? { reasoning_effort: effort }
    : { reasoningConfig: { type: 'enabled', maxReasoningEffort: withinBound(effort, outputTokensMax, notes) } };
};

const effortOf = ({ reasoning }: GenerateRequest, notes: WritingNotes): string => {
  const wanted = reasoning?.effort ?? 'medium';
  const word = Object.hasOwn(threeEfforts, wanted) ? threeEfforts[wanted] : undefined;
  if (word !== wanted || reasoning?.budgetTokens !== null) notes.drop('reasoning');
  return word ?? 'medium';
};

/** "maxTokens must be unset when maxReasoningEffort is high": the bound is the caller's, and stays. */
const withinBound = (effort: string, outputTokensMax: number | null, notes: WritingNotes): string => {
  if (effort !== 'high' || outputTokensMax === null) return effort;
  notes.drop('reasoning');
  return 'medium';
};
