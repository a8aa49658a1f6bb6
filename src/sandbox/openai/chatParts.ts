// The parts of a chat request whose shape has been checked.
import type { OfferedTool } from '../answer/composeAnswer.ts';
import { isJsonObject, listOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** The words of a `content`. */
export const chatText = (content: unknown): string => {
  if (typeof content === 'string') return content;
  const texts = listOf(content).map((part) => objectOf(part)['text']);
  return texts.filter((text) => typeof text === 'string').join('\n');
};

export const chatMessages = (body: JsonObject): readonly JsonObject[] => listOf(body['messages']).filter(isJsonObject);
export const chatCalls = (message: JsonObject): readonly JsonObject[] =>
  listOf(message['tool_calls']).filter(isJsonObject);

export const chatTools = (body: JsonObject): readonly OfferedTool[] =>
  listOf(body['tools'])
    .map((tool) => objectOf(objectOf(tool)['function']))
    .map((tool) => ({
      name: stringOf(tool['name']),
      description: stringOf(tool['description']),
      schema: tool['parameters'] ?? { type: 'object' },
    }));
