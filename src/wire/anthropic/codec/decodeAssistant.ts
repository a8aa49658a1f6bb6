import type { AnswerContent, ToolCallPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';
import { decodeText, refusePlace } from './decodeContent.ts';
import { nativeBlock, noteMembers } from './noteMembers.ts';
import { sealIn } from './sealOf.ts';

/** Blocks that the user's messages hold only. */
const userOnly = new Set(['image', 'document', 'search_result', 'tool_result']);

/** Reads an earlier answer. */
export const decodeAssistant = (message: ObjectReader): readonly AnswerContent[] =>
  message.requiredParts('content').flatMap((block): readonly AnswerContent[] => {
    const type = String(block.value('type'));
    if (userOnly.has(type)) return refusePlace(block, type, 'user');
    if (type === 'fallback') {
      // A mark of where another of the vendor's models took over; the vendor itself ignores it.
      block.notes.hint(type);
      return [];
    }
    noteMembers(block);
    return decodeBlock(block, type);
  });

const decodeBlock = (block: ObjectReader, type: string): readonly AnswerContent[] => {
  switch (type) {
    case 'text':
      return decodeText(block);
    case 'thinking':
      return [decodeThinking(block)];
    case 'redacted_thinking':
      return decodeRedacted(block);
    case 'tool_use':
      return [decodeCall(block)];
    default:
      return nativeBlock(block);
  }
};

const decodeThinking = (block: ObjectReader): AnswerContent => ({
  type: 'thinking',
  text: block.givenText('thinking'),
  seal: sealIn(block.text('signature') ?? ''),
});

const decodeRedacted = (block: ObjectReader): readonly AnswerContent[] => {
  const seal = sealIn(block.givenText('data'));
  return seal === null ? [] : [{ type: 'redacted-thinking', seal }];
};

const decodeCall = (block: ObjectReader): ToolCallPart => {
  const caller = block.nested('caller');
  // A call that code of the vendor's made belongs to that code's run.
  if (caller !== null && caller.value('type') !== 'direct') block.notes.native('tool_use.caller');
  return {
    type: 'tool-call',
    id: block.givenText('id'),
    name: block.givenText('name'),
    arguments: JSON.stringify(block.requiredObject('input')),
    ...cacheMarkOf(block),
  };
};
