// Requests as the tests of this codec write them, read them back and judge them. The reader stands in for the clients that this wire has not.
import type { AnswerContent, GenerateRequest, Message, UserPart } from '../../../vocabulary/index.ts';
import type { CodecTarget, Untranslatable } from '../../codec/Codec.ts';
import { greeting, thinker, type WrittenBody } from '../../codec/requests.fixture.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import { claude } from '../recordings.fixture.ts';
import { bedrockCodec } from './bedrockCodec.ts';

export const nova = 'eu.amazon.nova-2-lite-v1:0';

const encode = (changes: Partial<GenerateRequest>, about: Partial<CodecTarget> = {}) =>
  bedrockCodec.encodeRequest({ ...greeting, ...changes }, { ...thinker, model: claude, ...about });

export const write = (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>): WrittenBody => {
  const written = encode(changes, about);
  if (!written.ok) throw new Error(written.fault.message);
  const body = parseJson(utf8Text(written.value.body));
  if (!isJsonObject(body)) throw new Error('the body is no object');
  return { bytes: written.value.body, body, dropped: written.value.dropped };
};

export const faultOf = (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>): Untranslatable | null => {
  const written = encode(changes, about);
  return written.ok ? null : written.fault;
};

export const blocksOf = (holder: JsonObject | null, name = 'content'): JsonObject[] =>
  listIn(holder, name).filter(isJsonObject);

export const messagesOf = (body: JsonObject): JsonObject[] => blocksOf(body, 'messages');

/** Content of every message in a row. */
export const allBlocks = (body: JsonObject): JsonObject[] => messagesOf(body).flatMap((message) => blocksOf(message));

const mediaTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

const sourceOf = (media: JsonObject) => ({
  type: 'base64' as const,
  mediaType: mediaTypes[String(media['format'])] ?? '',
  data: String(objectIn(media, 'source')?.['bytes']),
});

/** A document without a name has been given one. */
const nameOf = (document: JsonObject): string | null => {
  const name = String(document['name']);
  return /^Document(?: \(\d+\))?$/.test(name) ? null : name;
};

/** A document without words beside it has been given its name for words. */
const withoutMadeText = (blocks: readonly JsonObject[]): readonly JsonObject[] =>
  blocks.filter(
    ({ text }) => text === undefined || !blocks.some((block) => objectIn(block, 'document')?.['name'] === text),
  );

const readInput = (block: JsonObject): UserPart => {
  const image = objectIn(block, 'image');
  const file = objectIn(block, 'document');
  const result = objectIn(block, 'toolResult');
  if (image !== null) return { type: 'image', source: sourceOf(image) };
  if (file !== null) return { type: 'file', source: sourceOf(file), name: nameOf(file) };
  if (result === null) return { type: 'text', text: String(block['text']) };
  return {
    type: 'tool-result',
    callId: String(result['toolUseId']),
    content: blocksOf(result)
      .filter((inner) => inner['text'] !== '(empty)')
      .flatMap((inner) => {
        const part = readInput(inner);
        return part.type === 'text' || part.type === 'image' || part.type === 'file' ? [part] : [];
      }),
    isError: result['status'] === 'error',
  };
};

const readSaid = (block: JsonObject): AnswerContent => {
  const call = objectIn(block, 'toolUse');
  const thought = objectIn(block, 'reasoningContent');
  if (call !== null) {
    const { toolUseId, name, input } = call;
    return { type: 'tool-call', id: String(toolUseId), name: String(name), arguments: JSON.stringify(input) };
  }
  if (thought === null) return { type: 'text', text: String(block['text']) };
  const redacted = textIn(thought, 'redactedContent');
  const seal = (value: string) => ({ wire: 'anthropic', value });
  if (redacted !== null) return { type: 'redacted-thinking', seal: seal(Buffer.from(redacted, 'base64').toString()) };
  const said = objectIn(thought, 'reasoningText');
  return { type: 'thinking', text: String(said?.['text']), seal: seal(String(said?.['signature'])) };
};

/** Each point of the cache is the mark of the piece before it. */
const withMarks = <Part extends object>(blocks: readonly JsonObject[], read: (block: JsonObject) => Part): Part[] => {
  const parts: Part[] = [];
  for (const block of blocks) {
    const point = objectIn(block, 'cachePoint');
    const last = parts.at(-1);
    if (point === null) parts.push(read(block));
    else if (last !== undefined) parts[parts.length - 1] = { ...last, cache: { lifetime: point['ttl'] ?? null } };
  }
  return parts;
};

const readTool = (block: JsonObject) => {
  const spec = objectIn(block, 'toolSpec');
  return {
    name: String(spec?.['name']),
    description: textIn(spec, 'description'),
    parameters: objectIn(objectIn(spec, 'inputSchema'), 'json') ?? {},
    strict: spec?.['strict'] === true ? true : null,
  };
};

const readChoice = (config: JsonObject | null): GenerateRequest['toolChoice'] => {
  const choice = objectIn(config, 'toolChoice');
  const tool = objectIn(choice, 'tool');
  if (choice === null) return null;
  if (tool !== null) return { type: 'named', name: String(tool['name']) };
  return { type: 'any' in choice ? 'required' : 'auto' };
};

