import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { RequestFacts } from '../../wire.ts';
import { classifyException } from '../classify.ts';
import { toldTier } from '../../usage/serviceTierOf.ts';
import { readServedTier, readUsage } from '../readUsage.ts';
import { ContentReader } from './ContentReader.ts';
import { finishOf } from './finishOf.ts';

/** Reads a whole answer. It has neither an id nor the name of its model. */
export const decodeAnswer = (body: Uint8Array, facts?: RequestFacts): Result<Answer, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const type = textIn(answer, '__type');
  if (type !== null) return failure(classifyException(type, answer));
  const message = objectIn(objectIn(answer, 'output'), 'message');
  if (!Array.isArray(message?.['content']))
    return failure(protocolFailure('not_an_answer', 'the answer has no message with a list "content"'));
  const content = contentOf(message, facts?.model ?? '');
  if (!content.ok) return content;
  return success({
    id: '',
    model: '',
    content: content.value,
    finish: finishOf(textIn(answer, 'stopReason')),
    usage: readUsage(answer),
    ...toldTier(readServedTier(answer)),
  });
};

const contentOf = (message: JsonObject, model: string): Result<Answer['content'], Failure> => {
  const content = new ContentReader(model);
  for (const [index, block] of listIn(message, 'content').entries()) {
    if (isJsonObject(block)) content.whole(index, block);
  }
  content.endAll();
  return content.fault === null ? success(assembleContent(content.take())) : failure(content.fault);
};
