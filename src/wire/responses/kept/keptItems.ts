import { isJsonObject, listIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { scanTopLevel } from '../../json/scanTopLevel.ts';
import { utf8Bytes, utf8Text } from '../../utf8.ts';
import type { KeptTexts } from '../../AnswerKeeping.ts';
import { inputItemId } from './responseId.ts';

const noBytes = new Uint8Array(0);

/** The value of a top-level member as it is written; null where there is none. */
export const memberOf = (object: Uint8Array, name: string): Uint8Array | null => {
  const scanned = scanTopLevel(object);
  const member = scanned.ok ? scanned.value.find(({ key }) => key === name) : undefined;
  return member === undefined ? null : object.subarray(member.start, member.end);
};

const openBracket = 0x5b;
const spaceMax = 0x20;

/** What stands between the brackets of a list; empty where nothing does. */
const inside = (list: Uint8Array): Uint8Array => {
  const entries = list.subarray(1, -1);
  return entries.some((byte) => byte > spaceMax) ? entries : noBytes;
};

/** Items as they are written in what a client brought, without brackets: a text is a message of the user. */
export const writtenItems = (input: Uint8Array): Uint8Array => {
  if (input.length === 0) return noBytes;
  if (input[0] === openBracket) return inside(input);
  return Buffer.concat([utf8Bytes('{"type":"message","role":"user","content":'), input, utf8Bytes('}')]);
};

/** Items of a response as they are written, without brackets. */
export const writtenOutput = (response: Uint8Array): Uint8Array => inside(memberOf(response, 'output') ?? noBytes);

/** What a client brought as items that each have an id and the type that it has by default (openai 7.57.0, `ResponseItem`). */
export const inputItems = ({ requestId, input }: Omit<KeptTexts, 'answer'>): readonly JsonObject[] => {
  const items = parseJson(`[${utf8Text(writtenItems(input))}]`);
  if (!Array.isArray(items)) return [];
  return items.filter(isJsonObject).map((item, number) => shown(item, requestId, number));
};

const shown = (item: JsonObject, requestId: string, number: number): JsonObject => {
  const type = textIn(item, 'type') ?? ('role' in item ? 'message' : 'item_reference');
  const id = textIn(item, 'id') ?? inputItemId(type === 'message' ? 'msg' : 'item', requestId, number);
  if (type !== 'message') return { ...item, id, type };
  const { content } = item;
  const kind = item['role'] === 'assistant' ? 'output_text' : 'input_text';
  const parts = typeof content === 'string' ? [{ type: kind, text: content }] : content;
  return { status: 'completed', ...item, id, type, content: parts };
};

/** Every item of an answer and of its request, by its id. */
export const itemsById = (kept: KeptTexts): ReadonlyMap<string, JsonObject> => {
  const response = parseJson(utf8Text(kept.answer));
  const output = isJsonObject(response) ? listIn(response, 'output').filter(isJsonObject) : [];
  return new Map(
    [...inputItems(kept), ...output].flatMap((item) => {
      const id = textIn(item, 'id');
      return id === null || isReference(item) ? [] : [[id, item] as const];
    }),
  );
};

export const isReference = (item: JsonObject): boolean => item['type'] === 'item_reference';
