import { failure, success, type Result } from '../../kernel/index.ts';
import type { Failure, Operation } from '../../vocabulary/index.ts';
import { answerObject } from '../failure/answerObject.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';
import { readVendorError } from '../failure/VendorError.ts';
import { countIn, isJsonObject, listIn, objectIn, textIn, type JsonObject } from '../json/JsonObject.ts';
import { classifyError } from '../openai/classify.ts';
import type { AnswerReading } from '../wire.ts';
import { servedTierIn, toldTier } from '../usage/serviceTierOf.ts';
import { outputBytesIn } from './outputBytesIn.ts';
import { readUsage } from './readUsage.ts';

/** Reads a whole answer. Counting tokens costs nothing, so it has no usage. */
export const readAnswer = (operation: Operation, body: Uint8Array): Result<AnswerReading, Failure> => {
  const parsed = answerObject(body);
  if (!parsed.ok) return parsed;
  const answer = parsed.value;
  const refused = errorOf(answer);
  if (refused !== null) return failure(refused);
  if (operation === 'generate') return readResponse(answer);
  const isAnswer =
    operation === 'countTokens' ? countIn(answer, 'input_tokens') !== null : Array.isArray(answer['data']);
  return isAnswer
    ? success({ usage: null, outputBytes: 0 })
    : failure(protocolFailure('not_an_answer', 'the answer lacks what was asked for'));
};

const readResponse = (response: JsonObject): Result<AnswerReading, Failure> => {
  if (unfinishedStatuses.has(response['status']))
    return failure(protocolFailure('not_an_answer', `the response is only ${String(response['status'])}`));
  if (!Array.isArray(response['output']))
    return failure(protocolFailure('not_an_answer', 'the response has no list "output"'));
  const usage = objectIn(response, 'usage');
  const items = listIn(response, 'output').filter(isJsonObject);
  return success({
    usage: usage === null ? null : readUsage(usage),
    outputBytes: items.reduce((sum, item) => sum + outputBytesIn(item), 0),
    answerId: textIn(response, 'id'),
    ...toldTier(servedTierIn(response, 'service_tier')),
  });
};

/** Ends of a response that are no answer. */
const failedStatuses: ReadonlySet<unknown> = new Set(['failed', 'cancelled']);

/** Those of a response that goes on behind the back of whoever asked. */
const unfinishedStatuses: ReadonlySet<unknown> = new Set(['queued', 'in_progress']);

/** The error in a response, or in a body that is none. */
export const errorOf = (response: JsonObject): Failure | null => {
  const { error } = response;
  if (error !== undefined && error !== null) return failureIn(error);
  return failedStatuses.has(response['status']) ? failureIn(null) : null;
};

/** What an error says, wherever it stands: under `error`, or as the members of an event. */
export const failureIn = (error: unknown): Failure => {
  const said = error === null ? null : readVendorError({ error });
  return said === null ? { class: 'transient', cause: 'server_error' } : classifyError(said);
};
