import type { Finish, FinishReason } from '../../../vocabulary/index.ts';
import { finishReasonIn } from '../../codec/finishReasonIn.ts';
import { textIn, type JsonObject } from '../../json/JsonObject.ts';

/**
 * Words for why an answer ended, OpenAI's first. Others seen with vendors of its wire: Mistral `model_length`, Together `eos`, gateways that
 * leave Anthropic's words as they are. What is not here (DeepSeek `insufficient_system_resource`, vLLM `abort`) is unknown, never a stop.
 */
const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  model_length: 'context-length',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  pause_turn: 'pause',
  model_context_window_exceeded: 'context-length',
};

/**
 * Reads why a choice ended. A stop after tool calls means that they are to be answered, whatever the vendor calls it. vLLM names the
 * stop sequence that was met.
 */
export const finishOf = (choice: JsonObject, hasCalls: boolean): Finish => {
  const word = textIn(choice, 'finish_reason');
  const reason = finishReasonIn(reasons, word);
  return {
    reason: reason === 'stop' && hasCalls ? 'tool-calls' : reason,
    native: textIn(choice, 'native_finish_reason') ?? word,
    stopSequence: reason === 'stop' ? textIn(choice, 'stop_reason') : null,
  };
};

/** Whether an answer was cut off where it stood, so that its last call may be no whole one. */
export const isCutOff = ({ reason }: Finish): boolean =>
  reason === 'length' || reason === 'context-length' || reason === 'content-filter';

/** The wire has five words, and official clients take no others. What is no whole answer says `length`: cut off, there is more. */
const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  pause: 'length',
  unknown: 'length',
};

/** Members of a choice that say why it ended; the vendor's own word stands beside where it is another one. */
export const finishMembers = ({ reason, native }: Finish): JsonObject => {
  const word = words[reason];
  return { finish_reason: word, ...(native === null || native === word ? {} : { native_finish_reason: native }) };
};
