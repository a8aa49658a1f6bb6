import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, textIn } from '../../json/JsonObject.ts';
import { errorOf } from '../readAnswer.ts';
import { servedTierIn, toldTier } from '../../usage/serviceTierOf.ts';
import { readUsage } from '../readUsage.ts';
import { finishOf, isIncomplete } from './finishReasons.ts';
import { ItemReader } from './ItemReader.ts';

/** Reads a whole response. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const response = parsed.value;
  const refused = errorOf(response);
  if (refused !== null) return failure(refused);
  if (!Array.isArray(response['output']))
    return failure(protocolFailure('not_an_answer', 'the response has no list "output"'));
  const reader = new ItemReader(textIn(response, 'id') ?? '');
  for (const [index, item] of listIn(response, 'output').entries()) if (isJsonObject(item)) reader.whole(index, item);
  reader.end(isIncomplete(response));
  if (reader.fault !== null) return failure(reader.fault);
  const usage = objectIn(response, 'usage');
  return success({
    id: textIn(response, 'id') ?? '',
    model: textIn(response, 'model') ?? '',
    content: assembleContent(reader.take()),
    finish: finishOf(response, reader.hasCalls, reader.hasCutCalls),
    usage: usage === null ? null : readUsage(usage),
    ...toldTier(servedTierIn(response, 'service_tier')),
  });
};
