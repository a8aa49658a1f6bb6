import type {
  AnswerContent,
  CacheMark,
  FilePart,
  ImagePart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  UserPart,
} from '../../../vocabulary/index.ts';
import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
import { decodeDocument, decodeSearchResult, decodeSource, sourceOf } from './decodeSource.ts';
import { ownSeal } from './ownSeal.ts';
import type { RequestReading } from './RequestReading.ts';

type InputBlockPart = TextPart | ImagePart | FilePart;

/** Members that each known block may have; what else a block has is a newer wire's word. */
const blockMembers: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(['type', 'text', 'cache_control', 'citations']),
  image: new Set(['type', 'source', 'cache_control', 'transformations']),
  document: new Set(['type', 'source', 'cache_control', 'citations', 'context', 'title']),
  search_result: new Set(['type', 'content', 'source', 'title', 'cache_control', 'citations']),
  tool_reference: new Set(['type', 'tool_name', 'cache_control']),
  thinking: new Set(['type', 'thinking', 'signature']),
  redacted_thinking: new Set(['type', 'data']),
  tool_use: new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller']),
  tool_result: new Set(['type', 'tool_use_id', 'content', 'cache_control', 'is_error']),
};

/** Blocks that stand in the other role only. */
const userOnly = new Set(['image', 'document', 'search_result', 'tool_result']);
const assistantOnly = new Set(['thinking', 'redacted_thinking', 'tool_use']);

export const decodeSystemBlocks = (reading: RequestReading, content: unknown, path: string): readonly TextPart[] =>
  blocksIn(reading, content, path).flatMap(([block, place]) =>
    block['type'] === 'text' ? textParts(reading, block, place) : noteUnknown(reading, block, place),
  );

export const decodeUserBlocks = (reading: RequestReading, content: unknown, path: string): readonly UserPart[] =>
  blocksIn(reading, content, path).flatMap(([block, place]): readonly UserPart[] => {
    const type = String(block['type']);
    if (assistantOnly.has(type)) return misplaced(reading, type, place, 'assistant');
    return type === 'tool_result' ? [toolResult(reading, block, place)] : inputParts(reading, block, place);
  });

export const decodeAssistantBlocks = (
  reading: RequestReading,
  content: unknown,
  path: string,
): readonly AnswerContent[] =>
  blocksIn(reading, content, path).flatMap(([block, place]): readonly AnswerContent[] => {
    const type = String(block['type']);
    if (userOnly.has(type)) return misplaced(reading, type, place, 'user');
    switch (type) {
      case 'text':
        return textParts(reading, block, place);
      case 'thinking':
        return [thinking(reading, block, place)];
      case 'redacted_thinking':
        noteMembers(reading, block);
        return [{ type: 'redacted-thinking', seal: ownSeal(reading.text(block, 'data', place)) }];
      case 'tool_use':
        return [toolCall(reading, block, place)];
      case 'fallback':
        // A mark of where another of the vendor's models took over; the vendor itself ignores it.
        reading.hint('fallback');
        return [];
      default:
        return noteUnknown(reading, block, place);
    }
  });

/** A text stands for one block of text. */
const blocksIn = (
  reading: RequestReading,
  content: unknown,
  path: string,
): readonly (readonly [JsonObject, string])[] => {
  if (typeof content === 'string') return [[{ type: 'text', text: content }, path]];
  if (!Array.isArray(content)) return reading.refuse(path, 'a string or a list of blocks', []);
  return content.map((block: unknown, index) => {
    const place = `${path}.${index}`;
    return [isJsonObject(block) ? block : reading.refuse(place, 'an object', {}), place];
  });
};

const inputParts = (reading: RequestReading, block: JsonObject, path: string): readonly InputBlockPart[] => {
  noteMembers(reading, block);
  switch (block['type']) {
    case 'text':
      return textParts(reading, block, path);
    case 'image':
      return marked(reading, block, path, image(reading, block, path));
    case 'document':
      return marked(reading, block, path, decodeDocument(reading, block, path, contentReader(reading)));
    case 'search_result':
      return marked(reading, block, path, decodeSearchResult(reading, block, path, contentReader(reading)));
    case 'tool_reference':
      // All tools are offered at once elsewhere, so that a reference only says in words which of them was found.
      reading.hint('tool_reference');
      return marked(reading, block, path, [{ type: 'text', text: reading.text(block, 'tool_name', path) }]);
    default:
      return noteUnknown(reading, block, path);
  }
};

