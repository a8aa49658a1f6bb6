import type { JsonObject } from '../json/JsonObject.ts';

/**
 * Members of an assistant's message that hold its thinking, by the vendors who show it. Those vendors take them back; others refuse what they do not
 * know: "Unknown parameter: 'messages[1].reasoning_content'."
 */
const thinkingMembers: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning_details', 'reasoning']);

const thinkingPlace = /^messages[[.]\d+\]?\.(?:reasoning_content|reasoning_details|reasoning)$/;

/** Whether a parameter that a vendor names is the thinking of an earlier answer. */
export const isThinkingOfHistory = (parameter: string): boolean => thinkingPlace.test(parameter);

/** A message without thinking of an earlier answer: itself where it has none. */
export const withoutThinking = (message: JsonObject): JsonObject => {
  if (message['role'] !== 'assistant') return message;
  const members = Object.entries(message);
  const kept = members.filter(([name]) => !thinkingMembers.has(name));
  return kept.length === members.length ? message : Object.fromEntries(kept);
};
