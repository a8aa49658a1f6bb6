import { isJsonObject, parseJson, type JsonObject } from '../json/JsonObject.ts';

/**
 * Arguments of a call as an object, for clients who get them so. What a model left broken (the bound cut it short) is shown as Anthropic's manual says for
 * such pieces, under a name that no tool takes: nobody runs a tool with half of its arguments.
 */
export const objectOfArguments = (written: string): JsonObject => {
  const input = parseJson(written);
  return isJsonObject(input) ? input : { INVALID_JSON: written };
};
