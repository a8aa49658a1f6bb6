import type { Message, TextPart } from '../../../vocabulary/index.ts';
import { CallIds } from '../../codec/CallIds.ts';
import { pairCalls, type AnsweredCall } from '../../codec/pairCalls.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { callIdRule } from './callIdRule.ts';
import { contentOf, encodePart, type ChatPart } from './encodePart.ts';
import { encodeToolResult } from './encodeToolResult.ts';
import { encodeAssistant, encodeUser } from './encodeTurn.ts';

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
  const turns = turnsOf(messages).map(withPairs);
  const ids = new CallIds(
    turns.flatMap(({ pairs }) => pairs),
    callIdRule,
  );
  return turns.flatMap((turn) => encodeTurn(turn, ids, notes));
};

/** An answer and what follows it up to the next one; the first turn of a conversation may have no answer. */
interface Turn {
  readonly messages: readonly Message[];
  readonly pairs: readonly AnsweredCall[];
}

/** Cuts a conversation before each answer. */
const turnsOf = (messages: readonly Message[]): readonly (readonly Message[])[] => {
  const turns: Message[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (turn === undefined || message.role === 'assistant') turns.push([message]);
    else turn.push(message);
  }
  return turns;
};

const withPairs = (messages: readonly Message[]): Turn => ({
  messages,
  pairs: pairCalls(
    messages[0]?.content ?? [],
    messages.flatMap<Message['content'][number]>(({ content }) => content),
  ),
});

const encodeTurn = ({ messages, pairs }: Turn, ids: CallIds, notes: WritingNotes): readonly JsonObject[] => {
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
