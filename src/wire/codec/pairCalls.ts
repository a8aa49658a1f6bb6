import type { AnswerContent, ToolCallPart, ToolResultPart, UserPart } from '../../vocabulary/index.ts';

type Part = UserPart | AnswerContent;

/** A call and what came of it. */
export interface AnsweredCall {
  readonly call: ToolCallPart;
  readonly result: ToolResultPart;
}

export const callsIn = (content: readonly Part[]): readonly ToolCallPart[] =>
  content.filter((part) => part.type === 'tool-call');

export const resultsIn = (content: readonly Part[]): readonly ToolResultPart[] =>
  content.filter((part) => part.type === 'tool-result');

/** Pairs the calls of an answer with the results in what follows it. Where an id stands twice, the first call has the first result. */
export const pairCalls = (answer: readonly Part[], following: readonly Part[]): readonly AnsweredCall[] => {
  const calls = callsIn(answer);
  if (calls.length === 0) return [];
  const waiting = Map.groupBy(resultsIn(following), ({ callId }) => callId);
  for (const results of waiting.values()) results.reverse();
  return calls.flatMap((call): AnsweredCall[] => {
    const result = waiting.get(call.id)?.pop();
    return result === undefined ? [] : [{ call, result }];
  });
};
