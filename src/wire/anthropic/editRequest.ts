import { EditList } from '../request/EditList.ts';
import { thinkingLeftOut } from '../request/thinkingLeftOut.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { withoutThinking } from './codec/withoutThinking.ts';

/** Corrections, and thinking that no vendor of this wire has signed, which is left out for all of them. */
export const correctMessages = (list: EditList, body: Uint8Array, facts: RequestFacts, edits: RequestEdits): void => {
  const signed = withoutThinking(body, facts.members, thinkingLeftOut(edits));
  if (signed !== null) list.set('messages', signed.messages, '-thinking');
  list.correct(signed?.dropsThinking === true ? { ...edits, drop: [...(edits.drop ?? []), 'thinking'] } : edits);
};

/** The client always bounds its output and always gets usage: what is left to edit is the model's name, and corrections. */
export const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  list.setModel(edits.model);
  correctMessages(list, body, facts, edits);
  return list.apply();
};
