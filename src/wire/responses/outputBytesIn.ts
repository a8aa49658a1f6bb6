import { isJsonObject, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Length } from '../utf8.ts';

/** UTF-8 bytes of output in an item: its words, its thinking, the name and arguments of its call. */
export const outputBytesIn = (item: JsonObject): number =>
  partBytes(item['content']) + partBytes(item['summary']) + callBytes(item);

const partBytes = (parts: unknown): number => {
  if (!Array.isArray(parts)) return 0;
  return parts.reduce(
    (sum: number, part: unknown) =>
      isJsonObject(part) ? sum + bytesOf(textIn(part, 'text')) + bytesOf(textIn(part, 'refusal')) : sum,
    0,
  );
};

/** A message has a name of its own with nobody: what is called is always a tool. */
const callBytes = (item: JsonObject): number =>
  bytesOf(textIn(item, 'name')) + bytesOf(textIn(item, 'arguments')) + bytesOf(textIn(item, 'input'));

const bytesOf = (text: string | null): number => (text === null ? 0 : utf8Length(text));
