import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Embeddings, Failure, Usage } from '../../../vocabulary/index.ts';
import { notVectors } from '../../codec/notVectors.ts';
import { vectorsIn } from '../../codec/vectorIn.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { headerText } from '../../failure/readRetryAfterMs.ts';
import { countIn, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { usageOf } from '../../usage/usageOf.ts';
import type { AnswerHeaders } from '../../wire.ts';
import { classifyException } from '../classify.ts';

/** Titan says `embedding`; Cohere `embeddings`, as a list or by their type. */
export const decodeAnswer = (body: Uint8Array, headers: AnswerHeaders): Result<Embeddings, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const type = textIn(answer, '__type');
  if (type !== null) return failure(classifyException(type, answer));
  const vectors = vectorsIn(listsIn(answer));
  if (vectors === null || vectors.length === 0) return notVectors();
  return success({ model: '', vectors, usage: usageIn(answer, headers) });
};

const listsIn = (answer: JsonObject): readonly unknown[] => {
  if (Array.isArray(answer['embedding'])) return [answer['embedding']];
  const byType = objectIn(answer, 'embeddings');
  return byType === null ? listIn(answer, 'embeddings') : listIn(byType, 'float');
};

/** The service counts for every model, in a header. */
const usageIn = (answer: JsonObject, headers: AnswerHeaders): Usage | null => {
  const counted = headerText(headers, 'x-amzn-bedrock-input-token-count');
  const told = counted !== null && /^\d{1,12}$/.test(counted) ? Number(counted) : null;
  const input = told ?? countIn(answer, 'inputTextTokenCount');
  return input === null ? null : usageOf({ input, requests: 1 });
};
