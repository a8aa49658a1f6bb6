import { failure, success, type Result } from '../../../kernel/index.ts';
import type { Answer, Failure } from '../../../vocabulary/index.ts';
import { assembleContent } from '../../codec/assembleContent.ts';
import { answerObject } from '../../failure/answerObject.ts';
import { protocolFailure } from '../../failure/classifyFailure.ts';
import { isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { blockReasonOf, errorOf, isGenerated } from '../readAnswer.ts';
import { toldTier } from '../../usage/serviceTierOf.ts';
import { readServedTier, readUsage } from '../readUsage.ts';
import { blockedFinish, explanationIn, finishOf } from './finishReasons.ts';
import { PartReader } from './PartReader.ts';

/** Reads a whole answer; of several candidates, the first. */
export const decodeAnswer = (body: Uint8Array): Result<Answer, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const refused = errorOf(answer);
  if (refused !== null) return failure(refused);
  if (!isGenerated(answer)) return failure(protocolFailure('not_an_answer', 'the answer has no candidate'));
  const said = decodeCandidate(answer);
  if (!said.ok) return failure(said.fault);
  const usage = objectIn(answer, 'usageMetadata');
  return success({
    id: textIn(answer, 'responseId') ?? '',
    model: textIn(answer, 'modelVersion') ?? '',
    ...said.value,
    usage: usage === null ? null : readUsage(usage),
    ...toldTier(readServedTier(usage)),
  });
};

const decodeCandidate = (answer: JsonObject): Result<Pick<Answer, 'content' | 'finish'>, Failure> => {
  const candidate = listIn(answer, 'candidates').find(isJsonObject);
  const reader = new PartReader();
  if (candidate !== undefined) reader.read(candidate);
  reader.end(candidate === undefined ? explanationOfBlock(answer) : explanationIn(candidate));
  if (reader.fault !== null) return failure(reader.fault);
  const finish =
    candidate === undefined
      ? blockedFinish(blockReasonOf(answer) ?? '')
      : finishOf(textIn(candidate, 'finishReason'), reader.hasCalls);
  return success({ content: assembleContent(reader.take()), finish });
};

/** The vendor's own words why a prompt was blocked. */
export const explanationOfBlock = (answer: JsonObject): string | null =>
  textIn(objectIn(answer, 'promptFeedback'), 'blockReasonMessage');
