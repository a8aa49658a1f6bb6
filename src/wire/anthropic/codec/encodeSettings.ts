import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Writes what tunes the answer. @param thinks Whether the target is told to think. */
export const encodeSettings = (request: GenerateRequest, thinks: boolean, notes: WritingNotes): JsonObject => ({
  ...encodeSampling(request, thinks, notes),
  ...encodeStop(request, notes),
  ...encodeEndUser(request, notes),
});

/** The vendor's scale ends here; others go to 2. */
const temperatureMax = 1;

/**
 * How the answer is drawn. While it thinks, the target draws as it will ("`temperature` may only be set to 1 when thinking is enabled"); and newer models
 * refuse two of these at once ("`temperature` and `top_p` cannot both be specified"), so that of both the temperature stays.
 */
export const encodeSampling = (
  { temperature, topP, topK }: GenerateRequest,
  thinks: boolean,
  notes: WritingNotes,
): JsonObject => {
  const written: Record<string, unknown> = {};
  const allows = (name: string): boolean => !thinks && !notes.lacks(name);
  if (temperature !== null) {
    if (temperature > temperatureMax) notes.drop('temperature');
    if (allows('temperature')) written['temperature'] = Math.min(temperature, temperatureMax);
    else if (temperature !== 1) notes.drop('temperature');
  }
  // A share of 1 leaves nothing out, which is how the target draws anyway.
  if (topP !== null && topP !== 1) {
    if (allows('top_p') && written['temperature'] === undefined) written['top_p'] = topP;
    else notes.drop('top_p');
  }
  if (topK !== null) {
    if (allows('top_k')) written['top_k'] = topK;
    else notes.drop('top_k');
  }
  return written;
};

/** "stop_sequences: each stop sequence must contain non-whitespace" */
const encodeStop = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  const sequences = request.stopSequences.filter((sequence) => sequence.trim() !== '');
  if (sequences.length < request.stopSequences.length) notes.drop('stop');
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
};

/** Longest `metadata.user_id`, in characters. */
const userIdLengthMax = 256;

const encodeEndUser = ({ endUser }: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (endUser === null || endUser === '') return {};
  if (endUser.length <= userIdLengthMax && !notes.lacks('metadata')) return { metadata: { user_id: endUser } };
  notes.drop('user');
  return {};
};
