import { handedBeginning, isHandedSeal } from '../../codec/handedSeal.ts';
import { isJsonObject, listIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { Member } from '../../json/scanTopLevel.ts';
import type { ThinkingLeftOut } from '../../request/thinkingLeftOut.ts';
import { utf8Text } from '../../utf8.ts';

/** A request for a vendor of this wire, freed of thinking that no vendor of it has signed. */
export interface SignedMessages {
  /** JSON text of `messages`. */
  readonly messages: string;
  /**
   * `thinking` must go as well: it is enabled, and the calls whose results are sent have lost the thinking that had to stand before them
   * ("Expected `thinking` or `redacted_thinking`, but found `tool_use`").
   */
  readonly dropsThinking: boolean;
}

/**
 * Takes thinking out of the answers in a conversation: all of it, or what no vendor of this wire has signed. That comes from vendors who do not sign, or is sealed
 * by another one, and this wire's own refuses it ("Invalid `signature` in `thinking` block"). A message that held nothing else goes too; the vendor joins the
 * turns around it.
 * @param members All members of the body, as `scanTopLevel` gave them.
 * @returns null where there is nothing to take out: then not even a parse was needed, where the vendor signed all thinking as it does.
 */
export const withoutThinking = (
  body: Uint8Array,
  members: readonly Member[],
  which: ThinkingLeftOut,
): SignedMessages | null => {
  const member = members.find((one) => one.key === 'messages');
  if (member === undefined || which === 'none' || (which === 'foreign' && !mayHoldForeign(body, member))) return null;
  const messages = parseJson(utf8Text(body, member.start, member.end));
  if (!Array.isArray(messages)) return null;
  const isLeftOut = which === 'all' ? isThinking : isForeign;
  const kept = messages.map((message) => without(message, isLeftOut)).filter((message) => message !== emptied);
  const isChanged = kept.length < messages.length || kept.some((message, index) => message !== messages[index]);
  if (!isChanged) return null;
  return { messages: JSON.stringify(kept), dropsThinking: isThinkingEnabled(body, members) && hasUnthoughtCalls(kept) };
};

/** Stands for a message of which nothing is left. */
const emptied = Symbol('emptied');

const without = (message: unknown, isLeftOut: (block: JsonObject) => boolean): unknown => {
  if (!isJsonObject(message) || message['role'] !== 'assistant' || !Array.isArray(message['content'])) return message;
  const content = message['content'].filter((block) => !isJsonObject(block) || !isLeftOut(block));
  if (content.length === message['content'].length) return message;
  return content.length === 0 ? emptied : { ...message, content };
};

const isThinking = ({ type }: JsonObject): boolean => type === 'thinking' || type === 'redacted_thinking';

const isForeign = (block: JsonObject): boolean => {
  const seal = textIn(block, block['type'] === 'redacted_thinking' ? 'data' : 'signature');
  if (block['type'] === 'thinking' && seal === null) return true;
  return isThinking(block) && seal !== null && isHandedSeal(seal);
};

/**
 * Whether a block of thinking without a signature, or with a seal of another vendor's, may stand in these bytes; where it says no, none does. Inside a string of
 * JSON a quote is always escaped, so `"thinking"` is a whole string; only letters that are written as escapes (`\u0074hinking`), which no encoder does, could
 * hide one.
 */
const mayHoldForeign = (body: Uint8Array, member: Member): boolean => {
  const bytes = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start);
  if (bytes.includes('\\u00') && (bytes.includes('\\u006') || bytes.includes('\\u007'))) return true;
  if (bytes.includes(`"${handedBeginning}`)) return true;
  if (!bytes.includes('"thinking"')) return false;
  const text = bytes.toString('latin1');
  return text.matchAll(/"type"\s*:\s*"thinking"/g).some(({ index, 0: type }) => !isSigned(text, index + type.length));
};

const nextKey = /\s*,\s*"([a-z_]*)"\s*:\s*"/y;
const blockEnd = /\s*\}/y;

/** Whether an object surely has a signature: one that stands after its type, with texts only beside it, as the vendor and its clients write it. */
const isSigned = (text: string, afterType: number): boolean => {
  let signed = false;
  let at = afterType;
  for (;;) {
    nextKey.lastIndex = at;
    const key = nextKey.exec(text);
    if (key === null) break;
    const start = nextKey.lastIndex;
    const end = stringEnd(text, start);
    if (key[1] === 'signature') signed = end > start;
    at = end + 1;
  }
  blockEnd.lastIndex = at;
  return signed && blockEnd.test(text);
};

/** The offset of the quote that ends a string. @param start Offset after the quote that begins it. */
const stringEnd = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start); ; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text[before] === '\\') before -= 1;
    if ((end - before) % 2 === 1) return end;
  }
};

const isThinkingEnabled = (body: Uint8Array, members: readonly Member[]): boolean => {
  const member = members.find((one) => one.key === 'thinking');
  const thinking = member === undefined ? null : parseJson(utf8Text(body, member.start, member.end));
  return isJsonObject(thinking) && thinking['type'] === 'enabled';
};

const hasUnthoughtCalls = (messages: readonly unknown[]): boolean => {
  const last = messages.filter(isJsonObject).findLast((message) => message['role'] === 'assistant');
  const blocks = listIn(last ?? {}, 'content').filter(isJsonObject);
  const first = blocks[0]?.['type'];
  return blocks.some(isCall) && first !== 'thinking' && first !== 'redacted_thinking';
};

const isCall = (block: JsonObject): boolean => block['type'] === 'tool_use';
