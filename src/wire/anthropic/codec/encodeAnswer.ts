import type { Answer, AnswerContent, Seal } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { objectOfArguments } from '../../codec/objectOfArguments.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { callIdRule } from './callIdRule.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { isOwn, keptText } from './sealOf.ts';

/** Writes a whole message. */
export const encodeAnswer = (answer: Answer, frame: AnswerFrame): Uint8Array => {
  const kinds = new Set(answer.content.map((part) => part.type));
  return utf8Bytes(
    JSON.stringify({
      ...messageHead(answer, frame),
      content: answer.content.flatMap((part, index) => blockOf(part, index, frame)),
      ...finishMembers(answer.finish, kinds),
      usage: encodeUsage(answer.usage),
    }),
  );
};

/** The members of a message before its content. */
export const messageHead = ({ id, model }: Pick<Answer, 'id' | 'model'>, frame: AnswerFrame) => ({
  id: id === '' ? `msg_${frame.requestId}` : id,
  type: 'message',
  role: 'assistant',
  model: model === '' ? frame.model : model,
});

const blockOf = (part: AnswerContent, index: number, frame: AnswerFrame): readonly JsonObject[] => {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'thinking': {
      // A signature is never made up: thinking that nobody sealed has an empty one.
      const signature = part.seal === null ? '' : keptText(part.seal, frame.sealedAt);
      return frame.showThinking && part.text + signature !== ''
        ? [{ type: 'thinking', thinking: part.text, signature }]
        : [];
    }
    case 'redacted-thinking':
      return frame.showThinking ? [redactedBlock(part.seal, frame)] : [];
    case 'tool-call':
      return [
        ...callSealBlock(part.seal, frame),
        {
          type: 'tool_use',
          id: clientCallId(part.id, index, frame, callIdRule),
          name: part.name,
          input: objectOfArguments(part.arguments),
        },
      ];
  }
};

/** Thinking, or the signature of a call, of which the client sees nothing. */
export const redactedBlock = (seal: Seal, { sealedAt }: AnswerFrame): JsonObject => ({
  type: 'redacted_thinking',
  data: keptText(seal, sealedAt),
});

/**
 * The signature of a call stands before it, where nobody asked for thinking as well: its vendor refuses the call without it, and clients of this wire give back
 * blocks of thinking, but nothing that they do not know on a call.
 */
export const callSealBlock = (seal: Seal | undefined, frame: AnswerFrame): readonly JsonObject[] =>
  seal === undefined || isOwn(seal) ? [] : [redactedBlock(seal, frame)];