const readForm = (body: JsonObject): GenerateRequest['outputFormat'] => {
  const structure = objectIn(objectIn(objectIn(body, 'outputConfig'), 'textFormat'), 'structure');
  const written = objectIn(structure, 'jsonSchema');
  if (structure === null) return { type: 'text' };
  return {
    type: 'json-schema',
    name: textIn(written, 'name'),
    description: textIn(written, 'description'),
    schema: JSON.parse(textIn(written, 'schema') ?? '') as JsonObject,
    strict: true,
  };
};

const numberIn = (holder: JsonObject | null, name: string): number | null =>
  typeof holder?.[name] === 'number' ? holder[name] : null;

/** What a body asks for; model and stream stand in its path. */
export const readBack = (body: JsonObject, { model, stream }: GenerateRequest): GenerateRequest => {
  const inference = objectIn(body, 'inferenceConfig');
  const config = objectIn(body, 'toolConfig');
  const own = objectIn(body, 'additionalModelRequestFields');
  const system = blocksOf(body, 'system');
  const messages = messagesOf(body).map((message): Message =>
    message['role'] === 'user'
      ? { role: 'user', content: withMarks(withoutMadeText(blocksOf(message)), readInput) }
      : { role: 'assistant', content: withMarks(blocksOf(message), readSaid) },
  );
  return {
    ...greeting,
    model,
    stream,
    messages:
      system.length === 0
        ? messages
        : [
            {
              role: 'system',
              content: withMarks(system, (block) => ({ type: 'text', text: String(block['text']) }) as const),
            },
            ...messages,
          ],
    tools: withMarks(blocksOf(config, 'tools'), readTool),
    toolChoice: readChoice(config),
    outputFormat: readForm(body),
    outputTokensMax: numberIn(inference, 'maxTokens'),
    temperature: numberIn(inference, 'temperature'),
    topP: numberIn(inference, 'topP'),
    topK: numberIn(own, 'top_k'),
    stopSequences: listIn(inference, 'stopSequences').map(String),
  };
};

/** Pieces of the same kind in a message, by a member. */
const idsOf = (message: JsonObject | undefined, kind: string): string[] =>
  blocksOf(message ?? null).flatMap((block) => {
    const piece = objectIn(block, kind);
    return piece === null ? [] : [String(piece['toolUseId'])];
  });

/** What the vendor would refuse of a body, as its reference and its error messages tell its rules. */
export const refusalsOf = (body: JsonObject): string[] => {
  const messages = messagesOf(body);
  const blocks = messages.flatMap((message) => blocksOf(message));
  const inner = blocks.flatMap((block) => blocksOf(objectIn(block, 'toolResult')));
  const uses = messages.flatMap((message) => idsOf(message, 'toolUse'));
  const texts = [...blocks, ...inner, ...blocksOf(body, 'system')].filter((block) => 'text' in block);
  const documents = [...blocks, ...inner].map((block) => objectIn(block, 'document')).filter((one) => one !== null);
  const tools = blocksOf(objectIn(body, 'toolConfig'), 'tools');
  const isThought = (block: JsonObject | undefined): boolean => block !== undefined && 'reasoningContent' in block;
  const last = messages.at(-1);
  const lastText = blocksOf(last ?? null).at(-1)?.['text'];
  const points = JSON.stringify(body).split('"cachePoint"').length - 1;
  const rules: Record<string, boolean> = {
    'turns alternate and begin with the user': messages.every(
      ({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'),
    ),
    'no message is empty': messages.every((message) => blocksOf(message).length > 0),
    'a point of the cache has something before it': [...messages.map((one) => blocksOf(one)), tools].every(
      (list) => list.length === 0 || !('cachePoint' in (list[0] ?? {})),
    ),
    'no point of the cache stands in a result': inner.every((block) => !('cachePoint' in block)),
    'no text is blank': texts.every((block) => String(block['text']).trim() !== ''),
    'ids are unique': new Set(uses).size === uses.length && uses.every((id) => /^[a-zA-Z0-9_-]{1,64}$/.test(id)),
    'calls and results are pairs': messages.every((message, index) => {
      if (message['role'] === 'user') return index > 0 || idsOf(message, 'toolResult').length === 0;
      const results = idsOf(messages[index + 1], 'toolResult').toSorted();
      return JSON.stringify(idsOf(message, 'toolUse').toSorted()) === JSON.stringify(results);
    }),
    'results are not empty': blocks.every((block) => {
      const result = objectIn(block, 'toolResult');
      return result === null || blocksOf(result).length > 0;
    }),
    'calls have tools': uses.length === 0 || tools.length > 0,
    'a tool configuration has tools': !('toolConfig' in body) || tools.length > 0,
    'documents have names, each once': documents.every(
      ({ name }, index) =>
        /^[a-zA-Z0-9\-()[\]]+(?: [a-zA-Z0-9\-()[\]]+)*$/.test(String(name)) &&
        documents.findIndex((other) => other['name'] === name) === index,
    ),
    'documents go with text': messages.every((message) => {
      const own = blocksOf(message);
      return !own.some((block) => 'document' in block) || own.some((block) => 'text' in block);
    }),
    'no answer ends with thinking': messages.every((message) => !isThought(blocksOf(message).at(-1))),
    'no blank end': last?.['role'] !== 'assistant' || typeof lastText !== 'string' || lastText.trimEnd() === lastText,
    'few points': points <= 4,
  };
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]));
};
