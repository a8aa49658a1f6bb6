import { featureSet, hasFeature, type Failure } from '../../vocabulary/index.ts';
import { classifyAnswer, classifyInBand, type FailureRule } from '../failure/classifyFailure.ts';
import type { VendorError } from '../failure/VendorError.ts';
import type { Correction, RefusedAnswer, RequestFacts } from '../wire.ts';
import { accommodate } from '../request/accommodate.ts';
import { longCallIds } from './codec/callIdRule.ts';
import { hints } from './hints.ts';
import { isThinkingOfHistory } from './withoutThinking.ts';

/**
 * What the errors of OpenAI and of those who speak its wire mean. Codes before words; first fit decides; where nothing fits, the status.
 * Sources: platform.openai.com/docs/guides/error-codes, learn.microsoft.com/azure/ai-services/openai (content filter, DeploymentNotFound),
 * console.groq.com/docs/errors, api-docs.deepseek.com/quick_start/error_codes, openrouter.ai/docs/api-reference/errors, docs.x.ai,
 * docs.mistral.ai, vLLM; recorded bodies in test/fixtures/recordings.
 */
const rules: readonly FailureRule[] = [
  // The vendor's policy refused. Azure says it in `innererror` too, OpenRouter with 403, OpenAI's reasoning models with `invalid_prompt`.
  {
    code: /^(content_filter|content_policy_violation|responsibleaipolicyviolation|moderation_blocked|invalid_prompt|bio_policy|(image_content|misalignment)_policy_violation)$/,
    class: 'content_policy',
    cause: 'content_policy',
  },
  {
    status: [400, 403],
    message:
      /content management policy|rejected as a result of our safety system|requires moderation|input was flagged/i,
    class: 'content_policy',
    cause: 'content_policy',
  },

  // Reasoning of an earlier answer that this account has not made, or has not kept.
  { code: /^invalid_encrypted_content$/, class: 'capability', cause: 'foreign_reasoning' },
  {
    status: [400, 404],
    message: /encrypted content .* could not be verified|^item with id 'rs_[^']*' not found/i,
    class: 'capability',
    cause: 'foreign_reasoning',
  },
  // What the vendor was to hold for the caller is not there: only the caller can send it again.
  { code: /^previous_response_not_found$/, class: 'client', cause: 'state_not_found' },
  {
    status: [400, 404],
    message:
      /^(previous response|conversation) with id |^(item|prompt|vector store|file|container) with id .* not found|^files \[.*\] were not found/i,
    class: 'client',
    cause: 'state_not_found',
  },
  // A picture that is none, or cannot be fetched: in a stream such an error has no status.
  {
    code: /^(invalid_(image|base64)\w*|image_\w+|unsupported_image_media_type|empty_image_file|failed_to_download_image)$/,
    class: 'client',
    cause: 'bad_request',
  },

  // Our account: keys, credit, permissions, deployments. xAI and Google answer a wrong key with 400.
  {
    code: /^(insufficient_quota|billing_hard_limit_reached|billing_not_active|insufficient_credits)$/,
    class: 'operator',
    cause: 'insufficient_quota',
  },
  {
    message:
      /insufficient (balance|credits?|funds)|credit balance|billing hard limit|(do not|does not|don't|doesn't) have (any |enough )?credits/i,
    class: 'operator',
    cause: 'insufficient_quota',
  },
  {
    code: /^(invalid_api_key|account_deactivated|unsupported_country_region_territory)$/,
    class: 'operator',
    cause: 'invalid_api_key',
  },
  {
    status: [400, 401, 403],
    message: /(incorrect|invalid) api key|api key not (valid|found)/i,
    class: 'operator',
    cause: 'invalid_api_key',
  },
  {
    code: /^(model_not_found|deploymentnotfound|invalid_model|model_decommissioned|model_terms_required)$/,
    class: 'operator',
    cause: 'model_not_found',
  },

  // Groq refuses with 413, others with 429, what alone is larger than the minute's limit: no waiting helps, another target may.
  { status: [413], code: /^(rate_limit_exceeded|tokens)$/, class: 'capability', cause: 'larger_than_rate_limit' },

  // This target cannot do it; another may.
  {
    code: /^(context_length_exceeded|context_window_exceeded|reduce_length)$/,
    class: 'capability',
    cause: 'context_length_exceeded',
  },
  {
    status: [400, 413, 422],
    message:
      /context (length|window)|maximum context|prompt is too long|too many tokens|token limit reached|input is too long|reduce the length/i,
    class: 'capability',
    cause: 'context_length_exceeded',
  },
  {
    status: [400, 422],
    message: /max(_completion)?_tokens.*(too large|at most|exceed|less than or equal)/i,
    class: 'capability',
    cause: 'output_bound_too_large',
  },
  {
    code: /^(unsupported_parameter|unknown_parameter|extra_forbidden)$/,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  {
    code: /^(unsupported_value|operationnotsupported|unsupported_model|model_not_supported)$/,
    class: 'capability',
    cause: 'unsupported_value',
  },
  {
    status: [400, 404, 422],
    message:
      /unsupported parameter|unrecognized (request )?argument|unknown (parameter|field|name)|extra (inputs|fields)( are)? not permitted|property '[^']*' is unsupported/i,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  // OpenRouter answers 404 "No endpoints found that support image input"; others 400 with "does not support image".
  {
    status: [400, 404, 422],
    message:
      /(support|accept)\w* (image|vision|audio|tool|multimodal)|(image|vision|audio|tool|multimodal)[\w ]* (is|are) not supported/i,
    class: 'capability',
    cause: 'unsupported_content',
  },
  {
    status: [400, 422],
    message: /max(_completion)?_tokens\W.*not supported|stream_options\W.*not supported/i,
    class: 'capability',
    cause: 'unsupported_parameter',
  },
  {
    status: [400, 422],
    message: /(is|are) not supported|does(n't| not) support|not supported (with|by|for)/i,
    class: 'capability',
    cause: 'unsupported_value',
  },
  // Groq: the model made a tool call that its own check refuses; another model may do better.
  { code: /^tool_use_failed$/, class: 'capability', cause: 'tool_use_failed' },
];

/** Statuses that kinds of errors have outside a stream. */
const statusOfCode: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  server_error: 500,
  server_is_overloaded: 503,
  slow_down: 503,
  overloaded_error: 529,
};

