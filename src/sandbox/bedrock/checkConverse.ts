import { isJsonObject, listOf, numberOf, objectOf, stringOf } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { invalid } from './bedrockRefusal.ts';
import type { BedrockError } from './bedrockRefusal.ts';
import { askedSchema, blocksOf, countInput, messagesOf, toolBlocksOf, toolsOf } from './converseBlocks.ts';

const refusedByModel = (words: string): BedrockError => invalid(`The model returned the following errors: ${words}`);

/** Kinds of content that no model of this vendor takes. */
const unsupported: readonly (readonly [kind: string, words: string])[] = [
  ['audio', 'audio input'],
  ['citationsContent', 'citations'],
  ['guardContent', 'guardrails'],
  ['reasoningContent', 'reasoning content'],
  ['searchResult', 'search results'],
  ['video', 'video input'],
];

/** Members of a request that ask for what this vendor has not. */
const withoutMeaning: readonly (readonly [member: string, words: string])[] = [
  ['guardrailConfig', 'The guardrail identifier or version provided in the request does not exist.'],
  ['promptVariables', 'promptVariables can only be used with a prompt from Prompt management.'],
];

/** A block says one thing. */
const checkMember = (block: JsonObject, place: string): BedrockError | null => {
  const members = Object.keys(block);
  return members.length === 1
    ? null
    : invalid(
        `The union at ${place} must have exactly one member set, found ${members.length === 0 ? 'none' : members.join(', ')}.`,
      );
};

const checkMedia = (block: JsonObject, place: string): BedrockError | null => {
  for (const kind of ['image', 'document']) {
    const media = block[kind];
    if (!isJsonObject(media)) continue;
    const source = objectOf(media['source']);
    const wrong = checkMember(source, `${place}.${kind}.source`);
    if (wrong !== null) return wrong;
    if (source['bytes'] === '') return invalid(`The bytes field at ${place}.${kind}.source is empty.`);
    if (source['s3Location'] !== undefined) return invalid(`This model doesn't support s3Location in ${kind} blocks.`);
  }
  return null;
};

const checkBlock = (block: JsonObject, place: string): BedrockError | null => {
  const wrong = checkMember(block, place);
  if (wrong !== null) return wrong;
  if (typeof block['text'] === 'string' && block['text'].trim() === '') {
    return invalid(
      `The text field in the ContentBlock object at ${place} is blank. Add text to the text field, and try again.`,
    );
  }
  if (block['cachePoint'] !== undefined) {
    return invalid(
      'You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.',
    );
  }
  const kind = unsupported.find(([name]) => block[name] !== undefined);
  if (kind !== undefined) return invalid(`This model doesn't support ${kind[1]}.`);
  return checkMedia(block, place) ?? checkResult(block, place);
};

