import { isJsonObject, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { EditList } from '../../request/EditList.ts';
import { utf8Bytes, utf8Text } from '../../utf8.ts';
import type { FoundAnswers, NamedAnswers } from '../../AnswerKeeping.ts';
import type { RequestFacts } from '../../wire.ts';
import { isReference, itemsById, writtenItems, writtenOutput } from './keptItems.ts';
import { requestOfItem, requestOfResponse } from './responseId.ts';

const noBytes = new Uint8Array(0);
const none: NamedAnswers['ofItems'] = new Map();
const previousMember = 'previous_response_id';

/** What a request brings itself, as it is written. */
export const inputOf = (body: Uint8Array, { members }: RequestFacts): Uint8Array => {
  const member = members.find(({ key }) => key === 'input');
  return member === undefined ? noBytes : body.subarray(member.start, member.end);
};

/** What names no item anywhere needs no look at its items. */
const mayName = (input: Uint8Array): boolean =>
  Buffer.from(input.buffer, input.byteOffset, input.length).includes('item_reference');

/** Null where they are more than is decoded. */
const listOf = (items: Uint8Array): readonly unknown[] | null => {
  const list = parseJson(`[${utf8Text(items)}]`);
  return Array.isArray(list) ? list : null;
};

/** Requests of the items that an input names. */
export const itemsNamedIn = (input: Uint8Array): NamedAnswers['ofItems'] => {
  if (!mayName(input)) return none;
  const named = new Map<string, string>();
  for (const item of listOf(writtenItems(input)) ?? []) {
    const id = isJsonObject(item) && isReference(item) ? textIn(item, 'id') : null;
    const requestId = id === null ? null : requestOfItem(id);
    if (id !== null && requestId !== null) named.set(requestId, id);
  }
  return named;
};

/** What a request names, as far as it can be ours. */
export const namedIn = (body: Uint8Array, facts: RequestFacts): NamedAnswers | null => {
  if (facts.conversation === undefined) return null;
  const { continues } = facts.conversation;
  const previous = continues === null ? null : requestOfResponse(continues);
  const ofItems = itemsNamedIn(inputOf(body, facts));
  return previous === null && ofItems.size === 0 ? null : { previous, ofItems };
};

/** The request with all that it names in it: whatever target it goes to, it needs nothing but this. */
export const resume = (body: Uint8Array, facts: RequestFacts, { before, ofItems }: FoundAnswers): Uint8Array => {
  let items: ReadonlyMap<string, JsonObject> | null = null;
  const find = (id: string): JsonObject | undefined => {
    items ??= new Map([...before, ...ofItems].flatMap((kept) => [...itemsById(kept)]));
    return items.get(id);
  };
  const said = (input: Uint8Array): Uint8Array => withItems(writtenItems(input), find);
  const texts = before.flatMap(({ input, answer }) => [said(input), writtenOutput(answer)]);
  const list = new EditList(body, facts);
  list.set('input', inBrackets([...texts, said(inputOf(body, facts))]), 'input');
  if (before.length > 0) list.moveOut(previousMember);
  return list.apply().body;
};

const inBrackets = (texts: readonly Uint8Array[]): Uint8Array => {
  const comma = utf8Bytes(',');
  const written = texts
    .filter(({ length }) => length > 0)
    .flatMap((text, index) => (index === 0 ? [text] : [comma, text]));
  return Buffer.concat([utf8Bytes('['), ...written, utf8Bytes(']')]);
};

/** Items in place of their names. */
const withItems = (written: Uint8Array, find: (id: string) => JsonObject | undefined): Uint8Array => {
  if (!mayName(written)) return written;
  const items = listOf(written);
  if (items === null) return written;
  const whole = items.map((item) =>
    isJsonObject(item) && isReference(item) ? (find(textIn(item, 'id') ?? '') ?? item) : item,
  );
  return utf8Bytes(JSON.stringify(whole).slice(1, -1));
};
