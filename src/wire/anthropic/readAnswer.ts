import { failure, success, type Result } from '../../kernel/index.ts';
import type { Failure, Operation } from '../../vocabulary/index.ts';
import { answerObject } from '../failure/answerObject.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { readVendorError } from '../failure/VendorError.ts';
import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Length } from '../utf8.ts';
import type { AnswerReading } from '../wire.ts';
import { classifyError } from './classify.ts';
import { toldTier } from '../usage/serviceTierOf.ts';
import { MessageUsage } from './MessageUsage.ts';

/** Reads a whole answer. Counting tokens costs nothing, so it has no usage. */
export const readAnswer = (operation: Operation, body: Uint8Array): Result<AnswerReading, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  if (answer['type'] === 'error') return failure(errorOf(answer));
  if (operation === 'generate') return readMessage(answer);
  const isAnswer =
    operation === 'countTokens' ? countIn(answer, 'input_tokens') !== null : Array.isArray(answer['data']);
  return isAnswer
    ? success({ usage: null, outputBytes: 0 })
    : failure(protocolFailure('not_an_answer', 'the answer lacks what was asked for'));
};

/** What an `error` event or body says. */
export const errorOf = (holder: JsonObject): Failure => {
  const error = readVendorError(holder);
  return error === null ? { class: 'transient', cause: 'server_error' } : classifyError(error);
};

const readMessage = (message: JsonObject): Result<AnswerReading, Failure> => {
  if (!Array.isArray(message['content']))
    return failure(protocolFailure('not_an_answer', 'the message has no list "content"'));
  const reported = new MessageUsage();
  const usage = objectIn(message, 'usage');
  if (usage !== null) reported.report(usage);
  const blocks = listIn(message, 'content').filter(isJsonObject);
  const outputBytes = blocks.reduce((sum, block) => sum + blockBytes(block), 0);
  const { usage: buckets, servedTier } = reported;
  return success({ usage: buckets, outputBytes, answerId: textIn(message, 'id'), ...toldTier(servedTier) });
};

/** Bytes of output in a content block: text, thinking, or the input of a tool call. */
const blockBytes = (block: JsonObject): number => {
  const input = objectIn(block, 'input');
  const written = `${textIn(block, 'text') ?? ''}${textIn(block, 'thinking') ?? ''}`;
  return utf8Length(written) + (input === null ? 0 : utf8Length(JSON.stringify(input)));
};