const checkResult = (block: JsonObject, place: string): BedrockError | null => {
  if (!isJsonObject(block['toolResult'])) return null;
  const contents = blocksOf(block['toolResult']);
  if (contents.length === 0) {
    return invalid(
      `The content field in the ToolResult object at ${place}.toolResult is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  return firstError(contents, (inner, at) => checkBlock(inner, `${place}.toolResult.content.${at}`));
};

const firstError = <Thing>(
  things: readonly Thing[],
  check: (thing: Thing, at: number) => BedrockError | null,
): BedrockError | null => {
  for (const [at, thing] of things.entries()) {
    const error = check(thing, at);
    if (error !== null) return error;
  }
  return null;
};

const checkMessage = (message: JsonObject, index: number): BedrockError | null => {
  const role = index % 2 === 0 ? 'user' : 'assistant';
  if (message['role'] !== role) {
    return index === 0
      ? invalid(
          'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
        )
      : invalid(
          'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
        );
  }
  const blocks = blocksOf(message);
  if (blocks.length === 0) {
    return invalid(
      `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  const strange = role === 'user' ? 'toolUse' : 'toolResult';
  const found = blocks.findIndex((block) => block[strange] !== undefined);
  if (found >= 0)
    return invalid(`The ${strange} block at messages.${index}.content.${found} is not allowed in the role ${role}.`);
  return (
    firstError(blocks, (block, at) => checkBlock(block, `messages.${index}.content.${at}`)) ?? checkDocuments(blocks)
  );
};

const checkDocuments = (blocks: readonly JsonObject[]): BedrockError | null => {
  const names = blocks
    .map((block) => block['document'])
    .filter(isJsonObject)
    .map(({ name }) => stringOf(name));
  if (names.length > 0 && blocks.every((block) => block['text'] === undefined)) {
    return invalid('Include a ContentBlock with a text field when you include a document field in the content.');
  }
  return new Set(names).size === names.length ? null : invalid('Messages can not contain duplicate document names.');
};

const idsOf = (message: JsonObject | undefined, kind: 'toolUse' | 'toolResult'): readonly string[] =>
  toolBlocksOf(message, kind).map(({ toolUseId }) => stringOf(toolUseId));

/** Every call is answered in the next turn, and every result answers a call of the last one. */
const checkToolPairs = (messages: readonly JsonObject[]): BedrockError | null => {
  const uses = messages.flatMap((message) => idsOf(message, 'toolUse'));
  if (new Set(uses).size < uses.length) return invalid('The toolUse blocks of the conversation contain duplicate Ids.');
  for (const index of [...messages.keys(), messages.length]) {
    const called = idsOf(messages[index - 1], 'toolUse');
    const answered = idsOf(messages[index], 'toolResult');
    const open = called.filter((id) => !answered.includes(id));
    if (open.length > 0) {
      return invalid(
        `Expected toolResult blocks at messages.${index}.content for the following Ids: ${open.join(', ')}`,
      );
    }
    if (answered.length > called.length) {
      return invalid(
        `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`,
      );
    }
  }
  return null;
};

const checkTools = (body: JsonObject, messages: readonly JsonObject[]): BedrockError | null => {
  const config = objectOf(body['toolConfig']);
  const used = messages.some((message) => blocksOf(message).some(({ toolUse, toolResult }) => toolUse ?? toolResult));
  if (used && body['toolConfig'] === undefined) {
    return invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  const wrong = firstError(blocksOf(config, 'tools'), (tool, at) => {
    if (tool['systemTool'] !== undefined) return invalid("This model doesn't support system tools.");
    return checkBlock(tool, `toolConfig.tools.${at}`);
  });
  if (wrong !== null) return wrong;
  const names = toolsOf(body).map(({ name }) => name);
  if (new Set(names).size < names.length) return refusedByModel('tools: Tool names must be unique.');
  if (config['toolChoice'] === undefined) return null;
  const choice = objectOf(config['toolChoice']);
  const named = objectOf(choice['tool'])['name'];
  if (named !== undefined && !names.includes(stringOf(named))) {
    return refusedByModel(`Tool '${stringOf(named)}' not found in provided tools`);
  }
  return checkMember(choice, 'toolConfig.toolChoice');
};

/** The first object of a schema that lets in what it does not name. */
const isOpen = (schema: unknown): boolean => {
  if (Array.isArray(schema)) return schema.some(isOpen);
  if (!isJsonObject(schema)) return false;
  return (
    (schema['type'] === 'object' && schema['additionalProperties'] !== false) || Object.values(schema).some(isOpen)
  );
};

const checkForm = (body: JsonObject): BedrockError | null => {
  const text = askedSchema(body);
  if (text === null) return null;
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    schema = null;
  }
  if (!isJsonObject(schema))
    return invalid('The schema at outputConfig.textFormat.structure.jsonSchema is not valid JSON.');
  return isOpen(schema)
    ? refusedByModel(
        "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
      )
    : null;
};

const checkMembers = (body: JsonObject): BedrockError | null => {
  const asked = withoutMeaning.find(([member]) => body[member] !== undefined);
  if (asked !== undefined) return invalid(asked[1]);
  const [own] = Object.keys(objectOf(body['additionalModelRequestFields']));
  return own === undefined
    ? null
    : invalid(
        `Malformed input request: #: extraneous key [${own}] is not permitted, please reformat your input and try again.`,
      );
};

const checkLength = (body: JsonObject, model: CatalogueModel): BedrockError | null => {
  const bound = numberOf(objectOf(body['inferenceConfig'])['maxTokens']);
  if (bound !== null && bound > model.outputTokensMax) {
    return invalid(
      `The maximum tokens you requested exceeds the model limit of ${model.outputTokensMax}. Try again with a maximum tokens value that is lower than ${model.outputTokensMax}.`,
    );
  }
  return countInput(body) >= model.contextTokens ? invalid('Input is too long for requested model.') : null;
};

const checkEnd = (messages: readonly JsonObject[]): BedrockError | null => {
  const last = messages.at(-1);
  if (last === undefined)
    return invalid(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  return last['role'] === 'assistant' && /\s$/.test(stringOf(blocksOf(last).at(-1)?.['text']))
    ? refusedByModel('messages: final assistant content cannot end with trailing whitespace')
    : null;
};

/** What the vendor refuses about a conversation whose shape is right; null where it takes it. */
export const checkConverse = (body: JsonObject, model: CatalogueModel): BedrockError | null => {
  const messages = messagesOf(body);
  return (
    checkMembers(body) ??
    firstError(messages, checkMessage) ??
    checkEnd(messages) ??
    firstError(listOf(body['system']).filter(isJsonObject), (block, at) => checkBlock(block, `system.${at}`)) ??
    checkTools(body, messages) ??
    checkToolPairs(messages) ??
    checkForm(body) ??
    checkLength(body, model)
  );
};
