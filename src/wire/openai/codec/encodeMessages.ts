import type { Message, TextPart } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { CallIds } from './CallIds.ts';
import { contentOf, encodePart, type ChatPart } from './encodePart.ts';
import { encodeAssistant, encodeUser, type ToolTurn, pairCalls } from './encodeTurn.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import type { WritingNotes } from './WritingNotes.ts';

/**
 * Writes the conversation. Results of tools stand right after the message with their calls, in the order of the calls; this wire refuses
 * calls without results, and results without calls.
 */
export const encodeMessages = (messages: readonly Message[], notes: WritingNotes): readonly JsonObject[] => {
  if (messages.at(-1)?.role === 'assistant') {
    notes.refuse(
      'messages',
      'This target cannot go on with an answer that was begun: the last message is the assistant’s',
      null,
    );
  }
  const ids = new CallIds();
  return turnsOf(messages).flatMap((turn) => encodeTurn(turn, ids, notes));
};

/** Cuts a conversation before each answer. */
const turnsOf = (messages: readonly Message[]): readonly Message[][] => {
  const turns: Message[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (turn === undefined || message.role === 'assistant') turns.push([message]);
    else turn.push(message);
  }
  return turns;
};

const encodeTurn = (messages: readonly Message[], ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  const turn = pairCalls(messages, ids);
  const results = turn.map(({ id, result }) => encodeToolResult(id, result, notes));
  const attachments = results.flatMap((written) => written.attachments);
  const [first] = messages;
  return [
    ...(first?.role === 'assistant' ? encodeAssistant(first.content, turn, notes) : []),
    ...results.map(({ message }) => message),
    ...encodeFollowers(messages, attachments, turn, notes),
  ];
};

/** Pictures and files of results stand in front of what the user says next. */
const encodeFollowers = (
  messages: readonly Message[],
  attachments: readonly ChatPart[],
  turn: ToolTurn,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const firstOfUser = messages.find(({ role }) => role === 'user');
  return messages.flatMap((message) => {
    if (message.role === 'assistant') return [];
    if (message.role === 'system') return [{ role: 'system', content: encodeSystem(message.content, notes) }];
    return encodeUser(message.content, message === firstOfUser ? attachments : [], turn, notes);
  });
};

const encodeSystem = (content: readonly TextPart[], notes: WritingNotes): unknown =>
  contentOf(content.map((part) => encodePart(part, notes)));
