import type { AnswerContent, Message } from '../../../vocabulary/index.ts';
import { CallIds } from '../../codec/CallIds.ts';
import { isBlank } from '../../codec/isBlank.ts';
import type { PairedTurns, Turn } from '../../codec/pairedTurns.ts';
import { withOpening } from '../../codec/withOpening.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { contentOf, encodeText } from './encodePart.ts';
import { encodeAssistant, encodeUser } from './encodeTurn.ts';

/** All system messages in a row, before the conversation: the vendor's models take them nowhere else. */
export const encodeSystem = (
  messages: readonly Message[],
  instruction: string | null,
  notes: WritingNotes,
): string | readonly JsonObject[] | null => {
  const first = messages.findIndex((message) => message.role !== 'system');
  const isMoved = first !== -1 && messages.slice(first).some((message) => message.role === 'system');
  if (isMoved) notes.drop('system_position');
  const blocks = messages
    .flatMap((message) => (message.role === 'system' ? message.content : []))
    .filter((part) => !isBlank(part))
    .map(encodeText);
  const all = instruction === null ? blocks : [...blocks, { type: 'text', text: instruction }];
  return all.length === 0 ? null : contentOf(all);
};

/** Shapes the two ends of a conversation as the vendor wants them. */
export const withEnds = (turns: readonly Turn[], notes: WritingNotes): readonly Turn[] => {
  const last = turns.at(-1);
  const ended = last?.role === 'assistant' ? [...turns.slice(0, -1), ...trimmed(last.content)] : turns;
  return withOpening(ended, notes);
};

/** "final assistant content cannot end with trailing whitespace"; nor with thinking, once nothing stands after it. */
const trimmed = (content: readonly AnswerContent[]): readonly Turn[] => {
  const last = content.at(-1);
  if (last === undefined) return [];
  const rest = content.slice(0, -1);
  if (last.type === 'thinking' || last.type === 'redacted-thinking') return trimmed(rest);
  if (last.type === 'tool-call') return [{ role: 'assistant', content }];
  return [{ role: 'assistant', content: [...rest, { ...last, text: last.text.trimEnd() }] }];
};

/** Writes the conversation. */
export const encodeMessages = ({ turns, pairs }: PairedTurns, notes: WritingNotes): readonly JsonObject[] => {
  const ids = new CallIds(pairs, callIdRule);
  return turns.flatMap(({ role, content }) => {
    const blocks = role === 'user' ? encodeUser(content, ids, notes) : encodeAssistant(content, ids, notes);
    return blocks.length === 0 ? [] : [{ role, content: contentOf(blocks) }];
  });
};
