import { utf8Bytes } from '../utf8.ts';
import type { ClientError } from '../wire.ts';

/** OpenAI's words for kinds of errors, as its own answers say them; other 4xx are `invalid_request_error`. */
const typeOfStatus: Readonly<Record<number, string>> = {
  402: 'insufficient_quota',
  403: 'permission_error',
  408: 'timeout_error',
  429: 'rate_limit_error',
};

const typeOf = ({ code, status }: ClientError): string => {
  if (code === 'upstream_truncated') return code;
  return typeOfStatus[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
};

const textOf = (error: ClientError): string =>
  JSON.stringify({
    error: { message: error.message, type: typeOf(error), param: error.parameter ?? null, code: error.code },
  });

/** `{"error":{message,type,param,code}}`, as in test/fixtures/recordings/openai/error-401.json. */
export const errorBody = (error: ClientError): Uint8Array => utf8Bytes(textOf(error));

/** The same inside a stream. No `[DONE]` follows: the official SDKs raise on the error and take `[DONE]` for success. */
export const streamError = (error: ClientError): Uint8Array => utf8Bytes(`data: ${textOf(error)}\n\n`);
