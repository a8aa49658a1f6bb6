import { countIn, isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../json/JsonObject.ts';

/** What a vendor says about a failure, in whatever shape it was said. */
export interface VendorError {
  /** `error.type`, `error.code` and what stands in their place or says more, in lower case; the first is the most telling. */
  readonly codes: readonly string[];
  /** The parameter it names in a field of its own. */
  readonly parameter: string | null;
  readonly message: string;
  /** An HTTP status said in the body: what an error inside a stream has instead of a status line. */
  readonly status: number | null;
  /** What a Google RetryInfo asks to wait, as it is written ("34.4s"). */
  readonly retryDelay: string | null;
}

/** Longest message that is looked at, in characters: patterns run over it, and no vendor needs more to say what is wrong. */
const messageLengthMax = 4_096;

/**
 * Reads the error shapes seen in recordings: OpenAI and its kin `{error:{message,type,param,code}}`, Anthropic
 * `{type:"error",error:{type,message,details}}`, OpenRouter and Google with a number for `code` (Google also in a list), Azure
 * `{error:{innererror}}` and `{statusCode,message}`, vLLM and Mistral `{object:"error",message,type,code}`, FastAPI `{detail:[{loc,msg}]}`, which Mistral
 * puts into `message`.
 * @returns null where the value is none of them.
 */
export const readVendorError = (value: unknown): VendorError | null => {
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(body)) return null;
  const inner = body['error'];
  if (typeof inner === 'string')
    return {
      ...wordless,
      codes: codesOf(body),
      message: (textIn(body, 'message') ?? inner).slice(0, messageLengthMax),
    };
  const error = isJsonObject(inner) ? inner : body;
  const complaint = complaintOf(body) ?? complaintIn(error);
  const message =
    textIn(error, 'message') ??
    textIn(error, 'Message') ??
    textIn(objectIn(error, 'metadata'), 'raw') ??
    complaint?.message ??
    '';
  const codes = codesOf(error);
  if (message === '' && codes.length === 0) return null;
  return {
    codes,
    parameter: textIn(error, 'param') ?? complaint?.parameter ?? null,
    message: withUpstreamWords(message, error).slice(0, messageLengthMax),
    status: statusOf(error),
    retryDelay: retryDelayOf(error),
  };
};

/** The same of a text; null where it is no JSON. */
export const parseVendorError = (text: string): VendorError | null => readVendorError(parseJson(text));

/** An error that says nothing of itself. */
export const wordless: VendorError = { codes: [], parameter: null, message: '', status: null, retryDelay: null };

const codesOf = (error: JsonObject): string[] => {
  const codes = [
    textIn(objectIn(error, 'details'), 'error_code'),
    textIn(objectIn(error, 'innererror'), 'code'),
    ...reasonsOf(error),
    textIn(error, 'code'),
    textIn(error, 'type'),
    textIn(error, 'status'),
  ];
  return codes.filter((code) => code !== null).map((code) => code.toLowerCase());
};

/** Google's `ErrorInfo` says in a word what its few statuses leave open. */
const reasonsOf = (error: JsonObject): (string | null)[] =>
  listIn(error, 'details').map((detail) => (isJsonObject(detail) ? textIn(detail, 'reason') : null));

const statusOf = (error: JsonObject): number | null => {
  for (const name of ['status_code', 'statusCode', 'code', 'status']) {
    const status = countIn(error, name) ?? Number(textIn(error, name) ?? Number.NaN);
    if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  return null;
};

/** FastAPI's `detail`: a text, or a list of complaints with the place they are about. */
const complaintOf = (body: JsonObject): { message: string; parameter: string | null } | null => {
  const text = textIn(body, 'detail');
  if (text !== null) return { message: text, parameter: null };
  const first = listIn(body, 'detail')[0];
  if (!isJsonObject(first)) return null;
  const place = listIn(first, 'loc').filter((step) => step !== 'body');
  return {
    message: textIn(first, 'msg') ?? textIn(first, 'type') ?? '',
    parameter: place.length === 0 ? null : place.join('.'),
  };
};

/** Complaints that stand in the message, as an object or as JSON text of one (editor-code-assistant/eca#231, mistralai/platform-docs-public#7). */
const complaintIn = (error: JsonObject): ReturnType<typeof complaintOf> => {
  const { message } = error;
  const held =
    typeof message === 'string' && message.startsWith('{') ? parseJson(message.slice(0, messageLengthMax)) : message;
  return isJsonObject(held) ? complaintOf(held) : null;
};

/** OpenRouter hides the real words behind "Provider returned error". */
const withUpstreamWords = (message: string, error: JsonObject): string => {
  const raw = textIn(objectIn(error, 'metadata'), 'raw');
  return raw === null || raw === message ? message : `${message}: ${raw}`;
};

const retryDelayOf = (error: JsonObject): string | null => {
  for (const detail of listIn(error, 'details')) {
    if (isJsonObject(detail) && textIn(detail, '@type') === 'type.googleapis.com/google.rpc.RetryInfo') {
      return textIn(detail, 'retryDelay');
    }
  }
  return null;
};
