import type { Message } from '../../vocabulary/index.ts';
import { pairCalls, type AnsweredCall } from './pairCalls.ts';

/** An answer and what follows it up to the next one; the first turn of a conversation may have no answer. */
export interface AnsweredTurn {
  readonly messages: readonly Message[];
  /** Its calls, with what came of them. */
  readonly pairs: readonly AnsweredCall[];
}

/** Cuts a conversation before each answer, and finds the result of each call in what follows. */
export const answeredTurns = (messages: readonly Message[]): readonly AnsweredTurn[] =>
  turnsOf(messages).map(withPairs);

const turnsOf = (messages: readonly Message[]): readonly (readonly Message[])[] => {
  const turns: Message[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (turn === undefined || message.role === 'assistant') turns.push([message]);
    else turn.push(message);
  }
  return turns;
};

const withPairs = (messages: readonly Message[]): AnsweredTurn => ({
  messages,
  pairs: pairCalls(
    messages[0]?.content ?? [],
    messages.flatMap<Message['content'][number]>(({ content }) => content),
  ),
});
