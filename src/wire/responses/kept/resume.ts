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

/**
 * The request with all that it names in it: whatever target it goes to, it needs nothing but this. Null where it would be larger than it may be: what stands once
 * among the answers may be named many times.
 */
export const resume = (
  body: Uint8Array,
  facts: RequestFacts,
  found: FoundAnswers,
  bytesMax: number,
): Uint8Array | null => {
  const items = new FoundItems(found);
  const texts: Uint8Array[] = [];
  let room = bytesMax;
  const say = (text: Uint8Array | null): boolean => {
    if (text === null) return false;
    texts.push(text);
    room -= text.length;
    return room >= 0;
  };
  const whole = found.before.every(
    ({ input, answer }) => say(withItems(writtenItems(input), items, room)) && say(writtenOutput(answer)),
  );
  if (!whole || !say(withItems(writtenItems(inputOf(body, facts)), items, room))) return null;
  const list = new EditList(body, facts);
  list.set('input', inBrackets(texts), 'input');
  if (found.before.length > 0) list.moveOut(previousMember);
  const resumed = list.apply().body;
  return resumed.length > bytesMax ? null : resumed;
};

const inBrackets = (texts: readonly Uint8Array[]): Uint8Array => {
  const comma = utf8Bytes(',');
  const written = texts
    .filter(({ length }) => length > 0)
    .flatMap((text, index) => (index === 0 ? [text] : [comma, text]));
  return Buffer.concat([utf8Bytes('['), ...written, utf8Bytes(']')]);
};

/** Items of the answers that were found, as JSON, by their ids. Answers are looked into once, and only if an item is asked for. */
class FoundItems {
  readonly #found: FoundAnswers;
  #items: ReadonlyMap<string, JsonObject> | null = null;
  readonly #written = new Map<string, string>();

  constructor(found: FoundAnswers) {
    this.#found = found;
  }

  written(id: string): string | null {
    const before = this.#written.get(id);
    if (before !== undefined) return before;
    const { before: said, ofItems } = this.#found;
    this.#items ??= new Map([...said, ...ofItems].flatMap((kept) => [...itemsById(kept)]));
    const item = this.#items.get(id);
    if (item === undefined) return null;
    const written = JSON.stringify(item);
    this.#written.set(id, written);
    return written;
  }
}

/** Items in place of their names; null where they take more room than there is. */
const withItems = (written: Uint8Array, found: FoundItems, room: number): Uint8Array | null => {
  if (!mayName(written)) return written;
  const items = listOf(written);
  if (items === null) return written;
  const texts: string[] = [];
  let length = 0;
  for (const item of items) {
    const named = isJsonObject(item) && isReference(item) ? found.written(textIn(item, 'id') ?? '') : null;
    const text = named ?? JSON.stringify(item);
    length += text.length + 1;
    // Characters are no more than bytes.
    if (length > room + 1) return null;
    texts.push(text);
  }
  return utf8Bytes(texts.join(','));
};
