import type { TextPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';
import { decodeDocument, decodeImage, decodeSearchResult, type ContentPart } from './decodeMedia.ts';
import { nativeBlock, noteMembers } from './noteMembers.ts';

/** Blocks that stand in an answer only. */
const assistantOnly = new Set(['thinking', 'redacted_thinking', 'tool_use']);

export const decodeSystemContent = (blocks: readonly ObjectReader[]): readonly TextPart[] =>
  blocks.flatMap((block) => {
    noteMembers(block);
    return block.value('type') === 'text' ? decodeText(block) : nativeBlock(block);
  });

export const decodeUser = (message: ObjectReader): readonly UserPart[] =>
  message.requiredParts('content').flatMap((block): readonly UserPart[] => {
    const type = String(block.value('type'));
    if (assistantOnly.has(type)) return refusePlace(block, type, 'assistant');
    return type === 'tool_result' ? [decodeToolResult(block)] : decodeBlock(block);
  });

/** A block that stands in messages of the other role only. */
export const refusePlace = (block: ObjectReader, type: string, role: string): readonly never[] =>
  block.notes.refuse(block.path, `must be another block: "${type}" stands in messages of the role "${role}" only`, []);

const decodeToolResult = (block: ObjectReader): ToolResultPart => {
  noteMembers(block);
  return {
    type: 'tool-result',
    callId: block.givenText('tool_use_id'),
    content: decodeBlocks(block, 'content'),
    isError: block.flag('is_error') ?? false,
    ...cacheMarkOf(block),
  };
};

/** Reads the blocks that another one holds. */
const decodeBlocks = (holder: ObjectReader, name: string): readonly ContentPart[] =>
  holder.parts(name).flatMap(decodeBlock);

const decodeBlock = (block: ObjectReader): readonly ContentPart[] => {
  noteMembers(block);
  switch (block.value('type')) {
    case 'text':
      return decodeText(block);
    case 'image':
      return marked(block, decodeImage(block));
    case 'document':
      return marked(block, decodeDocument(block, decodeBlocks));
    case 'search_result':
      return marked(block, decodeSearchResult(block, decodeBlocks));
    case 'tool_reference':
      // All tools are offered at once elsewhere, so that a reference only says in words which of them was found.
      block.notes.hint('tool_reference');
      return marked(block, [{ type: 'text', text: block.givenText('tool_name') }]);
    default:
      return nativeBlock(block);
  }
};

/** An empty text says nothing, and most vendors refuse it. */
export const decodeText = (block: ObjectReader): readonly TextPart[] => {
  // Citations in a history say where the vendor found what it said: labels on words that stay.
  if (block.list('citations').length > 0) block.notes.hint('citations');
  const text = block.givenText('text');
  return text === '' ? [] : [{ type: 'text', text, ...cacheMarkOf(block) }];
};

/** Puts the cache mark of a block on the last part that it became. */
const marked = (block: ObjectReader, parts: readonly ContentPart[]): readonly ContentPart[] => {
  const last = parts.at(-1);
  return last === undefined ? parts : [...parts.slice(0, -1), { ...last, ...cacheMarkOf(block) }];
};
