import { failure, success, type Result } from '../../kernel/index.ts';
import type { Failure, Operation } from '../../vocabulary/index.ts';
import { answerObject } from '../failure/answerObject.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { readVendorError } from '../failure/VendorError.ts';
import { countIn, isJsonObject, listIn, objectIn, objectOf, textIn, type JsonObject } from '../json/JsonObject.ts';
import type { AnswerReading } from '../wire.ts';
import { classifyError } from './classify.ts';
import { outputIn } from './outputIn.ts';
import { toldTier } from '../usage/serviceTierOf.ts';
import { readServedTier, readUsage } from './readUsage.ts';

/** Reads a whole answer. Counting tokens costs nothing, so it has no usage. */
export const readAnswer = (operation: Operation, body: Uint8Array): Result<AnswerReading, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const refused = errorOf(answer);
  if (refused !== null) return failure(refused);
  if (operation === 'generate') return readGenerated(answer);
  const isAnswer =
    operation === 'countTokens' ? countIn(answer, 'totalTokens') !== null : Array.isArray(answer['models']);
  return isAnswer
    ? success({ usage: null, outputBytes: 0 })
    : failure(protocolFailure('not_an_answer', 'the answer lacks what was asked for'));
};

/** The error in an answer or in a chunk of a stream. */
export const errorOf = (answer: JsonObject): Failure | null => {
  if (!isJsonObject(answer['error'])) return null;
  const said = readVendorError(answer);
  return said === null ? { class: 'transient', cause: 'server_error' } : classifyError(said);
};

/** Why a prompt was blocked, in the vendor's word: such an answer has no candidate. */
export const blockReasonOf = (answer: JsonObject): string | null =>
  textIn(objectOf(answer['promptFeedback']), 'blockReason');

/** Whether it is an answer at all: one without a candidate must say why. */
export const isGenerated = (answer: JsonObject): boolean =>
  listIn(answer, 'candidates').some(isJsonObject) || blockReasonOf(answer) !== null;

const readGenerated = (answer: JsonObject): Result<AnswerReading, Failure> => {
  if (!isGenerated(answer)) return failure(protocolFailure('not_an_answer', 'the answer has no candidate'));
  const usage = objectIn(answer, 'usageMetadata');
  const outputBytes = listIn(answer, 'candidates')
    .filter(isJsonObject)
    .reduce((sum, candidate) => sum + outputIn(candidate).bytes, 0);
  const tier = toldTier(readServedTier(usage));
  return success({ usage: usage === null ? null : readUsage(usage), outputBytes, ...tier });
};
