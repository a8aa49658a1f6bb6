import { isJsonObject, listIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import type { Member } from '../../json/scanTopLevel.ts';
import { utf8Text } from '../../utf8.ts';

/** A request for a vendor of this wire, freed of thinking that nobody signed. */
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
 * Takes thinking without a signature out of the answers in a conversation. It comes from vendors who do not sign, and this wire's own refuses it ("Invalid
 * `signature` in `thinking` block"). A message that held nothing else goes too; the vendor joins the turns around it.
 * @param members All members of the body, as `scanTopLevel` gave them.
 * @returns null where there is nothing to take out: then not even a parse was needed, in nearly all cases.
 */
export const withoutUnsignedThinking = (body: Uint8Array, members: readonly Member[]): SignedMessages | null => {
  const member = members.find((one) => one.key === 'messages');
  if (member === undefined || !mayHoldUnsigned(body, member)) return null;
  const messages = parseJson(utf8Text(body, member.start, member.end));
  if (!Array.isArray(messages)) return null;
  const kept = messages.map(withoutUnsigned).filter((message) => message !== emptied);
  const isChanged = kept.length < messages.length || kept.some((message, index) => message !== messages[index]);
  if (!isChanged) return null;
  return { messages: JSON.stringify(kept), dropsThinking: isThinkingEnabled(body, members) && hasUnthoughtCalls(kept) };
};

/** Stands for a message of which nothing is left. */
const emptied = Symbol('emptied');

const withoutUnsigned = (message: unknown): unknown => {
  if (!isJsonObject(message) || message['role'] !== 'assistant' || !Array.isArray(message['content'])) return message;
  const content = message['content'].filter((block) => !isUnsigned(block));
  if (content.length === message['content'].length) return message;
  return content.length === 0 ? emptied : { ...message, content };
};

const isUnsigned = (block: unknown): boolean =>
  isJsonObject(block) && block['type'] === 'thinking' && textIn(block, 'signature') === null;

/**
 * Counts in the bytes: each block of thinking has one type and one signature. Inside a string of JSON a quote is always escaped, so that `"signature"` is a
 * whole string; but it may be a member of a tool's input too, so that the counts can be equal by accident. Then the vendor's refusal tells.
 */
const mayHoldUnsigned = (body: Uint8Array, member: Member): boolean => {
  const bytes = Buffer.from(body.buffer, body.byteOffset + member.start, member.end - member.start);
  if (bytes.indexOf('"thinking"') === -1) return false;
  const text = bytes.toString('latin1');
  const blocks = text.match(/"type"\s*:\s*"thinking"/g)?.length ?? 0;
  const signatures = text.match(/"signature"\s*:\s*"[^"]/g)?.length ?? 0;
  return blocks > 0 && (blocks !== signatures || /"signature"\s*:\s*(?:""|null)/.test(text));
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
