import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';

/** Where a model is told to think. */
const ownParameters = 'additionalModelRequestFields';

/**
 * A body without the thinking of earlier answers, whose signatures the vendor refuses; null where it has none. Thinking by budget goes too, where calls are left
 * without the thinking that led to them ("Expected `thinking` or `redacted_thinking`, but found `tool_use`").
 */
export const withoutReasoning = (body: Uint8Array): Uint8Array | null => {
  const request = parseJson(utf8Text(body));
  if (!isJsonObject(request)) return null;
  const messages = listIn(request, 'messages').filter(isJsonObject);
  const kept = messages.map(without).filter((message) => listIn(message, 'content').length > 0);
  if (kept.length === messages.length && kept.every((message, index) => message === messages[index])) return null;
  const last = kept.findLast((message) => message['role'] === 'assistant') ?? {};
  const calls = listIn(last, 'content').some((block) => isJsonObject(block) && 'toolUse' in block);
  const own = objectIn(request, ownParameters) ?? {};
  const isByBudget = textIn(objectIn(own, 'thinking'), 'type') === 'enabled';
  if (!calls || !isByBudget) return written({ ...request, messages: kept });
  const { thinking: _thinking, ...others } = own;
  return written({ ...request, messages: kept, [ownParameters]: others });
};

const written = (request: JsonObject): Uint8Array => utf8Bytes(JSON.stringify(request));

const without = (message: JsonObject): JsonObject => {
  if (message['role'] !== 'assistant') return message;
  const content = listIn(message, 'content');
  const kept = content.filter((block) => !isJsonObject(block) || !('reasoningContent' in block));
  return kept.length === content.length ? message : { ...message, content: kept };
};
