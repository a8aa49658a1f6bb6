import { EditList } from '../request/EditList.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { spellings } from './spellings.ts';
import { withoutSignatures } from './withoutSignatures.ts';

/** The member that holds the output bound, as the client spells it. */
const memberOf = (facts: RequestFacts, name: string): string =>
  spellings(name).find((spelling) => facts.members.some(({ key }) => key === spelling)) ?? name;

/**
 * Edits a body for one target. The path names the model, so that the body goes as it is, but for corrections, for an output bound under a hard budget, where the
 * client set none, and for the name in a question for tokens that wraps a whole request.
 */
export const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  list.correct(edits);
  const contents = edits.withoutThinking === true ? withoutSignatures(body, facts, edits.model) : null;
  if (contents !== null) list.set('contents', contents, '-thought_signature');
  if (edits.outputBoundTokens !== undefined && facts.outputBoundTokens === null) {
    const name = memberOf(facts, 'generationConfig');
    list.setWithin(name, 'maxOutputTokens', String(edits.outputBoundTokens), 'generationConfig.maxOutputTokens');
  }
  const name = JSON.stringify(`models/${edits.model}`);
  if (facts.members.some(({ key }) => key === 'model')) list.set('model', name, 'model');
  const wrapped = memberOf(facts, 'generateContentRequest');
  if (facts.members.some(({ key }) => key === wrapped)) list.setWithin(wrapped, 'model', name, 'model');
  return list.apply();
};
