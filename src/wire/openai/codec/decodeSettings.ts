import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { requestCeilingsMax } from '../../request/RequestCeilings.ts';

type Settings = Pick<
  GenerateRequest,
  'outputTokensMax' | 'temperature' | 'topP' | 'topK' | 'stopSequences' | 'endUser'
>;

/** Reads what bounds and tunes the answer. */
export const decodeSettings = (request: ObjectReader): Settings => ({
  outputTokensMax: decodeBound(request),
  temperature: request.number('temperature'),
  topP: request.number('top_p'),
  topK: decodeTopK(request),
  stopSequences: decodeStop(request),
  endUser: request.text('safety_identifier') ?? request.text('user'),
});

/** `max_tokens` is the older name: where both are set, vendors who know the newer one go by it. */
const decodeBound = (request: ObjectReader): number | null => {
  const newer = request.count('max_completion_tokens', 1, requestCeilingsMax.outputTokens);
  const older = request.count('max_tokens', 1, requestCeilingsMax.outputTokens);
  return newer ?? older;
};

const decodeStop = (request: ObjectReader): readonly string[] => {
  const value = request.value('stop');
  const sequences = typeof value === 'string' ? [value] : request.texts('stop');
  return sequences.filter((sequence) => sequence !== '');
};

/** `top_k` is no word of OpenAI's, but of many who speak its wire; 0 and -1 switch it off. */
const decodeTopK = (request: ObjectReader): number | null => {
  const topK = request.count('top_k', -1, Number.MAX_SAFE_INTEGER);
  return topK === null || topK <= 0 ? null : topK;
};
