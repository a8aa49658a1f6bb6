import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import { errorOf } from '../readAnswer.ts';
import { readUsage } from '../readUsage.ts';
import { finishOf, isIncomplete } from './finishReasons.ts';
import { ItemReader } from './ItemReader.ts';

/** Reads a whole response. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const response = parseJson(utf8Text(body));
  if (!isJsonObject(response)) return failure(protocolFailure('undecodable_answer', 'the answer is not a JSON object'));
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
  });
};
