import type { AnswerContent, Seal } from '../../../vocabulary/index.ts';
import type { CallIds } from '../../codec/CallIds.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { isOwn } from './sealOf.ts';

/**
 * Writes an earlier answer. Thinking is sent only where this wire has sealed it, and only if something follows: the vendor refuses reasoning that led to
 * nothing. A call that nobody answered is told as text.
 */
export const encodeAssistant = (
  content: readonly AnswerContent[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const items = content.flatMap((part) => encodePart(part, ids, notes));
  const last = items.findLastIndex(({ type }) => type !== 'reasoning');
  if (last < items.length - 1) notes.drop('thinking');
  return items.slice(0, last + 1);
};

const encodePart = (part: AnswerContent, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  if ('cache' in part && part.cache !== undefined) notes.drop('cache_control');
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [messageOf({ type: 'output_text', text: part.text })];
    case 'refusal':
      return [messageOf({ type: 'refusal', refusal: part.text })];
    case 'thinking':
      return encodeThinking(part.text, part.seal, notes);
    case 'redacted-thinking':
      return encodeThinking('', part.seal, notes);
    case 'tool-call': {
      if (part.seal !== undefined) notes.drop('thought_signature');
      if (ids.has(part)) {
        return [{ type: 'function_call', call_id: ids.of(part), name: part.name, arguments: part.arguments }];
      }
      notes.drop('tool_calls');
      const text = `[A call of the tool ${part.name} with ${part.arguments} was not answered.]`;
      return [messageOf({ type: 'output_text', text })];
    }
  }
};

const messageOf = (part: JsonObject): JsonObject => ({ type: 'message', role: 'assistant', content: [part] });

const encodeThinking = (text: string, seal: Seal | null, notes: WritingNotes): readonly JsonObject[] => {
  if (seal === null || !isOwn(seal)) {
    notes.drop('thinking');
    return [];
  }
  return [
    {
      type: 'reasoning',
      ...(seal.id === undefined ? {} : { id: seal.id }),
      summary: text === '' ? [] : [{ type: 'summary_text', text }],
      encrypted_content: seal.value,
    },
  ];
};
