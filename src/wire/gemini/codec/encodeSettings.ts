import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { boundFor } from '../../codec/boundFor.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Writes what bounds and tunes the answer, in `generationConfig`. */
export const encodeSettings = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.endUser !== null) notes.drop('user');
  const bound = boundFor(request, notes);
  return {
    ...(bound === null ? {} : { maxOutputTokens: bound }),
    ...sampling('temperature', 'temperature', request.temperature, notes),
    ...sampling('topP', 'top_p', request.topP, notes),
    ...sampling('topK', 'top_k', request.topK, notes),
    ...encodeStop(request.stopSequences, notes),
  };
};

const sampling = (name: string, told: string, value: number | null, notes: WritingNotes): JsonObject => {
  if (value === null) return {};
  if (!notes.lacks(name) && !notes.lacks(told)) return { [name]: value };
  notes.drop(told);
  return {};
};

/** "The set of character sequences (up to 5) that will stop output generation." One less would let the answer run on, so more are not sent at all. */
const stopSequencesMax = 5;

const encodeStop = (sequences: readonly string[], notes: WritingNotes): JsonObject => {
  if (sequences.length === 0) return {};
  if (sequences.length <= stopSequencesMax) return { stopSequences: sequences };
  const message = `This target stops at ${stopSequencesMax} sequences at most; the request has ${sequences.length}`;
  return notes.refuse('stop_sequences', message, {});
};
