import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, AnswerContent, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { toldTier } from '../../usage/serviceTierOf.ts';
import { MessageUsage } from '../MessageUsage.ts';
import { errorOf } from '../readAnswer.ts';
import { BlockReader } from './BlockReader.ts';
import { finishOf } from './finishReasons.ts';

/** Reads a whole message. Blocks of the vendor's own tools and doings, and those of the future, are left out. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const message = parsed.value;
  if (message['type'] === 'error') return failure(errorOf(message));
  if (!Array.isArray(message['content']))
    return failure(protocolFailure('not_an_answer', 'the message has no list "content"'));
  const content = contentOf(message);
  if (!content.ok) return content;
  return success({
    id: textIn(message, 'id') ?? '',
    model: textIn(message, 'model') ?? '',
    content: content.value,
    finish: finishOf(textIn(message, 'stop_reason'), textIn(message, 'stop_sequence')),
    ...usageOf(message),
  });
};

/** A refusal's reasons stand beside the content, which may be empty or cut. */
const contentOf = (message: JsonObject): Result<readonly AnswerContent[], Failure> => {
  const blocks = new BlockReader();
  for (const [index, block] of listIn(message, 'content').entries()) {
    if (isJsonObject(block)) blocks.whole(index, block);
  }
  blocks.endAll(textIn(objectIn(message, 'stop_details'), 'explanation'));
  return blocks.fault === null ? success(assembleContent(blocks.take())) : failure(blocks.fault);
};

const usageOf = (message: JsonObject): Pick<Answer, 'usage' | 'servedTier'> => {
  const usage = objectIn(message, 'usage');
  if (usage === null) return { usage };
  const reported = new MessageUsage();
  reported.report(usage);
  return { usage: reported.usage, ...toldTier(reported.servedTier) };
};
