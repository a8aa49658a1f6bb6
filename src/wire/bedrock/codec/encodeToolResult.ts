import type { ToolResultPart } from '../../../vocabulary/index.ts';
import { isBlank } from '../../codec/isBlank.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { cachePoint } from './cachePoint.ts';
import type { DocumentNames } from './DocumentNames.ts';
import { encodePart } from './encodePart.ts';

/** Says that a tool gave nothing back: "The content field in the ToolResult object is empty" is refused. */
const emptyContent: readonly JsonObject[] = [{ text: '(empty)' }];

/** Writes a result. A point of the cache cannot stand inside of it: one there stands after the whole. */
export const encodeToolResult = (
  id: string,
  { content, isError, cache }: ToolResultPart,
  names: DocumentNames,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const said = content.filter((part) => !isBlank(part));
  const inner = said.findLast((part) => part.cache !== undefined)?.cache;
  const blocks = said.flatMap(({ cache: _cache, ...part }) => encodePart(part, names, notes));
  return [
    {
      toolResult: {
        toolUseId: id,
        content: blocks.length === 0 ? emptyContent : blocks,
        ...(isError ? { status: 'error' } : {}),
      },
    },
    ...cachePoint(cache ?? inner, 'prompt', notes),
  ];
};
