import type { Reasoning } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

const membersOfThinking = new Set(['includeThoughts', 'thinkingBudget', 'thinkingLevel']);

/** How hard to think: a budget (0: not at all, -1: as the model sees fit) or a level. */
export const decodeReasoning = (config: ObjectReader): Reasoning | null => {
  const thinking = config.nested('thinkingConfig');
  if (thinking === null) return null;
  thinking.nativeOthers(membersOfThinking, 'thinkingConfig');
  const show = thinking.flag('includeThoughts') ?? false;
  const budget = thinking.count('thinkingBudget', -1);
  const effort = effortOf(thinking.text('thinkingLevel'));
  if (budget === 0) return { mode: 'off', budgetTokens: null, effort: null, show: false };
  if (budget !== null && budget > 0) return { mode: 'on', budgetTokens: budget, effort, show };
  if (effort !== null) return { mode: 'on', budgetTokens: null, effort, show };
  // Whether thoughts are shown says nothing on whether there are any: that is up to the model.
  return budget === null && !show ? null : { mode: 'adaptive', budgetTokens: null, effort: null, show };
};

const effortOf = (level: string | null): string | null => {
  const word = level?.toLowerCase() ?? '';
  return word === '' || word === 'thinking_level_unspecified' ? null : word;
};
