import type { Failure, FailureClass } from '../../vocabulary/index.ts';
import { utf8Text } from '../utf8.ts';
import type { RefusedAnswer } from '../wire.ts';
import { headerText, readRetryAfterMs } from './readRetryAfterMs.ts';
import { parseVendorError, wordless, type VendorError } from './VendorError.ts';

/** One row of a vendor table: the first row that fits decides. A row fits when all that it names fits. */
export interface FailureRule {
  /** Only for these statuses. */
  readonly status?: readonly number[];
  /** One of the error's codes or types. */
  readonly code?: RegExp;
  /** The vendor's words: the last resort, where no code tells. */
  readonly message?: RegExp;
  readonly class: FailureClass;
  readonly cause: string;
}

/** Longest vendor message that is kept, in characters. */
const messageLengthMax = 500;

/** Longest body that is looked at; an error is short, and a long page of HTML is none. */
const errorBytesMax = 64 * 1024;

/** What a status alone means (RFC 9110; 529 is Anthropic's "overloaded", 498 Groq's "flex capacity exceeded"). */
const statusClasses: Readonly<Record<number, readonly [FailureClass, string]>> = {
  400: ['client', 'bad_request'],
  401: ['operator', 'unauthorized'],
  402: ['operator', 'payment_required'],
  403: ['operator', 'forbidden'],
  404: ['operator', 'not_found'],
  405: ['operator', 'method_not_allowed'],
  408: ['transient', 'upstream_timeout'],
  409: ['transient', 'conflict'],
  410: ['operator', 'gone'],
  413: ['client', 'body_too_large'],
  422: ['client', 'bad_request'],
  425: ['transient', 'too_early'],
  429: ['quota', 'rate_limited'],
  498: ['quota', 'overloaded'],
  529: ['quota', 'overloaded'],
};

/** Statuses that say enough when the body is a page of a proxy; for other 4xx an unreadable body means that no vendor has spoken. */
const plainStatuses: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 408, 409, 410, 413, 425, 429, 498, 529]);

/**
 * Says what an answer that is not a success means.
 * @param nowMs Unix milliseconds.
 * @param codes What it is called outside its body, in lower case, for vendors who say so in a header.
 */
export const classifyAnswer = (
  answer: RefusedAnswer,
  nowMs: number,
  rules: readonly FailureRule[],
  codes: readonly string[] = [],
): Failure => {
  const said = parseVendorError(utf8Text(answer.body, 0, Math.min(answer.body.length, errorBytesMax)));
  const error = codes.length === 0 ? said : { ...(said ?? wordless), codes: [...codes, ...(said?.codes ?? [])] };
  // Anthropic sends Retry-After with status 200 too, where it means nothing.
  const waits = answer.status >= 400;
  const retryAfterMs = waits ? readRetryAfterMs(answer.headers, error?.retryDelay ?? null, nowMs) : null;
  return {
    ...judge(answer.status, error, rules),
    status: answer.status,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
    ...(headerText(answer.headers, 'x-should-retry') === 'false' ? { retrySameTarget: false } : {}),
  };
};

/**
 * Says what an error inside a stream, or inside an answer with status 200, means.
 * @param statusOfCode The status that the vendor's kind of error has outside a stream.
 */
export const classifyInBand = (
  error: VendorError,
  rules: readonly FailureRule[],
  statusOfCode: Readonly<Record<string, number>>,
): Failure => {
  const said = error.codes.filter((code) => Object.hasOwn(statusOfCode, code)).map((code) => statusOfCode[code])[0];
  const status = error.status ?? said ?? 500;
  const retryAfterMs = readRetryAfterMs({}, error.retryDelay, 0);
  return { ...judge(status, error, rules), status, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
};

/** A stream or an answer that cannot be read as what it should be. */
export const protocolFailure = (cause: string, message: string): Failure => ({
  class: 'protocol',
  cause,
  message: vendorWords(message),
});

const judge = (status: number, error: VendorError | null, rules: readonly FailureRule[]): Failure => {
  if (error === null) return judgeStatus(status);
  const rule = rules.find((row) => fits(row, status, error));
  const parameter = rule?.class === 'capability' ? parameterOf(error) : null;
  return {
    ...(rule === undefined ? judgeStatus(status, true) : { class: rule.class, cause: rule.cause }),
    ...(error.message === '' ? {} : { message: vendorWords(error.message) }),
    ...(parameter === null ? {} : { parameter }),
  };
};

const judgeStatus = (status: number, readable = false): Failure => {
  const known = statusClasses[status];
  if (known !== undefined && (readable || plainStatuses.has(status))) return { class: known[0], cause: known[1] };
  if (status >= 500) return { class: 'transient', cause: 'server_error' };
  if (status >= 400 && readable) return { class: 'client', cause: 'bad_request' };
  return { class: 'protocol', cause: status >= 300 && status < 400 ? 'redirect' : 'undecodable_answer' };
};

const fits = (rule: FailureRule, status: number, error: VendorError): boolean =>
  (rule.status === undefined || rule.status.includes(status)) &&
  (rule.code === undefined || error.codes.some((code) => rule.code?.test(code))) &&
  (rule.message === undefined || rule.message.test(error.message));

/** Ways in which vendors name a parameter in words, most exact first. */
const parameterPatterns: readonly RegExp[] = [
  /(?:parameter|argument supplied|value|field|property)s?:? ['"`]([\w.[\]-]+)['"`]/i,
  /argument supplied: ([\w.[\]-]+)/i,
  /['"`]([\w.[\]-]+)['"`] (?:is|are) (?:not supported|unsupported|not permitted)/i,
  /^([\w.[\]-]+): (?:extra inputs|unknown field|unexpected)/i,
  /\b(max_completion_tokens|max_tokens|stream_options)\b/i,
];

const parameterOf = (error: VendorError): string | null => {
  if (error.parameter !== null) return error.parameter;
  for (const pattern of parameterPatterns) {
    const name = pattern.exec(error.message)?.[1];
    if (name !== undefined) return name;
  }
  return null;
};

/** Things that look like credentials: vendors quote the key they refuse. */
const credentialPattern = /\b(?:(?:sk|pk|rk|xai|gsk|key|csk|pplx|org)[-_]|AIza|Bearer\s+)[\w*.+/=-]{4,}/g;

/** The vendor's words, short, on one line and without anything that looks like a key. */
export const vendorWords = (message: string): string =>
  message
    .replace(credentialPattern, '[redacted]')
    // oxlint-disable-next-line no-control-regex -- control characters are what must not reach a log.
    .replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ')
    .trim()
    .slice(0, messageLengthMax);
