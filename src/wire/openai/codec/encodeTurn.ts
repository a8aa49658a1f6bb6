import type { AnswerContent, Message, ToolCallPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import type { CallIds } from './CallIds.ts';
import { contentOf, encodePart, type ChatPart } from './encodePart.ts';
import { encodeOrphan } from './encodeToolResult.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** The calls of one answer that were answered before the next one. */
export type ToolTurn = readonly AnsweredCall[];

interface AnsweredCall {
  /** As it is written: the same in the call and in its result. */
  readonly id: string;
  readonly call: ToolCallPart;
  readonly result: ToolResultPart;
}

/** Pairs calls with results. Where an id stands twice, the first call has the first result. */
export const pairCalls = (messages: readonly Message[], ids: CallIds): ToolTurn => {
  const left = messages.flatMap(resultsIn);
  return messages.flatMap(callsIn).flatMap((call): AnsweredCall[] => {
    const at = left.findIndex(({ callId }) => callId === call.id);
    const result = left[at];
    if (result === undefined) return [];
    left.splice(at, 1);
    return [{ id: ids.assign(call.id), call, result }];
  });
};

const callsIn = (message: Message): readonly ToolCallPart[] =>
  message.role === 'assistant' ? message.content.filter((part) => part.type === 'tool-call') : [];

const resultsIn = (message: Message): readonly ToolResultPart[] =>
  message.role === 'user' ? message.content.filter((part) => part.type === 'tool-result') : [];

/**
 * Writes an earlier answer; nothing where nothing of it can be said. Thinking is not sent: OpenAI has no word for it, and seals of others
 * mean nothing here. A call that nobody answered is told as text.
 */
export const encodeAssistant = (
  content: readonly AnswerContent[],
  answered: ToolTurn,
  notes: WritingNotes,
): readonly JsonObject[] => {
  for (const part of content) noteLosses(part, notes);
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const words = [text, ...content.flatMap((part) => unansweredCall(part, answered, notes))].filter((one) => one !== '');
  const refusal = content.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const calls = answered.map(({ id, call }) => ({
    id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  if (words.length === 0 && refusal === '' && calls.length === 0) return [];
  return [
    {
      role: 'assistant',
      content: words.length === 0 ? null : words.join('\n'),
      ...(refusal === '' ? {} : { refusal }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  ];
};

const noteLosses = (part: AnswerContent, notes: WritingNotes): void => {
  if (part.type === 'thinking' || part.type === 'redacted-thinking') notes.drop('thinking');
  if ('cache' in part && part.cache !== undefined) notes.drop('cache_control');
  if (part.type === 'tool-call' && part.seal !== undefined) notes.drop('thought_signature');
};

const unansweredCall = (part: AnswerContent, answered: ToolTurn, notes: WritingNotes): readonly string[] => {
  if (part.type !== 'tool-call' || answered.some(({ call }) => call === part)) return [];
  notes.drop('tool_calls');
  return [`[A call of the tool ${part.name} with ${part.arguments} was not answered.]`];
};

/** Writes a message of the user without the results that stand elsewhere; nothing where it held nothing else. */
export const encodeUser = (
  content: readonly UserPart[],
  attachments: readonly ChatPart[],
  answered: ToolTurn,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const rest = content.flatMap((part): readonly ChatPart[] => {
    if (part.type !== 'tool-result') return [encodePart(part, notes)];
    return answered.some(({ result }) => result === part) ? [] : encodeOrphan(part, notes);
  });
  const parts = [...attachments, ...rest];
  return parts.length === 0 && content.length > 0 ? [] : [{ role: 'user', content: contentOf(parts) }];
};
