import { utf8Bytes } from '../utf8.ts';
import type { ClientError } from '../wire.ts';

/** Types of errors by status (docs.claude.com/en/api/errors); other 4xx are `invalid_request_error`, other 5xx `api_error`. */
const typeOfStatus: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

const typeOf = ({ code, status }: ClientError): string => {
  if (code === 'overloaded') return 'overloaded_error';
  return typeOfStatus[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
};

/** A conversation whose vendor is out is told as the vendor tells of one that it no longer has. */
export const errorStatuses: Readonly<Record<string, number>> = { state_target_gone: 404 };

/**
 * A conversation that was to be kept at the vendor: the SDK's tool runner reads these details and goes on by sending the whole conversation, as a thread
 * again where its thread is gone (@anthropic-ai/sdk 1.14.0, `ThreadUnsupportedRequestErrorDetails`, `ThreadNotFoundErrorDetails`).
 */
const detailsOf = ({ code, parameter }: ClientError): object => {
  if (parameter !== 'thread') return {};
  if (code === 'unsupported_feature')
    return { details: { error_code: 'thread_unsupported_request', unsupported: [parameter] } };
  return code === 'state_target_gone' ? { details: { error_code: 'thread_not_found' } } : {};
};

/** `{"type":"error","error":{type,message},"request_id"}`, as in test/fixtures/recordings/anthropic/error-404.json. */
export const errorBody = (error: ClientError): Uint8Array =>
  utf8Bytes(
    JSON.stringify({
      type: 'error',
      error: { type: typeOf(error), message: error.message, ...detailsOf(error) },
      request_id: error.requestId,
    }),
  );

/** The same as an event. Our code stands in it too, since a stream has no header left to say it. No `message_stop` follows. */
export const streamError = (error: ClientError): Uint8Array => {
  const body = JSON.stringify({
    type: 'error',
    error: { type: typeOf(error), message: error.message, code: error.code },
    request_id: error.requestId,
  });
  return utf8Bytes(`event: error\ndata: ${body}\n\n`);
};
