import type { Failure } from '../../vocabulary/index.ts';
import { classifyAnswer, classifyInBand, type FailureRule } from '../failure/classifyFailure.ts';
import type { VendorError } from '../failure/VendorError.ts';
import { accommodate } from '../request/accommodate.ts';
import { foreignThinking, thinkingCorrection } from './foreignThinking.ts';
import type { Correction, RefusedAnswer, RequestFacts } from '../wire.ts';

/**
 * What the errors of the Messages API mean. Codes before words; first fit decides; where nothing fits, the status.
 * Sources: docs.claude.com/en/api/errors; @anthropic-ai/sdk 1.14.0, `resources/shared.d.ts` (`ErrorType`, `ErrorDetails`); recorded bodies
 * in test/fixtures/recordings/anthropic. The API has no code for most 400s, so their words must do.
 */
const rules: readonly FailureRule[] = [
  // Conversations kept at the vendor: the SDK reads this error and sends the whole conversation again, so it must reach the client.
  { code: /^thread_/, class: 'client', cause: 'thread_unavailable' },

  {
    status: [400, 403],
    message: /content filtering policy|usage policy/i,
    class: 'content_policy',
    cause: 'content_policy',
  },

  // Our account: "Your credit balance is too low" comes with 400, spend limits with 400 or 429.
  {
    code: /^billing_error$|_spend_limit_reached$|_billing_unavailable$|^organization_on_hold$/,
    class: 'operator',
    cause: 'insufficient_quota',
  },
  {
    message:
      /credit balance is too low|(reached|exceeded) your specified [\w ]*usage limits|organization has been disabled/i,
    class: 'operator',
    cause: 'insufficient_quota',
  },
  {
    code: /^cmek_key_(disabled|network_blocked)$|^workspace_human_review_disabled$/,
    class: 'operator',
    cause: 'forbidden',
  },
  { code: /^not_found_error$/, message: /^model:/, class: 'operator', cause: 'model_not_found' },
  { code: /^authentication_error$/, class: 'operator', cause: 'invalid_api_key' },

  foreignThinking,

  // This model cannot do it; another may.
  {
    status: [400, 413, 422],
    message: /prompt is too long|context (window|limit|length)|input length and `max_tokens`/i,
    class: 'capability',
    cause: 'context_length_exceeded',
  },
  { status: [400, 422], message: /max_tokens: \d+ > \d+/, class: 'capability', cause: 'output_bound_too_large' },
  {
    status: [400, 422],
    message: /extra inputs are not permitted|unexpected value\(s\) .* header/i,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  {
    status: [400, 422],
    message: /does not support|(is|are) not (yet )?(supported|available)|not supported (with|by|for|on)/i,
    class: 'capability',
    cause: 'unsupported_value',
  },
];

/** Statuses that types of errors have outside a stream. */
const statusOfCode: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

export const classify = (answer: RefusedAnswer, nowMs: number): Failure => classifyAnswer(answer, nowMs, rules);

/** An error inside a stream, or in an answer with status 200. */
export const classifyError = (error: VendorError): Failure => classifyInBand(error, rules, statusOfCode);

/** `metadata` tells whom an abuse report is about and nothing else; all other parameters but foreign thinking shape the answer and are never dropped. */
export const correction = (failure: Failure, _facts: RequestFacts): Correction | null => {
  const refused = failure.class === 'capability' && failure.cause === 'unsupported_parameter';
  return refused && failure.parameter === 'metadata' ? { drop: ['metadata'] } : thinkingCorrection(failure);
};

const sampling: ReadonlySet<string> = new Set(['temperature', 'top_p', 'top_k']);

/** Name of the rule that only one of the two is taken, as the vendor advises everywhere. */
const oneSampler = 'temperature+top_p';

export const accommodation = (facts: RequestFacts, unsupported: readonly string[]): Correction => {
  const known = accommodate(facts, unsupported, { sampling, otherNames: {} });
  const has = (name: string): boolean => facts.members.some(({ key, kind }) => key === name && kind !== 'null');
  const isOneTooMany = unsupported.includes(oneSampler) && has('temperature') && has('top_p');
  return isOneTooMany ? { ...known, drop: [...(known.drop ?? []), 'top_p'] } : known;
};
