import { createHash } from 'node:crypto';

import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { boundFor } from '../../codec/boundFor.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Writes what bounds and tunes the answer. */
export const encodeSettings = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.topK !== null) notes.drop('top_k');
  const bound = boundFor(request, notes);
  return {
    ...(bound === null ? {} : { max_completion_tokens: bound }),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { top_p: request.topP }),
    ...encodeStop(request.stopSequences, notes),
    ...(request.endUser === null ? {} : { user: opaqueName(request.endUser) }),
  };
};

/** Most sequences that OpenAI stops at. One less would let the answer run on, so more are not sent at all. */
const stopSequencesMax = 4;

const encodeStop = (sequences: readonly string[], notes: WritingNotes): JsonObject => {
  if (sequences.length === 0) return {};
  if (sequences.length <= stopSequencesMax) return { stop: sequences };
  const message = `This target stops at ${stopSequencesMax} sequences at most; the request has ${sequences.length}`;
  return notes.refuse('stop_sequences', message, {});
};

/** OpenAI takes 64 characters. A longer name keeps its meaning, being opaque, as its hash. */
export const opaqueName = (name: string): string =>
  name.length <= 64 ? name : createHash('sha256').update(name).digest('hex');
