import type { Finish, FinishReason } from '../../../vocabulary/index.ts';
import { finishReasonIn } from '../../codec/finishReasonIn.ts';

/** Words of `stopReason`. The malformed ones, and words of the future, are no kind of end that we know. */
const reasonOfWord: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'context-length',
  tool_use: 'tool-calls',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
};

/** Reads why an answer ended. Which stop sequence was met is not told. */
export const finishOf = (stopReason: string | null): Finish => ({
  reason: finishReasonIn(reasonOfWord, stopReason),
  native: stopReason,
  stopSequence: null,
});
