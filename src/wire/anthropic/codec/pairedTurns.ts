import type { AnswerContent, Message, UserPart } from '../../../vocabulary/index.ts';
import { pairCalls, type AnsweredCall } from '../../codec/pairCalls.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import { isBlank } from './encodePart.ts';
import { isOwn } from './sealOf.ts';

/** A turn of the conversation. No two of one role follow one another, and none is empty. */
export type Turn =
  | { readonly role: 'user'; readonly content: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AnswerContent[] };

export interface PairedTurns {
  readonly turns: readonly Turn[];
  /** The calls that are left, with their results. */
  readonly pairs: readonly AnsweredCall[];
}

/**
 * The turns of a conversation such that the vendor takes them: nothing empty, no thinking of others, and each call answered in the very next turn
 * ("`tool_use` ids were found without `tool_result` blocks immediately after"; "unexpected `tool_use_id` found in `tool_result` blocks").
 * Calls without a result, and results without their call, are left out; a call and its result stay a pair.
 */
export const pairedTurns = (messages: readonly Message[], notes: WritingNotes): PairedTurns => {
  const turns = joined(messages.flatMap((message) => sayable(message, notes)));
  const pairs = turns.flatMap(({ content }, index) => pairCalls(content, turns[index + 1]?.content ?? []));
  const paired = new Set<UserPart | AnswerContent>(pairs.flatMap(({ call, result }) => [call, result]));
  return { turns: joined(turns.map((turn) => withoutUnpaired(turn, paired, notes))), pairs };
};

const sayable = (message: Message, notes: WritingNotes): readonly Turn[] => {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [{ role: 'user', content: message.content.filter((part) => !isBlank(part)) }];
    case 'assistant':
      return [{ role: 'assistant', content: message.content.filter((part) => canBeSaid(part, notes)) }];
  }
};

const canBeSaid = (part: AnswerContent, notes: WritingNotes): boolean => {
  if (part.type === 'text' || part.type === 'refusal') return !isBlank(part);
  if (part.type === 'tool-call' || (part.seal !== null && isOwn(part.seal))) return true;
  notes.drop('thinking');
  return false;
};

/** Turns of one role in a row are one. */
const joined = (turns: readonly Turn[]): readonly Turn[] => {
  const result: Turn[] = [];
  for (const turn of turns) {
    const last = result.at(-1);
    if (turn.content.length === 0) continue;
    if (last?.role === 'user' && turn.role === 'user') {
      result[result.length - 1] = { role: 'user', content: [...last.content, ...turn.content] };
    } else if (last?.role === 'assistant' && turn.role === 'assistant') {
      result[result.length - 1] = { role: 'assistant', content: [...last.content, ...turn.content] };
    } else {
      result.push(turn);
    }
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
