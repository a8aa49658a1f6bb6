import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { boundFor } from '../../codec/boundFor.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { opaqueName } from '../../openai/codec/encodeSettings.ts';

/** Smallest bound that OpenAI takes in a response. */
const boundMin = 16;

/** Writes what bounds and tunes the answer. */
export const encodeSettings = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.topK !== null) notes.drop('top_k');
  // Without its sequences the answer would run on.
  if (request.stopSequences.length > 0)
    notes.refuse('stop_sequences', 'This target stops at no sequences: its wire has no word for them', null);
  const bound = boundOf(request, notes);
  return {
    ...(bound === null ? {} : { max_output_tokens: bound }),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { top_p: request.topP }),
    ...(request.endUser === null ? {} : { user: opaqueName(request.endUser) }),
  };
};

/** Fewer tokens than the least are no bound that this wire knows: a few more are told as such. */
const boundOf = (request: GenerateRequest, notes: WritingNotes): number | null => {
  const bound = boundFor(request, notes);
  if (bound === null || bound >= boundMin) return bound;
  notes.drop('max_tokens');
  return boundMin;
};
