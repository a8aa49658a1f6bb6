// The parts of a request for a message whose shape has been checked, and what each counts.
import type { OfferedTool } from '../answer/composeAnswer.ts';
import { countTokens } from '../answer/splitTokens.ts';
import { isJsonObject, listOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** Tokens that the vendor's template puts around each message, and around all of them. */
export const messageTokens = 3;
const imageTokens = 64;

export const blocksOf = (content: unknown): readonly JsonObject[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content).filter(isJsonObject);

export const messagesOf = (body: JsonObject): readonly JsonObject[] => listOf(body['messages']).filter(isJsonObject);

export const textOf = (content: unknown): string =>
  blocksOf(content)
    .map((block) => stringOf(block['text']))
    .join('\n');

const countBlock = (block: JsonObject): number => {
  switch (block['type']) {
    case 'image':
      return imageTokens;
    case 'document':
      return countTokens(stringOf(objectOf(block['source'])['data']));
    case 'tool_use':
      return countTokens(stringOf(block['name'])) + countTokens(JSON.stringify(block['input']));
    case 'tool_result':
      return blocksOf(block['content'] ?? '').reduce((sum, inner) => sum + countBlock(inner), 1);
    case 'thinking':
      return countTokens(stringOf(block['thinking']));
    default:
      return countTokens(stringOf(block['text']));
  }
};

/** A part of the prompt in the order in which the vendor reads it: tools, system, messages. */
export interface PromptPart {
  readonly bytes: string;
  readonly tokens: number;
  readonly cacheControl: unknown;
}

export const partsOf = (body: JsonObject): readonly PromptPart[] => {
  const part = (value: JsonObject, tokens: number, place: string): PromptPart => {
    const { cache_control: cacheControl, ...content } = value;
    return { bytes: `${place}${JSON.stringify(content)}`, tokens, cacheControl };
  };
  const tools = listOf(body['tools'])
    .filter(isJsonObject)
    .map((tool) => {
      const { cache_control: _mark, ...counted } = tool;
      return part(tool, countTokens(JSON.stringify(counted)), 'tool');
    });
  const system = blocksOf(body['system'] ?? []).map((block) => part(block, countBlock(block), 'system'));
  const messages = messagesOf(body).flatMap((message) =>
    blocksOf(message['content']).map((block, at) =>
      part(block, countBlock(block) + (at === 0 ? messageTokens : 0), stringOf(message['role'])),
    ),
  );
  return [...tools, ...system, ...messages];
};

export const toolsOf = (body: JsonObject): readonly (OfferedTool & { readonly deferred: boolean })[] =>
  listOf(body['tools'])
    .filter(isJsonObject)
    .map((tool) => ({
      name: stringOf(tool['name']),
      description: stringOf(tool['description']),
      schema: tool['input_schema'],
      deferred: tool['defer_loading'] === true,
    }));