export const classify = (answer: RefusedAnswer, nowMs: number): Failure => classifyAnswer(answer, nowMs, rules);

/** An error inside a stream, or in an answer with status 200. */
export const classifyError = (error: VendorError): Failure => classifyInBand(error, rules, statusOfCode);

/** The output bound has an older and a newer name; a target may know only one. */
const otherName: Readonly<Record<string, string>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens',
};

/** Parameters that shape the answer (temperature, response_format, ...) are never dropped: then another target is asked. */
export const correction = (failure: Failure, facts: RequestFacts): Correction | null => {
  const mendable = failure.class === 'capability' && /^unsupported_(parameter|value)$/.test(failure.cause);
  // A part of a parameter, or a value of a hint, is the client's own mistake: only what is refused whole is left out.
  const { parameter } = failure;
  if (!mendable || parameter === undefined) return null;
  if (isThinkingOfHistory(parameter)) return { withoutThinking: true };
  // A model that cannot be told not to think either never does, or always: asked for nothing, it does what it can.
  if (parameter === 'reasoning_effort') return facts.thinkingOff === true ? { drop: [parameter] } : null;
  if (hints.has(parameter)) return failure.cause === 'unsupported_parameter' ? { drop: [parameter] } : null;
  const name = Object.hasOwn(otherName, parameter) ? otherName[parameter] : undefined;
  if (name === undefined) return null;
  const has = (key: string): boolean => facts.members.some((member) => member.key === key);
  // The newer name may be in the bytes because the gateway put it there; the older one only because the client did.
  return has(parameter) || (parameter === 'max_completion_tokens' && !has('max_tokens'))
    ? { rename: { [parameter]: name } }
    : null;
};

const sampling: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
]);

/** Names by which targets that do not know the usual one take the same thing. */
const otherNamesKnown: Readonly<Record<string, string>> = { ...otherName, seed: 'random_seed' };

/** Members that ask for a feature and for nothing else. */
const askedBy = { parallelTools: ['parallel_tool_calls'] } as const;

/** Features that are left out of a chat by what follows. */
export const eased = featureSet([...Object.keys(askedBy), 'developerRole']);

/** What nobody asked for, and the gateway adds by itself, is left out or renamed alike. */
export const accommodation = (facts: RequestFacts, unsupported: readonly string[]): Correction => {
  if (unsupported.length === 0) return {};
  const { drop = [], rename = {} } = accommodate(facts, unsupported, {
    sampling,
    otherNames: otherNamesKnown,
    askedBy,
  });
  const knows = (name: string): boolean => !unsupported.includes(name);
  const left = [...hints, ...(facts.thinkingOff === true ? ['reasoning_effort'] : [])].filter((name) => !knows(name));
  const bound = 'max_completion_tokens';
  const hasOwnRole = hasFeature(facts.requirements.features, 'developerRole');
  return {
    drop: [...drop, ...left],
    rename: !knows(bound) && knows('max_tokens') ? { ...rename, [bound]: 'max_tokens' } : rename,
    ...(knows(longCallIds) ? {} : { shortCallIds: true }),
    ...(hasOwnRole && !knows('developerRole') ? { plainRoles: true } : {}),
  };
};
