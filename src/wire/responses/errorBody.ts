import { errorBody as chatErrorBody } from '../openai/errorBody.ts';
import { isJsonObject, objectIn, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import type { ClientError } from '../wire.ts';

/** The words that clients of this wire know for codes of ours. */
const vendorCodes: Readonly<Record<string, string>> = {
  budget_exhausted: 'insufficient_quota',
  state_target_gone: 'previous_response_not_found',
};

/**
 * The statuses that go with them. A budget that is spent is a 402 elsewhere; here only 429 with this code stops those who would otherwise try again and
 * again. An answer that nobody holds any more is refused as the vendor itself does.
 */
export const errorStatuses: Readonly<Record<string, number>> = { budget_exhausted: 429, state_target_gone: 400 };

/** `{"error":{message,type,param,code}}`, as in test/fixtures/recordings/responses/responses-401.json. */
export const errorBody = (error: ClientError): Uint8Array => utf8Bytes(JSON.stringify({ error: membersOf(error) }));

const membersOf = (error: ClientError): JsonObject => {
  const body = parseJson(utf8Text(chatErrorBody(error)));
  const members = (isJsonObject(body) ? objectIn(body, 'error') : null) ?? {};
  const code = Object.hasOwn(vendorCodes, error.code) ? vendorCodes[error.code] : undefined;
  if (code === undefined) return members;
  return { ...members, ...(error.code === 'budget_exhausted' ? { type: code } : {}), code };
};

/**
 * The same inside a stream: one event that all understand. Codex goes by `response.failed` and the error in its response, and passes over `error` events;
 * the official SDKs raise on any event with `error` at its top, and hand a plain `response.failed` on like any other. No event follows.
 */
export const streamError = (error: ClientError): Uint8Array => {
  const members = membersOf(error);
  const { code, message } = members;
  const response = {
    id: `resp_${error.requestId}`,
    object: 'response',
    status: 'failed',
    output: [],
    error: { code, message },
  };
  const body = { type: 'response.failed', sequence_number: 0, response, error: members };
  return utf8Bytes(`event: response.failed\ndata: ${JSON.stringify(body)}\n\n`);
};
