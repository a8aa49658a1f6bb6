import type { AnswerContent, Finish, FinishReason } from '../../../vocabulary/index.ts';
import { finishReasonIn } from '../../codec/finishReasonIn.ts';

type Kind = AnswerContent['type'];

/** Words of `stop_reason` (@anthropic-ai/sdk 1.14.0, `StopReason`). `compaction` and words of the future are no kind of end that we know. */
const reasonOfWord: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'context-length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  pause_turn: 'pause',
};

const wordOfReason: Readonly<Record<Exclude<FinishReason, 'unknown' | 'stop'>, string>> = {
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  pause: 'pause_turn',
};

/** Reads why a message ended. */
export const finishOf = (stopReason: string | null, stopSequence: string | null): Finish => ({
  reason: finishReasonIn(reasonOfWord, stopReason),
  native: stopReason,
  stopSequence,
});

/** Members of a message that say why it ended. @param content The kinds of content in it. */
export const finishMembers = (finish: Finish, content: ReadonlySet<Kind>) => ({
  stop_reason: stopReasonOf(finish, content),
  stop_sequence: finish.stopSequence,
  stop_details: null,
});

/**
 * The word for an end. One that nobody here knows keeps the vendor's own word, unless that is a word of this wire with a meaning of its own:
 * clients then see an end that they do not know either, and none takes it for a plain one. Some vendors call an end plain that has calls or a refusal in it;
 * clients of this wire go by the word, and would run no tool.
 */
const stopReasonOf = ({ reason, native, stopSequence }: Finish, content: ReadonlySet<Kind>): string => {
  if (reason === 'unknown') {
    return native === null || native === '' || Object.hasOwn(reasonOfWord, native) ? 'unknown' : native;
  }
  if (reason !== 'stop') return wordOfReason[reason];
  if (content.has('tool-call')) return 'tool_use';
  if (content.has('refusal')) return 'refusal';
  return stopSequence === null ? 'end_turn' : 'stop_sequence';
};
