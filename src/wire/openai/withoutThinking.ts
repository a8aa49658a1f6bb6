import { isJsonObject, parseJson } from '../json/JsonObject.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestFacts } from '../wire.ts';

/**
 * Members of an assistant's message that hold its thinking, by the vendors who show it. Those vendors take them back; others refuse what they do not
 * know: "Unknown parameter: 'messages[1].reasoning_content'."
 */
const thinkingMembers: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning_details', 'reasoning']);

const thinkingPlace = /^messages[[.]\d+\]?\.(?:reasoning_content|reasoning_details|reasoning)$/;

/** Whether a parameter that a vendor names is the thinking of an earlier answer. */
export const isThinkingOfHistory = (parameter: string): boolean => thinkingPlace.test(parameter);

/** JSON text of `messages` without the thinking of earlier answers; null where there is none. */
export const withoutThinking = (body: Uint8Array, { members }: RequestFacts): string | null => {
  const member = members.find(({ key }) => key === 'messages');
  const messages = member === undefined ? null : parseJson(utf8Text(body, member.start, member.end));
  if (!Array.isArray(messages)) return null;
  const kept = messages.map(withoutItsThinking);
  return kept.some((message, index) => message !== messages[index]) ? JSON.stringify(kept) : null;
};

const withoutItsThinking = (message: unknown): unknown => {
  if (!isJsonObject(message) || message['role'] !== 'assistant') return message;
  const members = Object.entries(message);
  const kept = members.filter(([name]) => !thinkingMembers.has(name));
  return kept.length === members.length ? message : Object.fromEntries(kept);
};
