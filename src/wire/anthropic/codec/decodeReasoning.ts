import type { Reasoning } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { isJsonObject, listIn, objectIn, textIn } from '../../json/JsonObject.ts';

const membersOfThinking = new Set(['type', 'budget_tokens', 'display', 'block_binding']);

/** How hard to think: `thinking` says whether and how much, `output_config.effort` how hard, for all or for the latest turn that says so. */
export const decodeReasoning = (request: ObjectReader): Reasoning | null => {
  const thinking = request.nested('thinking');
  const effort = decodeEffort(request);
  if (thinking !== null) return decodeThinking(thinking, effort);
  // Without a word on thinking it depends on the model whether it thinks; the effort holds for the whole answer.
  return effort === null ? null : { mode: 'adaptive', budgetTokens: null, effort, show: false };
};

const decodeThinking = (thinking: ObjectReader, effort: string | null): Reasoning | null => {
  const { notes } = thinking;
  thinking.nativeOthers(membersOfThinking, 'thinking');
  // What becomes of thinking that is sent back into another conversation; none of it leaves this wire.
  if (thinking.nested('block_binding') !== null) notes.hint('thinking.block_binding');
  const show = thinking.text('display') !== 'omitted';
  const type = thinking.requiredText('type');
  switch (type) {
    case 'enabled':
      return { mode: 'on', budgetTokens: thinking.count('budget_tokens', 0), effort, show };
    case 'between_tools':
      notes.hint('thinking.between_tools');
      return { mode: 'adaptive', budgetTokens: null, effort, show };
    case 'adaptive':
      return { mode: 'adaptive', budgetTokens: null, effort, show };
    case 'disabled':
      return { mode: 'off', budgetTokens: null, effort, show: false };
    default:
      notes.native(`thinking.${type}`);
      return null;
  }
};

const decodeEffort = (request: ObjectReader): string | null => {
  const general = request.nested('output_config')?.text('effort') ?? null;
  const ofTurns = listIn(request.object, 'messages')
    .filter(isJsonObject)
    .map((turn) => textIn(objectIn(turn, 'output_config'), 'effort'));
  return ofTurns.findLast((effort) => effort !== null) ?? general;
};
