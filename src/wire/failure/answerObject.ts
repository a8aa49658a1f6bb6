import { failure, success, type Result } from '../../kernel/index.ts';
import type { Failure } from '../../vocabulary/index.ts';
import { depthMax } from '../json/depthMax.ts';
import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { hasTooManyValues, valuesMax } from '../json/valuesMax.ts';
import { utf8Text } from '../utf8.ts';
import { protocolFailure } from './classifyFailure.ts';

/** Decodes a whole answer with status 200; a `protocol` failure where it is no JSON object, or one that holds more than is decoded. */
export const answerObject = (body: Uint8Array): Result<JsonObject, Failure> => {
  const text = utf8Text(body);
  const answer = parseJson(text);
  if (isJsonObject(answer)) return success(answer);
  return failure(
    hasTooManyValues(text)
      ? protocolFailure('too_many_values', `the answer holds more than ${valuesMax} objects, arrays and texts`)
      : protocolFailure('undecodable_answer', `the answer is not a JSON object of ${depthMax} levels at most`),
  );
};
