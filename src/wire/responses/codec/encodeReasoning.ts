import type { Reasoning } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { effortOf } from '../../openai/codec/encodeReasoning.ts';
import { encryptedReasoning } from './noteOtherMembers.ts';

/** What a model that thinks gives along, so that the next turn knows what was thought although the vendor keeps nothing. */
const sealed: JsonObject = { include: [encryptedReasoning] };

/** How the target is told to think: by an effort, since this wire has no budgets. */
export const encodeReasoning = (reasoning: Reasoning | null, notes: WritingNotes): JsonObject => {
  const { target } = notes;
  if (!target.reasoning) {
    if (reasoning !== null && reasoning.mode !== 'off') notes.drop('reasoning');
    return {};
  }
  if (reasoning === null) return sealed;
  if (reasoning.budgetTokens !== null && reasoning.effort === null) notes.drop('reasoning');
  const effort = effortOf(reasoning);
  const members = {
    ...(effort === null ? {} : { effort }),
    ...(reasoning.show ? { summary: 'auto' } : {}),
  };
  return { ...(Object.keys(members).length === 0 ? {} : { reasoning: members }), ...sealed };
};
