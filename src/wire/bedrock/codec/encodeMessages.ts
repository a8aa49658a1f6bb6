import type { Message, TextPart } from '../../../vocabulary/index.ts';
import { CallIds } from '../../codec/CallIds.ts';
import { isBlank } from '../../codec/isBlank.ts';
import type { PairedTurns } from '../../codec/pairedTurns.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { DocumentNames } from './DocumentNames.ts';
import { encodeText } from './encodePart.ts';
import { encodeAssistant, encodeUser } from './encodeTurn.ts';

/** All system messages in a row, before the conversation: there is no other place for them. */
export const encodeSystem = (
  messages: readonly Message[],
  instruction: string | null,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const first = messages.findIndex((message) => message.role !== 'system');
  const isMoved = first !== -1 && messages.slice(first).some((message) => message.role === 'system');
  if (isMoved) notes.drop('system_position');
  const parts: TextPart[] = messages.flatMap((message) => (message.role === 'system' ? message.content : []));
  if (instruction !== null) parts.push({ type: 'text', text: instruction });
  return parts.filter((part) => !isBlank(part)).flatMap((part) => encodeText(part, notes));
};

/** Writes the conversation. */
export const encodeMessages = ({ turns, pairs }: PairedTurns, notes: WritingNotes): readonly JsonObject[] => {
  const ids = new CallIds(pairs, callIdRule);
  const names = new DocumentNames();
  return turns.map(({ role, content }) => ({
    role,
    content: role === 'user' ? encodeUser(content, ids, names, notes) : encodeAssistant(content, ids, notes),
  }));
};
