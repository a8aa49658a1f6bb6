import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';

type Settings = Pick<
  GenerateRequest,
  'outputTokensMax' | 'temperature' | 'topP' | 'topK' | 'stopSequences' | 'endUser'
>;

/** Reads what bounds and tunes the answer. */
export const decodeSettings = (request: ObjectReader): Settings => ({
  outputTokensMax: decodeBound(request),
  temperature: request.number('temperature'),
  topP: request.number('top_p'),
  topK: request.count('top_k', 0),
  stopSequences: request.texts('stop_sequences'),
  endUser: decodeEndUser(request),
});

/** A bound of 0 fills the vendor's prompt cache and answers nothing. */
const decodeBound = (request: ObjectReader): number | null => {
  const bound = request.count('max_tokens', 0);
  if (bound === 0) request.notes.native('max_tokens');
  return bound;
};

const membersOfMetadata = new Set(['user_id']);

const decodeEndUser = (request: ObjectReader): string | null => {
  const metadata = request.nested('metadata');
  metadata?.hintOthers(membersOfMetadata, 'metadata');
  return metadata?.text('user_id') ?? null;
};
