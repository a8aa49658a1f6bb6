import { EditList } from '../request/EditList.ts';
import { thinkingLeftOut } from '../request/thinkingLeftOut.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { withoutReasoning } from './withoutReasoning.ts';

const bound = 'max_output_tokens';

/** Edits a body for one target. Usage always comes with the end of the stream; reasoning that is no vendor's of this wire is left out for all of them. */
export const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  list.setModel(edits.model);
  list.setCacheKey(edits);
  list.correct({ ...edits, drop: droppable(facts, edits) });
  const input = withoutReasoning(body, facts, thinkingLeftOut(edits));
  if (input !== null) list.set('input', input, '-reasoning');
  if (edits.outputBoundTokens !== undefined && facts.outputBoundTokens === null) {
    list.set(bound, String(edits.outputBoundTokens), bound);
  }
  return list.apply();
};

/** That a target refuses to be told not to think says nothing about efforts that other requests ask of it. */
const droppable = (
  { thinkingOff = false }: RequestFacts,
  { drop = [], withoutReasoning = false }: RequestEdits,
): readonly string[] => (thinkingOff || withoutReasoning ? drop : drop.filter((name) => name !== 'reasoning'));
