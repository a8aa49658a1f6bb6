import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { errorOf } from '../readAnswer.ts';
import { servedTierIn, toldTier } from '../../usage/serviceTierOf.ts';
import { readUsage } from '../readUsage.ts';
import { DeltaReader } from './DeltaReader.ts';
import { finishOf, isCutOff } from './finishReasons.ts';

/** Reads a whole chat completion; of several choices, the first. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const refused = errorOf(answer);
  if (refused !== null) return failure(refused);
  const choice = listIn(answer, 'choices')[0];
  if (!isJsonObject(choice)) return failure(protocolFailure('not_an_answer', 'the answer has no choice'));
  // OpenRouter: the model behind it failed, as in a stream.
  if (choice['finish_reason'] === 'error') return failure({ class: 'transient', cause: 'server_error' });
  return decodeChoice(answer, choice);
};

const decodeChoice = (answer: JsonObject, choice: JsonObject): Result<Answer, Failure> => {
  const id = textIn(answer, 'id') ?? '';
  const reader = new DeltaReader(() => `${id} ${countIn(answer, 'created') ?? ''}`);
  reader.read(asDelta(objectIn(choice, 'message') ?? {}));
  const finish = finishOf(choice, reader.hasCalls);
  reader.end(isCutOff(finish));
  if (reader.fault !== null) return failure(reader.fault);
  const usage = objectIn(answer, 'usage');
  return success({
    id,
    model: textIn(answer, 'model') ?? '',
    content: assembleContent(reader.take()),
    finish,
    usage: usage === null ? null : readUsage(usage),
    ...toldTier(servedTierIn(answer, 'service_tier')),
  });
};

/** In a whole message each entry is a call of its own, whatever it says of itself. */
const asDelta = (message: JsonObject): JsonObject => ({
  ...message,
  tool_calls: listIn(message, 'tool_calls')
    .filter(isJsonObject)
    .map((call, index) => ({ ...call, index })),
});
