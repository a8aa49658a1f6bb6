import type { GenerateRequest } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { requestCeilingsMax } from '../../request/RequestCeilings.ts';

type Settings = Pick<
  GenerateRequest,
  'outputTokensMax' | 'temperature' | 'topP' | 'topK' | 'stopSequences' | 'endUser'
>;

/** Reads what bounds and tunes the answer. This wire has no word for the caller's own user. */
export const decodeSettings = (config: ObjectReader): Settings => ({
  outputTokensMax: config.count('maxOutputTokens', 1, requestCeilingsMax.outputTokens),
  temperature: config.number('temperature'),
  topP: config.number('topP'),
  topK: config.number('topK'),
  stopSequences: config.texts('stopSequences').filter((sequence) => sequence !== ''),
  endUser: null,
});
