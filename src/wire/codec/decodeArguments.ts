import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** Arguments of a call in a history. Streams of other gateways leave "" where a call has none, and clients send it back: it means none. */
export const decodeArguments = (call: ObjectReader): string => {
  const text = call.text('arguments') ?? '';
  if (text.trim() === '') return '{}';
  return isJsonObject(parseJson(text)) ? text : call.refuse('arguments', 'must be the JSON text of an object', '{}');
};
