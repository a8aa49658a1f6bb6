import type { ToolResultPart } from '../../../vocabulary/index.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { wordsOfFile } from '../../codec/textFile.ts';
import { encodePart } from './encodePart.ts';

export interface WrittenResult {
  /** With a `functionResponse`. */
  readonly part: JsonObject;
  /** Pictures and files, which stand beside the results in their turn, after a line that says whose they are; nothing where there are none. */
  readonly attachments: readonly JsonObject[];
}

/** Writes a result: an object, in which `output` and `error` are the vendor's words for how it went. @param name Of the function that was called. */
export const encodeToolResult = (
  { content, isError, cache }: ToolResultPart,
  id: string,
  name: string,
  notes: WritingNotes,
): WrittenResult => {
  if (cache !== undefined || content.some((part) => part.cache !== undefined)) notes.drop('cache_control');
  const words = content.map(wordsOf);
  const text = words.filter((one) => one !== null).join('\n\n');
  const media = content.filter((_, at) => words[at] === null).map((part) => encodePart(part, notes));
  return {
    part: { functionResponse: { id, name, response: { [isError ? 'error' : 'output']: text } } },
    attachments: media.length === 0 ? [] : [{ text: `From the result of the tool call ${id}:` }, ...media],
  };
};

/** What of a result is text, a file of text among it; null for everything else. */
const wordsOf = (part: ToolResultPart['content'][number]): string | null => {
  if (part.type === 'text') return part.text;
  if (part.type === 'image' || part.source.type !== 'base64' || !part.source.mediaType.startsWith('text/')) return null;
  return wordsOfFile(part.source.data, part.name);
};
