import type { Answer, AnswerContent, ToolCallPart } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { callIdRule } from './callIdRule.ts';
import { callSignatureMember } from './callSignature.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { reasoningDetail, redactedDetail } from './reasoningDetail.ts';

/** Writes a whole answer as a chat completion (openai 7.57.0, `ChatCompletion`). */
export const encodeAnswer = (answer: Answer, frame: AnswerFrame): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      id: answer.id === '' ? frame.requestId : answer.id,
      object: 'chat.completion',
      created: frame.createdAtS,
      model: answer.model === '' ? frame.model : answer.model,
      choices: [{ index: 0, message: messageOf(answer, frame), logprobs: null, ...finishMembers(answer.finish) }],
      ...(answer.usage === null ? {} : { usage: encodeUsage(answer.usage) }),
    }),
  );

const messageOf = ({ content, finish }: Answer, frame: AnswerFrame): JsonObject => {
  const text = wordsOf(content, 'text');
  const refusal = wordsOf(content, 'refusal') ?? (finish.reason === 'content-filter' ? text : null);
  const calls = content.flatMap((part, index) => (part.type === 'tool-call' ? [callOf(part, index, frame)] : []));
  return {
    role: 'assistant',
    content: text,
    refusal,
    ...(frame.showThinking ? thinkingMembers(content, frame) : {}),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
};

const callOf = (call: ToolCallPart, index: number, frame: AnswerFrame): JsonObject => ({
  id: clientCallId(call.id, index, frame, callIdRule),
  type: 'function',
  function: { name: call.name, arguments: call.arguments },
  ...callSignatureMember(call.seal, frame.sealedAt),
});

const wordsOf = (content: readonly AnswerContent[], type: 'text' | 'refusal' | 'thinking'): string | null => {
  const words = content.map((part) => (part.type === type ? part.text : '')).join('');
  return words === '' ? null : words;
};

const thinkingMembers = (content: readonly AnswerContent[], frame: AnswerFrame): JsonObject => {
  const thinking = wordsOf(content, 'thinking');
  const details = content.flatMap((part, index) => {
    if (part.type === 'redacted-thinking') return [redactedDetail(index, part.seal, frame)];
    const isSaid = part.type === 'thinking' && (part.text !== '' || part.seal !== null);
    return isSaid ? [reasoningDetail(index, part.text, part.seal, frame)] : [];
  });
  return {
    ...(thinking === null ? {} : { reasoning_content: thinking }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
};
