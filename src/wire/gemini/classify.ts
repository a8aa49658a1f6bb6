import type { Failure } from '../../vocabulary/index.ts';
import { classifyAnswer, classifyInBand, type FailureRule } from '../failure/classifyFailure.ts';
import type { VendorError } from '../failure/VendorError.ts';
import type { Correction, RefusedAnswer, RequestFacts } from '../wire.ts';

/**
 * What the errors of Google's API mean. Its statuses are few, so `ErrorInfo.reason` and the words tell more. Codes before words; first fit decides; where
 * nothing fits, the status.
 * Sources: ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.Code and google.api.ErrorReason; recorded bodies in
 * test/fixtures/recordings/google.
 */
const rules: readonly FailureRule[] = [
  // Our account: a wrong key comes with 400, places where the API is not offered and missing billing with `FAILED_PRECONDITION`.
  {
    code: /^(api_key_invalid|access_token_(expired|scope_insufficient|type_unsupported)|account_state_invalid|credentials_missing|unauthenticated)$/,
    class: 'operator',
    cause: 'invalid_api_key',
  },
  {
    status: [400, 401, 403],
    message: /api key (not (valid|found)|expired|was reported as leaked)|invalid api key/i,
    class: 'operator',
    cause: 'invalid_api_key',
  },
  { code: /^billing_disabled$/, class: 'operator', cause: 'insufficient_quota' },
  {
    message: /enable billing|billing (account|has not been)|prepayment credits/i,
    class: 'operator',
    cause: 'insufficient_quota',
  },
  // A quota of nothing; elsewhere the same words speak of a bound that a request or its schema has.
  { status: [429], message: /\blimit: 0\b/i, class: 'operator', cause: 'insufficient_quota' },
  {
    code: /^(service_disabled|consumer_(invalid|suspended)|api_key_(service|http_referrer|ip_address|android_app|ios_app)_blocked)$/,
    class: 'operator',
    cause: 'forbidden',
  },
  { message: /location is not supported/i, class: 'operator', cause: 'forbidden' },

  // Contents that the vendor keeps for the client: only the client can send them anew.
  { message: /cachedcontent (was )?not found/i, class: 'client', cause: 'stored_content_missing' },
  {
    status: [400, 403, 404],
    message: /permission to access the file/i,
    class: 'client',
    cause: 'stored_content_missing',
  },
  { code: /^not_found$/, message: /\bmodels?\b/i, class: 'operator', cause: 'model_not_found' },

  { code: /^unavailable$/, message: /overloaded|high demand/i, class: 'quota', cause: 'overloaded' },

  // This model cannot do it; another may.
  {
    status: [400, 413],
    message: /input token count .*exceeds|exceeds the maximum number of tokens|context (window|length)/i,
    class: 'capability',
    cause: 'context_length_exceeded',
  },
  { status: [400, 413], message: /payload size exceeds/i, class: 'capability', cause: 'body_too_large' },
  {
    status: [400],
    message: /max_?output_?tokens.*(supported range|must be|exceed|less than|at most)/i,
    class: 'capability',
    cause: 'output_bound_too_large',
  },
  { status: [400], message: /thought[ _]signature/i, class: 'capability', cause: 'thought_signature' },
  {
    status: [400],
    message: /unknown name|cannot find field|parameter is not supported/i,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  {
    status: [400],
    message:
      /(is|are) (not (enabled|supported|available|allowed)|unsupported)|does(n't| not) support|only works in thinking mode|budget \d+ is invalid/i,
    class: 'capability',
    cause: 'unsupported_value',
  },
];

/** Statuses that codes have outside a stream (google.rpc.Code). */
const statusOfCode: Readonly<Record<string, number>> = {
  invalid_argument: 400,
  failed_precondition: 400,
  out_of_range: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  aborted: 409,
  already_exists: 409,
  resource_exhausted: 429,
  cancelled: 499,
  data_loss: 500,
  internal: 500,
  unknown: 500,
  unimplemented: 501,
  unavailable: 503,
  deadline_exceeded: 504,
};

export const classify = (answer: RefusedAnswer, nowMs: number): Failure => classifyAnswer(answer, nowMs, rules);

/** An error inside a stream, or in an answer with status 200. */
export const classifyError = (error: VendorError): Failure => classifyInBand(error, rules, statusOfCode);

/**
 * Signatures that are refused go ("Corrupted thought signature"): without them, the same is thought once more. Labels only sort bills, and one of the vendor's two
 * APIs takes none ("labels parameter is not supported"); all else shapes the answer and is never dropped.
 */
export const correction = (failure: Failure, facts: RequestFacts): Correction | null => {
  if (failure.class === 'capability' && failure.cause === 'thought_signature')
    return { withoutThinking: true, once: true };
  const refused = failure.class === 'capability' && failure.cause === 'unsupported_parameter';
  const isLabelled = facts.members.some(({ key }) => key === 'labels');
  return refused && isLabelled && /\blabels\b/.test(failure.message ?? '') ? { drop: ['labels'] } : null;
};
