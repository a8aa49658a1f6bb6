import type { ToolResultPart } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { encodePart, isText, joinTexts, type ChatPart } from './encodePart.ts';

/** Says in the message of a tool that more of its result stands elsewhere: the role takes text only. */
const moved = 'The images and files of this result are in the next message of the user.';

export interface WrittenResult {
  /** Of role `tool`. */
  readonly message: JsonObject;
  /** What that message cannot hold, after a line that says whose it is; nothing where it holds all. */
  readonly attachments: readonly ChatPart[];
}

/** Writes a result. That it is an error has no member here: the text says it. */
export const encodeToolResult = (id: string, result: ToolResultPart, notes: WritingNotes): WrittenResult => {
  const parts = resultParts(result, notes);
  const media = parts.filter((part) => !isText(part));
  const texts = parts.filter(isText);
  const text = joinTexts(media.length === 0 ? texts : [...texts, { type: 'text', text: moved }]);
  return {
    message: { role: 'tool', tool_call_id: id, content: result.isError ? `Error: ${text}` : text },
    attachments:
      media.length === 0 ? [] : [{ type: 'text', text: `From the result of the tool call ${id}:` }, ...media],
  };
};

/** A result whose call is not in the conversation, as the user's words: so it is neither lost nor refused. */
export const encodeOrphan = (result: ToolResultPart, notes: WritingNotes): readonly ChatPart[] => {
  notes.drop('tool_results');
  const failed = result.isError ? ' (an error)' : '';
  return [
    { type: 'text', text: `Result of the earlier tool call ${result.callId}${failed}:` },
    ...resultParts(result, notes),
  ];
};

const resultParts = (result: ToolResultPart, notes: WritingNotes): readonly ChatPart[] => {
  if (result.cache !== undefined) notes.drop('cache_control');
  return result.content.map((part) => encodePart(part, notes));
};
