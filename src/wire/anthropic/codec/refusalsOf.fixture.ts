// What the vendor refuses of a written body.
import { isJsonObject, listIn, objectIn, type JsonObject } from '../../json/JsonObject.ts';

const blocksOf = (message: JsonObject | undefined): JsonObject[] => {
  const content = message?.['content'];
  return typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : listIn(message ?? {}, 'content').filter(isJsonObject);
};
const idsOf = (message: JsonObject | undefined, type: string, name: string): string[] =>
  blocksOf(message)
    .filter((block) => block['type'] === type)
    .map((block) => String(block[name]));

/** What the vendor would refuse of a body, as its error messages tell its rules. */
export const refusalsOf = (body: JsonObject): string[] => {
  const messages = listIn(body, 'messages').filter(isJsonObject);
  const blocks = messages.flatMap(blocksOf);
  const uses = messages.flatMap((message) => idsOf(message, 'tool_use', 'id'));
  const thinking = objectIn(body, 'thinking');
  const thinks = thinking?.['type'] === 'enabled' || thinking?.['type'] === 'adaptive';
  const last = messages.at(-1);
  const lastAnswer = messages.findLast((message) => message['role'] === 'assistant');
  const lastText = blocksOf(last).at(-1)?.['text'];
  const marks = JSON.stringify(body).split('"cache_control"').length - 1;
  const rules: Record<string, boolean> = {
    'the first message is the user’s': messages[0]?.['role'] === 'user',
    'no message is empty': messages.every((message) => blocksOf(message).length > 0),
    'no text is blank': blocks.every((block) => block['type'] !== 'text' || String(block['text']).trim() !== ''),
    'ids are unique': new Set(uses).size === uses.length && uses.every((id) => /^[a-zA-Z0-9_-]+$/.test(id)),
    'calls and results are pairs': messages.every((message, index) => {
      const calls = idsOf(message, 'tool_use', 'id').toSorted();
      const results = idsOf(messages[index + 1], 'tool_result', 'tool_use_id').toSorted();
      const stray = message['role'] === 'user' && index === 0 ? idsOf(message, 'tool_result', 'tool_use_id') : [];
      return message['role'] === 'user' ? stray.length === 0 : JSON.stringify(calls) === JSON.stringify(results);
    }),
    'results come first': messages.every((message) => {
      const kinds = blocksOf(message).map((block) => block['type'] === 'tool_result');
      return kinds.lastIndexOf(true) === kinds.filter(Boolean).length - 1;
    }),
    'calls have tools': uses.length === 0 || listIn(body, 'tools').length > 0,
    'thinking is sealed': blocks.every((block) => block['type'] !== 'thinking' || block['signature'] !== ''),
    'no answer ends with thinking': messages.every(
      (message) => !/thinking/.test(String(blocksOf(message).at(-1)?.['type'])),
    ),
    'errors are told in words': blocks.every(
      (block) => block['is_error'] !== true || blocksOf(block).every((inner) => inner['type'] === 'text'),
    ),
    'no blank end': last?.['role'] !== 'assistant' || typeof lastText !== 'string' || lastText.trimEnd() === lastText,
    'thinking has room':
      thinking?.['type'] !== 'enabled' ||
      (Number(thinking['budget_tokens']) >= 1_024 && Number(thinking['budget_tokens']) < Number(body['max_tokens'])),
    'thinking goes with free sampling':
      !thinks || ['temperature', 'top_p', 'top_k'].every((name) => body[name] === undefined),
    'thinking begins no answer that has begun': !thinks || last?.['role'] !== 'assistant',
    'calls are thought about':
      thinking?.['type'] !== 'enabled' ||
      idsOf(lastAnswer, 'tool_use', 'id').length === 0 ||
      /thinking/.test(String(blocksOf(lastAnswer)[0]?.['type'])),
    'temperature has its bounds': body['temperature'] === undefined || Number(body['temperature']) <= 1,
    'one way of sampling': body['temperature'] === undefined || body['top_p'] === undefined,
    'few marks': marks <= 4,
    'stops have words': listIn(body, 'stop_sequences').every((stop) => String(stop).trim() !== ''),
    'a choice has tools': body['tool_choice'] === undefined || listIn(body, 'tools').length > 0,
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
};
