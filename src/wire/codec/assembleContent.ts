import { assert } from '../../kernel/index.ts';
import type { AnswerContent, AnswerPart } from '../../vocabulary/index.ts';

/** Puts the blocks of an answer together from its parts, in the order in which they started. */
export const assembleContent = (parts: readonly AnswerPart[]): readonly AnswerContent[] => {
  const blocks: AnswerContent[] = [];
  for (const part of parts) if ('block' in part) blocks[part.block] = withPart(blocks[part.block], part);
  return blocks;
};

type BlockPart = Extract<AnswerPart, { block: number }>;

const withPart = (block: AnswerContent | undefined, part: BlockPart): AnswerContent => {
  switch (part.type) {
    case 'text-start':
      return { type: 'text', text: '' };
    case 'thinking-start':
      return { type: 'thinking', text: '', seal: null };
    case 'refusal-start':
      return { type: 'refusal', text: '' };
    case 'redacted-thinking':
      return { type: 'redacted-thinking', seal: part.seal };
    case 'tool-call-start':
      return { type: 'tool-call', id: part.id, name: part.name, arguments: '' };
    case 'text-delta':
    case 'thinking-delta':
    case 'refusal-delta':
      assert(block !== undefined && 'text' in block, 'words go on after their start');
      return { ...block, text: block.text + part.text };
    case 'tool-call-delta':
      assert(block?.type === 'tool-call', 'a call goes on after its start');
      return { ...block, arguments: block.arguments + part.arguments };
    case 'thinking-end':
      assert(block?.type === 'thinking', 'thinking ends after its start');
      return { ...block, seal: part.seal };
    case 'text-end':
      assert(block?.type === 'text', 'a text ends after its start');
      return part.seal === undefined ? block : { ...block, seal: part.seal };
    case 'tool-call-end':
      assert(block?.type === 'tool-call', 'a call ends after its start');
      return part.seal === undefined ? block : { ...block, seal: part.seal };
    case 'refusal-end':
      assert(block !== undefined, 'a block ends after its start');
      return block;
  }
};
