import { isJsonObject, type JsonObject } from '../json/JsonObject.ts';

/**
 * Members of an assistant's message that hold its thinking, by the vendors who show it. Those vendors take them back; others refuse what they do not
 * know: "Unknown parameter: 'messages[1].reasoning_content'."
 */
const thinkingMembers: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning_details', 'reasoning']);

/** The member of a call that holds its signature (Google). */
const signatureOfCall = 'extra_content';

const thinkingPlace =
  /^messages[[.]\d+\]?\.(?:reasoning_content|reasoning_details|reasoning|tool_calls[[.]\d+\]?\.extra_content)$/;

/** Whether a parameter that a vendor names is the thinking of an earlier answer. */
export const isThinkingOfHistory = (parameter: string): boolean => thinkingPlace.test(parameter);

/** A message without thinking of an earlier answer: itself where it has none. */
export const withoutThinking = (message: JsonObject): JsonObject => {
  if (message['role'] !== 'assistant') return message;
  const kept = without(message, thinkingMembers);
  const calls: unknown = kept['tool_calls'];
  if (!isList(calls) || !calls.some((call) => isJsonObject(call) && signatureOfCall in call)) return kept;
  const unsigned = calls.map((call) => (isJsonObject(call) ? without(call, new Set([signatureOfCall])) : call));
  return { ...kept, tool_calls: unsigned };
};

const without = (object: JsonObject, names: ReadonlySet<string>): JsonObject => {
  const members = Object.entries(object);
  const kept = members.filter(([name]) => !names.has(name));
  return kept.length === members.length ? object : Object.fromEntries(kept);
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
