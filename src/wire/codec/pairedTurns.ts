import type { AnswerContent, Message, Seal, UserPart } from '../../vocabulary/index.ts';
import { isBlank } from './isBlank.ts';
import { pairCalls, type AnsweredCall } from './pairCalls.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** A turn of the conversation. No two of one role follow one another, and none is empty. */
export type Turn =
  | { readonly role: 'user'; readonly content: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AnswerContent[] };

type GrowingTurn =
  | { readonly role: 'user'; readonly content: UserPart[] }
  | { readonly role: 'assistant'; readonly content: AnswerContent[] };

export interface PairedTurns {
  readonly turns: readonly Turn[];
  /** The calls that are left, with their results. */
  readonly pairs: readonly AnsweredCall[];
}

/**
 * The turns of a conversation such that vendors take them who want turns in turn: nothing empty, no thinking that they did not seal, and each call
 * answered in the very next turn (Anthropic: "`tool_use` ids were found without `tool_result` blocks immediately after"; Google: "the number of function
 * response parts is equal to the number of function call parts"). Calls without a result, and results without their call, are left out; a call and its
 * result stay a pair.
 * @param isOwn Whether a seal is of the target's wire.
 */
export const pairedTurns = (
  messages: readonly Message[],
  isOwn: (seal: Seal) => boolean,
  notes: WritingNotes,
): PairedTurns => {
  const canBeSaid = (part: AnswerContent): boolean => {
    const isSealed = 'seal' in part && part.seal !== undefined && part.seal !== null && isOwn(part.seal);
    if (part.type === 'text' || part.type === 'refusal') return isSealed || !isBlank(part);
    if (part.type === 'tool-call' || isSealed) return true;
    notes.drop('thinking');
    return false;
  };
  const turns = joined(messages.flatMap((message) => sayable(message, canBeSaid)));
  const pairs = turns.flatMap(({ content }, index) => pairCalls(content, turns[index + 1]?.content ?? []));
  const paired = new Set<UserPart | AnswerContent>(pairs.flatMap(({ call, result }) => [call, result]));
  return { turns: joined(turns.map((turn) => withoutUnpaired(turn, paired, notes))), pairs };
};

const sayable = (message: Message, canBeSaid: (part: AnswerContent) => boolean): readonly Turn[] => {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [{ role: 'user', content: message.content.filter((part) => !isBlank(part)) }];
    case 'assistant':
      return [{ role: 'assistant', content: message.content.filter(canBeSaid) }];
  }
};

/** Turns of one role in a row are one. */
const joined = (turns: readonly Turn[]): readonly Turn[] => {
  const result: GrowingTurn[] = [];
  for (const turn of turns) {
    const last = result.at(-1);
    if (turn.content.length === 0) continue;
    if (last?.role === 'user' && turn.role === 'user') for (const part of turn.content) last.content.push(part);
    else if (last?.role === 'assistant' && turn.role === 'assistant')
      for (const part of turn.content) last.content.push(part);
    else
      result.push(
        turn.role === 'user' ? { ...turn, content: [...turn.content] } : { ...turn, content: [...turn.content] },
      );
  }
  return result;
};

const withoutUnpaired = (turn: Turn, paired: ReadonlySet<UserPart | AnswerContent>, notes: WritingNotes): Turn => {
  if (turn.role === 'user') {
    const content = turn.content.filter((part) => part.type !== 'tool-result' || paired.has(part));
    if (content.length < turn.content.length) notes.drop('tool_results');
    return { role: 'user', content };
  }
  const content = turn.content.filter((part) => part.type !== 'tool-call' || paired.has(part));
  if (content.length < turn.content.length) notes.drop('tool_calls');
  return { role: 'assistant', content: withoutLooseThinking(content, notes) };
};

/** "The final block in an assistant message cannot be `thinking`": it led to nothing that is kept. */
const withoutLooseThinking = (content: readonly AnswerContent[], notes: WritingNotes): readonly AnswerContent[] => {
  const last = content.findLastIndex((part) => part.type !== 'thinking' && part.type !== 'redacted-thinking');
  if (last < content.length - 1) notes.drop('thinking');
  return content.slice(0, last + 1);
};
