// The blocks of a request for a conversation whose shape has been checked, and what each counts.
import type { OfferedTool } from '../answer/composeAnswer.ts';
import { countTokens } from '../answer/splitTokens.ts';
import { isJsonObject, listOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** Tokens that the vendor's template puts around each message, and around all of them. */
const messageTokens = 3;
const imageTokens = 72;

export const blocksOf = (holder: JsonObject | undefined, name = 'content'): readonly JsonObject[] =>
  listOf(holder?.[name]).filter(isJsonObject);

export const messagesOf = (body: JsonObject): readonly JsonObject[] => blocksOf(body, 'messages');

/** Calls of tools in a message, or their results. */
export const toolBlocksOf = (message: JsonObject | undefined, kind: 'toolUse' | 'toolResult'): readonly JsonObject[] =>
  blocksOf(message)
    .map((block) => block[kind])
    .filter(isJsonObject);

export const toolsOf = (body: JsonObject): readonly OfferedTool[] =>
  blocksOf(objectOf(body['toolConfig']), 'tools')
    .map((tool) => tool['toolSpec'])
    .filter(isJsonObject)
    .map((spec) => ({
      name: stringOf(spec['name']),
      description: stringOf(spec['description']),
      schema: objectOf(spec['inputSchema'])['json'] ?? { type: 'object' },
    }));

/** The schema that the answer must follow, as its text; null where none is asked for. */
export const askedSchema = (body: JsonObject): string | null => {
  const format = objectOf(objectOf(body['outputConfig'])['textFormat']);
  const schema = objectOf(objectOf(format['structure'])['jsonSchema'])['schema'];
  return typeof schema === 'string' ? schema : null;
};

/** The words of a result, those of its values as JSON. */
export const resultText = (result: JsonObject): string =>
  blocksOf(result)
    .map((block) => (block['json'] === undefined ? stringOf(block['text']) : JSON.stringify(block['json'])))
    .join('\n');

const sourceText = (document: JsonObject): string => {
  const source = objectOf(document['source']);
  return `${stringOf(document['name'])}${stringOf(source['text'])}${stringOf(source['bytes'])}`;
};

const countBlock = (block: JsonObject): number => {
  const use = objectOf(block['toolUse']);
  return (
    countTokens(stringOf(block['text'])) +
    (block['image'] === undefined ? 0 : imageTokens) +
    countTokens(sourceText(objectOf(block['document']))) +
    (block['toolUse'] === undefined
      ? 0
      : countTokens(stringOf(use['name'])) + countTokens(JSON.stringify(use['input']))) +
    (block['json'] === undefined ? 0 : countTokens(JSON.stringify(block['json']))) +
    blocksOf(objectOf(block['toolResult'])).reduce((sum, inner) => sum + countBlock(inner), 0)
  );
};

/** Input tokens of a whole request. */
export const countInput = (body: JsonObject): number => {
  const sum = (blocks: readonly JsonObject[]): number => blocks.reduce((total, block) => total + countBlock(block), 0);
  const tools = body['toolConfig'] === undefined ? 0 : countTokens(JSON.stringify(body['toolConfig']));
  return (
    messageTokens +
    sum(blocksOf(body, 'system')) +
    messagesOf(body).reduce((total, message) => total + messageTokens + sum(blocksOf(message)), 0) +
    tools +
    countTokens(askedSchema(body) ?? '')
  );
};
