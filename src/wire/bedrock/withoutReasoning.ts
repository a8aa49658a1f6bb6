import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';

/** Where a model is told to think. */
const ownParameters = 'additionalModelRequestFields';

/**
 * A body without the thinking of earlier answers, whose signatures the vendor refuses; null where it has none. Thinking by budget goes too, where calls are left
 * without the thinking that led to them ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"). Turns around an answer that held nothing else are
 * joined ("A conversation must alternate between user and assistant roles").
 */
export const withoutReasoning = (body: Uint8Array): Uint8Array | null => {
  const request = parseJson(utf8Text(body));
  if (!isJsonObject(request)) return null;
  const messages = listIn(request, 'messages').filter(isJsonObject);
  const freed = messages.map(without);
  if (freed.every((message, index) => message === messages[index])) return null;
  const kept = joined(freed.filter((message, index) => message === messages[index] || !isEmpty(message)));
  const last = kept.findLast((message) => message['role'] === 'assistant') ?? {};
  const calls = listIn(last, 'content').some((block) => isJsonObject(block) && 'toolUse' in block);
  const own = objectIn(request, ownParameters) ?? {};
  const isByBudget = textIn(objectIn(own, 'thinking'), 'type') === 'enabled';
  if (!calls || !isByBudget) return written({ ...request, messages: kept });
  const { thinking: _thinking, ...others } = own;
  return written({ ...request, messages: kept, [ownParameters]: others });
};

const isEmpty = (message: JsonObject): boolean => listIn(message, 'content').length === 0;

const joined = (messages: readonly JsonObject[]): readonly JsonObject[] => {
  const turns: JsonObject[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last === undefined || last['role'] !== message['role']) turns.push(message);
    else turns[turns.length - 1] = { ...last, content: [...listIn(last, 'content'), ...listIn(message, 'content')] };
  }
  return turns;
};

const written = (request: JsonObject): Uint8Array => utf8Bytes(JSON.stringify(request));

const without = (message: JsonObject): JsonObject => {
  if (message['role'] !== 'assistant') return message;
  const content = listIn(message, 'content');
  const kept = content.filter((block) => !isJsonObject(block) || !('reasoningContent' in block));
  return kept.length === content.length ? message : { ...message, content: kept };
};
