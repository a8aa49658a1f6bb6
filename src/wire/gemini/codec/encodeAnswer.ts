import type { Answer, AnswerContent, Seal } from '../../../vocabulary/index.ts';
import { clientCallId } from '../../codec/CallIds.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { objectOfArguments } from '../../codec/objectOfArguments.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { callIdRule } from './callIdRule.ts';
import { encodeUsage } from './encodeUsage.ts';
import { finishMembers } from './finishReasons.ts';
import { isOwn } from './sealOf.ts';

/** Writes a whole answer (@google/genai 3.3.0, `GenerateContentResponse`). */
export const encodeAnswer = (answer: Answer, frame: AnswerFrame): Uint8Array => {
  const kinds = new Set(answer.content.map((part) => part.type));
  const parts = answer.content.flatMap((part, index) => partsOf(part, index, frame));
  // The SDK takes a content without any part for no answer.
  const content = { parts: parts.length === 0 ? [{ text: '' }] : parts, role: 'model' };
  return utf8Bytes(
    JSON.stringify({
      candidates: [{ content, ...finishMembers(answer.finish, kinds), index: 0 }],
      ...(answer.usage === null ? {} : { usageMetadata: encodeUsage(answer.usage) }),
      ...answerMembers(answer, frame),
    }),
  );
};

/** Members of an answer, and of each chunk of one, that say which it is. */
export const answerMembers = ({ id, model }: Pick<Answer, 'id' | 'model'>, frame: AnswerFrame): JsonObject => ({
  modelVersion: model === '' ? frame.model : model,
  responseId: id === '' ? frame.requestId : id,
});

/** Parts of a block. Thinking goes to a client that wants to see it. */
const partsOf = (part: AnswerContent, index: number, frame: AnswerFrame): readonly JsonObject[] => {
  switch (part.type) {
    case 'text':
      return wordsOf({ text: part.text }, part.seal ?? null);
    case 'refusal':
      return wordsOf({ text: part.text }, null);
    case 'thinking':
      return frame.showThinking ? wordsOf({ text: part.text, thought: true }, part.seal) : [];
    case 'redacted-thinking':
      return frame.showThinking ? wordsOf({ text: '', thought: true }, part.seal) : [];
    case 'tool-call': {
      const { id, name, seal } = part;
      return [callPart(clientCallId(id, index, frame, callIdRule), name, part.arguments, seal ?? null)];
    }
  }
};

interface Words {
  readonly text: string;
  readonly thought?: true;
}

const wordsOf = (part: Words, seal: Seal | null): readonly JsonObject[] => {
  const signature = signatureMember(seal);
  return part.text === '' && !('thoughtSignature' in signature) ? [] : [{ ...part, ...signature }];
};

/** Only a signature of this wire is one. */
export const signatureMember = (seal: Seal | null): JsonObject =>
  seal !== null && isOwn(seal) ? { thoughtSignature: seal.value } : {};

/** A call, which this wire gives whole. @param written JSON text of its arguments. */
export const callPart = (id: string, name: string, written: string, seal: Seal | null): JsonObject => ({
  functionCall: { id, name, args: objectOfArguments(written) },
  ...signatureMember(seal),
});
