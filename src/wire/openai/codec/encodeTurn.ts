import type { AnswerContent, ToolCallPart, UserPart } from '../../../vocabulary/index.ts';
import type { CallIds } from '../../codec/CallIds.ts';
import { callsIn } from '../../codec/pairCalls.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { signatureMember } from './callSignature.ts';
import { contentOf, encodePart, type ChatPart } from './encodePart.ts';
import { encodeOrphan } from './encodeToolResult.ts';

/**
 * Writes an earlier answer; nothing where nothing of it can be said. Thinking is not sent: OpenAI has no word for it, and seals of others
 * mean nothing here. A call that nobody answered is told as text.
 */
export const encodeAssistant = (
  content: readonly AnswerContent[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] => {
  for (const part of content) noteLosses(part, notes);
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const words = [text, ...content.flatMap((part) => unansweredCall(part, ids, notes))].filter((one) => one !== '');
  const refusal = content.map((part) => (part.type === 'refusal' ? part.text : '')).join('');
  const answered = callsIn(content).filter((call) => ids.has(call));
  const calls = answered.map((call) => ({
    id: ids.of(call),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
    ...(isGivenHere(call) ? signatureMember(call.seal) : {}),
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
  if (part.type === 'tool-call' && part.seal !== undefined && !isGivenHere(part)) notes.drop('thought_signature');
};

/** A seal that is marked is left on a call only where this target can open it (`withOpenSeals`): it gave it itself. Others know no such member and refuse it. */
const isGivenHere = ({ seal }: ToolCallPart): boolean => seal?.mark !== undefined;

const unansweredCall = (part: AnswerContent, ids: CallIds, notes: WritingNotes): readonly string[] => {
  if (part.type !== 'tool-call' || ids.has(part)) return [];
  notes.drop('tool_calls');
  return [`[A call of the tool ${part.name} with ${part.arguments} was not answered.]`];
};

/** Writes a message of the user without the results that stand elsewhere; nothing where it held nothing else. */
export const encodeUser = (
  content: readonly UserPart[],
  attachments: readonly ChatPart[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const rest = content.flatMap((part): readonly ChatPart[] => {
    if (part.type !== 'tool-result') return [encodePart(part, notes)];
    return ids.has(part) ? [] : encodeOrphan(part, notes);
  });
  const parts = [...attachments, ...rest];
  return parts.length === 0 && content.length > 0 ? [] : [{ role: 'user', content: contentOf(parts) }];
};
