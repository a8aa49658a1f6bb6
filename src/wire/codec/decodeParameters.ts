import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';
import type { ObjectReader } from './ObjectReader.ts';

/** The schema of a function's arguments. "Omitting `parameters` defines a function with an empty parameter list." */
export const decodeParameters = (tool: ObjectReader): JsonObject => {
  const parameters = tool.value('parameters') ?? { properties: {} };
  if (!isJsonObject(parameters)) return tool.refuse('parameters', 'must be a JSON Schema', {});
  const type = parameters['type'] ?? 'object';
  if (type !== 'object') return tool.refuse('parameters', 'must be a JSON Schema of type "object"', {});
  return { type, ...parameters };
};
