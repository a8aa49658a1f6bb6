import type { AnswerContent, Message, ToolCallPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import { isBlank } from './encodeBlocks.ts';
import { isOwn } from './ownSeal.ts';
import type { RequestWriting } from './RequestWriting.ts';

/** A turn of the conversation. No two of one role follow one another, and none is empty. */
export type Turn =
  | { readonly role: 'user'; readonly content: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AnswerContent[] };

/**
 * The turns of a conversation such that the vendor takes them: nothing empty, no thinking of others, and each call answered in the very next turn
 * ("`tool_use` ids were found without `tool_result` blocks immediately after"; "unexpected `tool_use_id` found in `tool_result` blocks").
 * Calls without a result, and results without their call, are left out; a call and its result stay a pair.
 */
export const pairedTurns = (writing: RequestWriting, messages: readonly Message[]): readonly Turn[] => {
  const turns = joined(messages.flatMap((message) => sayable(writing, message)));
  return joined(turns.map((turn, index) => withPairs(writing, turn, turns[index - 1], turns[index + 1])));
};

const sayable = (writing: RequestWriting, message: Message): readonly Turn[] => {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      return [{ role: 'user', content: message.content.filter((part) => !isBlank(part)) }];
    case 'assistant':
      return [{ role: 'assistant', content: message.content.filter((part) => canBeSaid(writing, part)) }];
  }
};

const canBeSaid = (writing: RequestWriting, part: AnswerContent): boolean => {
  if (part.type === 'text' || part.type === 'refusal') return !isBlank(part);
  if (part.type === 'tool-call' || (part.seal !== null && isOwn(part.seal))) return true;
  writing.drop('thinking');
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

const withPairs = (writing: RequestWriting, turn: Turn, before: Turn | undefined, after: Turn | undefined): Turn => {
  if (turn.role === 'user') {
    const results = firstOfEach(resultsIn(turn), (result) => result.callId);
    const called = new Set(callsIn(before).map((call) => call.id));
    const content = turn.content.filter(
      (part) => part.type !== 'tool-result' || (results.has(part) && called.has(part.callId)),
    );
    if (content.length < turn.content.length) writing.drop('tool_results');
    return { role: 'user', content };
  }
  const calls = firstOfEach(callsIn(turn), (call) => call.id);
  const answered = new Set(resultsIn(after).map((result) => result.callId));
  const content = turn.content.filter(
    (part) => part.type !== 'tool-call' || (calls.has(part) && answered.has(part.id)),
  );
  if (content.length < turn.content.length) writing.drop('tool_calls');
  return { role: 'assistant', content: withoutLooseThinking(writing, content) };
};

/** "The final block in an assistant message cannot be `thinking`": it led to nothing that is kept. */
const withoutLooseThinking = (writing: RequestWriting, content: readonly AnswerContent[]): readonly AnswerContent[] => {
  const last = content.findLastIndex((part) => part.type !== 'thinking' && part.type !== 'redacted-thinking');
  if (last < content.length - 1) writing.drop('thinking');
  return content.slice(0, last + 1);
};

export const callsIn = (turn: Turn | undefined): readonly ToolCallPart[] =>
  turn?.role === 'assistant' ? turn.content.filter((part) => part.type === 'tool-call') : [];

const resultsIn = (turn: Turn | undefined): readonly ToolResultPart[] =>
  turn?.role === 'user' ? turn.content.filter((part) => part.type === 'tool-result') : [];

const firstOfEach = <Part>(parts: readonly Part[], idOf: (part: Part) => string): ReadonlySet<Part> => {
  const first = new Map<string, Part>();
  for (const part of parts) if (!first.has(idOf(part))) first.set(idOf(part), part);
  return new Set(first.values());
};
