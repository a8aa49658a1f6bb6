import type { Result } from '../../../kernel/index.ts';
import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { withEnds } from '../../anthropic/codec/encodeMessages.ts';
import { boundFor } from '../../codec/boundFor.ts';
import { callsInWords } from '../../codec/callsInWords.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../../codec/Codec.ts';
import { pairedTurns } from '../../codec/pairedTurns.ts';
import { writeRequestBody } from '../../codec/writeRequestBody.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { withFewPoints } from './cachePoint.ts';
import { encodeFormat } from './encodeFormat.ts';
import { encodeMessages, encodeSystem } from './encodeMessages.ts';
import { encodeReasoning } from './encodeReasoning.ts';
import { encodeSettings } from './encodeSettings.ts';
import { encodeTools } from './encodeTools.ts';
import { mayCall } from './mayCall.ts';
import { isOwnOf } from './sealOf.ts';

/**
 * Writes a body of `/model/{model}/converse` or `converse-stream` (docs.aws.amazon.com/bedrock/latest/APIReference, Converse). The bound is written wherever one is known: a hold on a
 * budget may rest on it.
 */
export const encodeRequest = (request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  writeRequestBody(request, target, writeMembers);

const writeMembers = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  const bound = boundFor(request, notes) ?? notes.target.outputTokensMax;
  const told = mayCall(request) ? request.messages : callsInWords(request.messages, notes);
  const paired = pairedTurns(told, isOwnOf(notes.target.model), notes);
  const turns = withEnds(paired.turns, notes);
  const reasoning = encodeReasoning(request, bound, turns, notes);
  const { config, instruction } = encodeFormat(request.outputFormat, notes);
  const system = encodeSystem(request.messages, instruction, notes);
  const { inference, own } = encodeSettings(request, bound, isThinking(reasoning), notes);
  const fields = { ...reasoning, ...own };
  const body = {
    messages: encodeMessages({ turns, pairs: paired.pairs }, notes),
    ...(system.length === 0 ? {} : { system }),
    ...(Object.keys(inference).length === 0 ? {} : { inferenceConfig: inference }),
    ...encodeTools(request, notes),
    ...config,
    ...(Object.keys(fields).length === 0 ? {} : { additionalModelRequestFields: fields }),
  };
  return withFewPoints(body, notes);
};

/** Whether the model is told to think in the words of the Messages API. */
const isThinking = (reasoning: JsonObject): boolean =>
  'thinking' in reasoning && textIn(objectIn(reasoning, 'thinking'), 'type') !== 'disabled';
