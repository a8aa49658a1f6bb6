import { utf8Bytes } from '../utf8.ts';
import type { ClientError } from '../wire.ts';

/** Words of `google.rpc.Code` by status; other 4xx are `INVALID_ARGUMENT`, other 5xx `INTERNAL`. An exhausted budget is an exhausted resource. */
const wordOfStatus: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
  529: 'UNAVAILABLE',
};

/** When to come back, where this vendor says it: in whole seconds here, as in the `Retry-After` beside it. */
const retryInfo = (retryAfterMs: number) => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay: `${Math.ceil(retryAfterMs / 1_000)}s`,
});

/** Our own code stands where the vendor's services put theirs: in an `ErrorInfo`, whose reasons are in capitals. */
const textOf = ({ code, status, message, requestId, parameter, retryAfterMs = 0 }: ClientError): string =>
  JSON.stringify({
    error: {
      code: status,
      message,
      status: wordOfStatus[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'),
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: code.toUpperCase(),
          domain: 'archipel',
          metadata: { requestId, ...(parameter === undefined ? {} : { parameter }) },
        },
        ...(retryAfterMs > 0 ? [retryInfo(retryAfterMs)] : []),
      ],
    },
  });

/** `{"error":{code,message,status,details}}`, as in test/fixtures/recordings/google/error-404.json. */
export const errorBody = (error: ClientError): Uint8Array => utf8Bytes(textOf(error));

/** The same as an event: the SDK raises on it (@google/genai 3.3.0, `throwIfStreamErrorChunk`). */
export const streamError = (error: ClientError): Uint8Array => utf8Bytes(`data: ${textOf(error)}\n\n`);
