import { failure, success, type Result } from '../../kernel/index.ts';
import type { Failure, Operation } from '../../vocabulary/index.ts';
import { answerObject } from '../failure/answerObject.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { readVendorError } from '../failure/VendorError.ts';
import { isJsonObject, listIn, objectIn, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerReading } from '../wire.ts';
import { classifyError } from './classify.ts';
import { outputIn } from './outputIn.ts';
import { servedTierIn, toldTier } from '../usage/serviceTierOf.ts';
import { readUsage } from './readUsage.ts';

/** The list that each kind of answer has; an answer without it is none. */
const listOf = (operation: Operation): string => (operation === 'generate' ? 'choices' : 'data');

/** Reads a whole answer. Azure was seen to answer a refusal of its content filter with status 200 and `error`. */
export const readAnswer = (operation: Operation, body: Uint8Array): Result<AnswerReading, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const refused = errorOf(answer);
  if (refused !== null) return failure(refused);
  const list = listOf(operation);
  if (!Array.isArray(answer[list]))
    return failure(protocolFailure('not_an_answer', `the answer has no list "${list}"`));
  const usage = objectIn(answer, 'usage');
  const outputBytes = operation === 'generate' ? outputBytesOf(answer) : 0;
  const tier = toldTier(servedTierIn(answer, 'service_tier'));
  return success({ usage: usage === null ? null : readUsage(usage), outputBytes, ...tier });
};

/** The error in an answer or in a chunk of a stream: at its top, or in a choice (OpenRouter). */
export const errorOf = (answer: JsonObject): Failure | null => {
  const own = failureIn(answer['error']);
  if (own !== null) return own;
  for (const choice of listIn(answer, 'choices')) {
    const error = isJsonObject(choice) ? failureIn(choice['error']) : null;
    if (error !== null) return error;
  }
  return null;
};

const failureIn = (error: unknown): Failure | null => {
  if (error === undefined || error === null) return null;
  const said = readVendorError({ error });
  return said === null ? { class: 'transient', cause: 'server_error' } : classifyError(said);
};

const outputBytesOf = (answer: JsonObject): number => {
  let bytes = 0;
  for (const choice of listIn(answer, 'choices')) {
    if (isJsonObject(choice)) bytes += outputIn(objectIn(choice, 'message')).bytes;
  }
  return bytes;
};
