import type { Message, TextPart } from '../../../vocabulary/index.ts';
import { answeredTurns, type AnsweredTurn } from '../../codec/answeredTurns.ts';
import { CallIds } from '../../codec/CallIds.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule, longCallIds, shortCallIdRule } from './callIdRule.ts';
import { contentOf, encodePart, type ChatPart } from './encodePart.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import { encodeAssistant, encodeUser } from './encodeTurn.ts';

/**
 * Writes the conversation. Results of tools stand right after the message with their calls, in the order of the calls; this wire refuses
 * calls without results, and results without calls.
 */
export const encodeMessages = (messages: readonly Message[], notes: WritingNotes): readonly JsonObject[] => {
  if (messages.at(-1)?.role === 'assistant' && !notes.takes('prefill')) {
    notes.refuse(
      'messages',
      'This target cannot go on with an answer that was begun: the last message is the assistant’s',
      null,
    );
  }
  const turns = answeredTurns(messages);
  const ids = new CallIds(
    turns.flatMap(({ pairs }) => pairs),
    notes.lacks(longCallIds) ? shortCallIdRule : callIdRule,
  );
  return turns.flatMap((turn) => encodeTurn(turn, ids, notes));
};

const encodeTurn = ({ messages, pairs }: AnsweredTurn, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
  const results = pairs.map(({ result }) => encodeToolResult(ids.of(result), result, notes));
  const attachments = results.flatMap((written) => written.attachments);
  const [first] = messages;
  return [
    ...(first?.role === 'assistant' ? encodeAssistant(first.content, ids, notes) : []),
    ...results.map(({ message }) => message),
    ...encodeFollowers(messages, attachments, ids, notes),
  ];
};

/** Pictures and files of results stand in front of what the user says next. */
const encodeFollowers = (
  messages: readonly Message[],
  attachments: readonly ChatPart[],
  ids: CallIds,
  notes: WritingNotes,
): readonly JsonObject[] => {
  const firstOfUser = messages.find(({ role }) => role === 'user');
  return messages.flatMap((message) => {
    if (message.role === 'assistant') return [];
    if (message.role === 'system') return [{ role: 'system', content: encodeSystem(message.content, notes) }];
    return encodeUser(message.content, message === firstOfUser ? attachments : [], ids, notes);
  });
};

const encodeSystem = (content: readonly TextPart[], notes: WritingNotes): unknown =>
  contentOf(content.map((part) => encodePart(part, notes)));
