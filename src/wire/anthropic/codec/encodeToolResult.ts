import type { ToolResultPart } from '../../../vocabulary/index.ts';
import { isBlank } from '../../codec/isBlank.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { withCacheMark } from './cacheMarkOf.ts';
import { contentOf, encodePart } from './encodePart.ts';

export interface WrittenResult {
  /** A block of the type `tool_result`. */
  readonly block: JsonObject;
  /** Media that the vendor refuses in a result that tells an error: they follow the results in their message. */
  readonly attachments: readonly JsonObject[];
}

/** Writes a result. */
export const encodeToolResult = (
  id: string,
  { content, isError, cache }: ToolResultPart,
  notes: WritingNotes,
): WrittenResult => {
  const said = content.filter((part) => !isBlank(part));
  const isInside = (part: (typeof said)[number]): boolean => !isError || part.type === 'text';
  const inside = said.filter(isInside).map((part) => encodePart(part, notes));
  const block = {
    type: 'tool_result',
    tool_use_id: id,
    ...(inside.length === 0 ? {} : { content: contentOf(inside) }),
    ...(isError ? { is_error: true } : {}),
  };
  return {
    block: withCacheMark(block, cache),
    attachments: said.filter((part) => !isInside(part)).map((part) => encodePart(part, notes)),
  };
};
