import { EditList } from '../request/EditList.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { editMessages } from './editMessages.ts';

const bound = 'max_completion_tokens';

/**
 * Edits a body for one target. Usage is asked for in streams only, and merged into the client's own `stream_options`; an output bound is
 * set only where the client set none, under the name that this target takes.
 */
export const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  list.setModel(edits.model);
  list.setCacheKey(edits);
  list.correct({ ...edits, drop: droppable(facts, edits) });
  editMessages(list, body, facts, edits);
  const optionsDropped = edits.drop?.includes('stream_options') ?? false;
  if (edits.askUsage && facts.stream && !facts.usageAsked && !optionsDropped) {
    list.setWithin('stream_options', 'include_usage', 'true', 'stream_options.include_usage');
  }
  if (edits.outputBoundTokens !== undefined && facts.outputBoundTokens === null) {
    const name = edits.rename?.[bound] ?? bound;
    list.set(name, String(edits.outputBoundTokens), name);
  }
  return list.apply();
};

/** That a target refuses to be told not to think says nothing about efforts that other requests ask of it. */
const droppable = ({ thinkingOff = false }: RequestFacts, { drop = [] }: RequestEdits): readonly string[] =>
  thinkingOff ? drop : drop.filter((name) => name !== 'reasoning_effort');