const contentReader =
  (reading: RequestReading) =>
  (holder: JsonObject, path: string): readonly InputBlockPart[] =>
    blocksIn(reading, holder['content'], `${path}.content`).flatMap(([block, place]) =>
      inputParts(reading, block, place),
    );

/** An empty text says nothing, and most vendors refuse it. */
const textParts = (reading: RequestReading, block: JsonObject, path: string): readonly TextPart[] => {
  noteMembers(reading, block);
  // Citations in a history say where the vendor found what it said: labels on words that stay.
  if (reading.list(block, 'citations', path).length > 0) reading.hint('citations');
  const text = reading.text(block, 'text', path);
  return text === '' ? [] : [{ type: 'text', text, ...cacheOf(reading, block, path) }];
};

const image = (reading: RequestReading, block: JsonObject, path: string): readonly ImagePart[] => {
  // Whether the vendor scales a large image down or refuses it.
  if (reading.object(block, 'transformations', path) !== null) reading.hint('transformations');
  const source = decodeSource(reading, sourceOf(reading, block, path), `${path}.source`);
  return source === null ? [] : [{ type: 'image', source }];
};

const thinking = (reading: RequestReading, block: JsonObject, path: string): AnswerContent => {
  noteMembers(reading, block);
  const signature = reading.optionalText(block, 'signature', path) ?? '';
  return {
    type: 'thinking',
    text: reading.text(block, 'thinking', path),
    seal: signature === '' ? null : ownSeal(signature),
  };
};

const toolCall = (reading: RequestReading, block: JsonObject, path: string): ToolCallPart => {
  noteMembers(reading, block);
  const caller = reading.object(block, 'caller', path);
  // A call that code of the vendor's made belongs to that code's run.
  if (caller !== null && caller['type'] !== 'direct') reading.native('tool_use.caller');
  const input = reading.object(block, 'input', path) ?? reading.refuse(`${path}.input`, 'an object', {});
  return {
    type: 'tool-call',
    id: reading.text(block, 'id', path),
    name: reading.text(block, 'name', path),
    arguments: JSON.stringify(input),
    ...cacheOf(reading, block, path),
  };
};

const toolResult = (reading: RequestReading, block: JsonObject, path: string): ToolResultPart => {
  noteMembers(reading, block);
  const isEmpty = block['content'] === undefined || block['content'] === null;
  return {
    type: 'tool-result',
    callId: reading.text(block, 'tool_use_id', path),
    content: isEmpty ? [] : contentReader(reading)(block, path),
    isError: reading.flag(block, 'is_error', path) ?? false,
    ...cacheOf(reading, block, path),
  };
};

/** Puts the cache mark of a block on the last part that it became. */
const marked = (
  reading: RequestReading,
  block: JsonObject,
  path: string,
  parts: readonly InputBlockPart[],
): readonly InputBlockPart[] => {
  const last = parts.at(-1);
  return last === undefined ? parts : [...parts.slice(0, -1), { ...last, ...cacheOf(reading, block, path) }];
};

/** The cache mark of a block or a tool. */
export const cacheOf = (reading: RequestReading, holder: JsonObject, path: string): { cache?: CacheMark } => {
  const control = reading.object(holder, 'cache_control', path);
  if (control === null) return {};
  const lifetime = reading.optionalText(control, 'ttl', `${path}.cache_control`);
  if (lifetime === null || lifetime === '5m' || lifetime === '1h') return { cache: { lifetime } };
  reading.hint('cache_control.ttl');
  return { cache: { lifetime: null } };
};

const noteMembers = (reading: RequestReading, block: JsonObject): void => {
  const type = String(block['type']);
  const known = Object.hasOwn(blockMembers, type) ? blockMembers[type] : undefined;
  if (known !== undefined) reading.unknownMembers(block, known, type);
};

/** Blocks of the vendor's own tools, servers and machines, and those of the future. */
const noteUnknown = (reading: RequestReading, block: JsonObject, path: string): readonly never[] => {
  reading.native(reading.text(block, 'type', path));
  return [];
};

const misplaced = (reading: RequestReading, type: string, path: string, role: string): readonly never[] =>
  reading.refuse(path, `another block: "${type}" stands in messages of the role "${role}" only`, []);
