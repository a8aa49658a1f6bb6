import { isDeeperThan } from '../json/depthMax.ts';
import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** Deepest nesting of arguments that are a text: what some wires write as an object must not make a body too deep that was not when it came (`scanLimits`). */
const levelsMax = 48;

/** Arguments of a call in a history. Streams of other gateways leave "" where a call has none, and clients send it back: it means none. */
export const decodeArguments = (call: ObjectReader): string => {
  const text = call.text('arguments') ?? '';
  if (text.trim() === '') return '{}';
  const value = parseJson(text);
  return isJsonObject(value) && !isDeeperThan(value, levelsMax)
    ? text
    : call.refuse('arguments', `must be the JSON text of an object, nested no deeper than ${levelsMax} levels`, '{}');
};
