import type { Failure } from '../../vocabulary/index.ts';
import { classifyAnswer, classifyInBand, type FailureRule } from '../failure/classifyFailure.ts';
import { headerText } from '../failure/readRetryAfterMs.ts';
import { readVendorError, wordless } from '../failure/VendorError.ts';
import { isJsonObject, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';
import { utf8Text } from '../utf8.ts';
import { foreignThinking, thinkingCorrection } from '../anthropic/foreignThinking.ts';
import type { Correction, RefusedAnswer, RequestFacts } from '../wire.ts';

/**
 * What the errors of Bedrock Runtime mean. Codes before words; first fit decides; where nothing fits, the status.
 * Sources: docs.aws.amazon.com/bedrock/latest/APIReference, Converse and ConverseStream, "Errors"; "Troubleshooting Amazon Bedrock API error codes"; recorded bodies in
 * test/fixtures/recordings/bedrock. Nearly all that is wrong with a request is a ValidationException, so its words must do.
 */
const rules: readonly FailureRule[] = [
  // Of our account: keys, clocks, rights.
  {
    code: /^(unrecognizedclient|expiredtoken|invalidsignature|incompletesignature|invalidclienttokenid|missingauthenticationtoken|signaturedoesnotmatch|requestexpired|notauthorized|optinrequired)/,
    class: 'operator',
    cause: 'invalid_api_key',
  },
  { code: /^servicequotaexceeded/, class: 'operator', cause: 'insufficient_quota' },
  // Nobody pays for the account.
  { status: [400, 403], message: /INVALID_PAYMENT_INSTRUMENT/, class: 'operator', cause: 'insufficient_quota' },
  { code: /^resourcenotfound/, class: 'operator', cause: 'model_not_found' },
  {
    status: [400, 403, 404],
    message:
      /model identifier is invalid|model.{0,40}(end of its life|not found)|access to the model|on-demand throughput/i,
    class: 'operator',
    cause: 'model_not_found',
  },
  // What an account is told that may not call models yet.
  { status: [400], message: /\boperation not allowed\b/i, class: 'operator', cause: 'forbidden' },
  { code: /^accessdenied/, class: 'operator', cause: 'forbidden' },

  // The vendor's own trouble, under statuses that mean others' elsewhere.
  { code: /^throttling/, class: 'quota', cause: 'rate_limited' },
  { code: /^modelnotready/, class: 'transient', cause: 'model_not_ready' },
  { code: /^modeltimeout/, class: 'transient', cause: 'upstream_timeout' },
  { code: /^model(stream)?error/, class: 'transient', cause: 'server_error' },
  { code: /^serviceunavailable/, class: 'quota', cause: 'overloaded' },
  { code: /^internal(server|failure)/, class: 'transient', cause: 'server_error' },

  foreignThinking,

  // This model cannot do it; another may.
  {
    status: [400, 413],
    message:
      /input is too long|prompt is too long|context (window|limit|length)|too many (input )?tokens|input length/i,
    class: 'capability',
    cause: 'context_length_exceeded',
  },
  {
    status: [400],
    message: /maximum tokens you requested exceeds|max_?tokens.{0,40}(exceeds|> \d)/i,
    class: 'capability',
    cause: 'output_bound_too_large',
  },
  {
    status: [400],
    message: /extraneous key|extra inputs are not permitted/i,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  {
    status: [400],
    message:
      /(does not|doesn't) support|(is|are)(n't| not) (yet )?(supported|available)|not supported (with|by|for|on)|invoked an unsupported model/i,
    class: 'capability',
    cause: 'unsupported_value',
  },
];

/** Statuses that kinds of errors have outside a stream. */
const statusOfCode: Readonly<Record<string, number>> = {
  validationexception: 400,
  accessdeniedexception: 403,
  resourcenotfoundexception: 404,
  modeltimeoutexception: 408,
  modelerrorexception: 424,
  modelstreamerrorexception: 424,
  throttlingexception: 429,
  modelnotreadyexception: 429,
  internalserverexception: 500,
  serviceunavailableexception: 503,
};

/** "ValidationException:http://...", "com.amazon.coral.service#ValidationException": the word alone, in lower case. */
const codeOf = (written: string | null): readonly string[] =>
  written === null ? [] : [(written.split(':', 1)[0] ?? '').replace(/^.*#/, '').toLowerCase()];

export const classify = (answer: RefusedAnswer, nowMs: number): Failure => {
  const body = parseJson(utf8Text(answer.body));
  const inBody = isJsonObject(body) ? textIn(body, '__type') : null;
  const code = codeOf(headerText(answer.headers, 'x-amzn-errortype') ?? inBody);
  return classifyAnswer(answer, nowMs, rules, code);
};

/** What ends a stream, or stands in an answer with status 200. @param type Its kind, as the vendor names it. */
export const classifyException = (type: string, body: JsonObject): Failure => {
  const error = readVendorError(body) ?? wordless;
  return classifyInBand({ ...error, codes: [...codeOf(type), ...error.codes], status: null }, rules, statusOfCode);
};

/** Claude signs its thinking here, too; every request is written for its target, and nothing else is refused that could be said otherwise. */
export const correction = (failure: Failure, _facts: RequestFacts): Correction | null => thinkingCorrection(failure);
