import type { Finish, FinishReason } from '../../../vocabulary/index.ts';
import { finishReasonIn } from '../../codec/finishReasonIn.ts';
import { objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';

/** Words of `incomplete_details.reason` (openai 7.57.0, `Response.IncompleteDetails`). `max_messages` and `steered` are no kind of end that we know. */
const reasonOfWord: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  content_filter: 'content-filter',
};

/** Whether a response says that there would have been more. */
export const isIncomplete = (response: JsonObject | null): boolean =>
  textIn(response, 'status') === 'incomplete' || textIn(objectIn(response, 'incomplete_details'), 'reason') !== null;

/**
 * Reads why a response ended. One that is complete and has called tools waits for their results; where a call was cut off, it has met its bound, whatever
 * it says.
 */
export const finishOf = (response: JsonObject | null, hasCalls: boolean, hasCutCalls = false): Finish => {
  const status = textIn(response, 'status');
  const word = textIn(objectIn(response, 'incomplete_details'), 'reason');
  if (isIncomplete(response)) {
    const reason = finishReasonIn(reasonOfWord, word);
    return { reason, native: word ?? status, stopSequence: null };
  }
  if (hasCutCalls) return { reason: 'length', native: status, stopSequence: null };
  // Some vendors leave the status out where the event says it.
  const isDone = status === null || status === 'completed';
  return { reason: isDone ? (hasCalls ? 'tool-calls' : 'stop') : 'unknown', native: status, stopSequence: null };
};

interface Ending {
  readonly status: 'completed' | 'incomplete';
  readonly incomplete_details: { readonly reason: string } | null;
}

const completed: Ending = { status: 'completed', incomplete_details: null };

/** Says why an answer ended. What is no whole answer says that its bound was met: cut off, there is more. */
export const finishMembers = ({ reason }: Finish): Ending => {
  if (reason === 'stop' || reason === 'tool-calls') return completed;
  const word = reason === 'content-filter' ? 'content_filter' : 'max_output_tokens';
  return { status: 'incomplete', incomplete_details: { reason: word } };
};
