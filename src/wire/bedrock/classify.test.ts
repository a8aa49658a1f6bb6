import { expect, it } from 'vitest';
import { utf8Bytes } from '../utf8.ts';
import { classify } from './classify.ts';

const refused = (status: number, type: string | null, body: object) =>
  classify(
    {
      status,
      headers: type === null ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/` },
      body: utf8Bytes(JSON.stringify(body)),
    },
    0,
  );

it.each([
  [400, 'ValidationException', 'Input is too long for requested model.', 'capability', 'context_length_exceeded'],
  [
    400,
    'ValidationException',
    'The model returned the following errors: prompt is too long: 250000 tokens > 200000 maximum',
    'capability',
    'context_length_exceeded',
  ],
  [
    400,
    'ValidationException',
    'Malformed input request: #: extraneous key [top_k] is not permitted, please reformat your input and try again.',
    'capability',
    'unsupported_parameter',
  ],
  [400, 'ValidationException', "This model doesn't support tool use.", 'capability', 'unsupported_value'],
  [
    400,
    'ValidationException',
    'The maximum tokens you requested exceeds the model limit of 8192.',
    'capability',
    'output_bound_too_large',
  ],
  [
    400,
    'ValidationException',
    'Invocation of model ID x with on-demand throughput isn’t supported.',
    'operator',
    'model_not_found',
  ],
  [400, 'ValidationException', 'Operation not allowed', 'operator', 'forbidden'],
  [
    400,
    'ValidationException',
    'You invoked an unsupported model or your request did not allow prompt caching.',
    'capability',
    'unsupported_value',
  ],
  [400, 'ValidationException', 'A conversation must start with a user message.', 'client', 'bad_request'],
  [400, 'ServiceQuotaExceededException', 'x', 'operator', 'insufficient_quota'],
  [
    403,
    'AccessDeniedException',
    'You don’t have access to the model with the specified model ID.',
    'operator',
    'model_not_found',
  ],
  [
    403,
    'AccessDeniedException',
    'Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided.',
    'operator',
    'insufficient_quota',
  ],
  [403, 'AccessDeniedException', 'User is not authorized to perform: bedrock:InvokeModel', 'operator', 'forbidden'],
  [403, 'InvalidSignatureException', 'x', 'operator', 'invalid_api_key'],
  [403, 'UnrecognizedClientException', 'x', 'operator', 'invalid_api_key'],
  [404, 'ResourceNotFoundException', 'x', 'operator', 'model_not_found'],
  [408, 'ModelTimeoutException', 'x', 'transient', 'upstream_timeout'],
  [424, 'ModelErrorException', 'x', 'transient', 'server_error'],
  [429, 'ThrottlingException', 'Too many tokens, please wait before trying again.', 'quota', 'rate_limited'],
  [429, 'ModelNotReadyException', 'x', 'transient', 'model_not_ready'],
  [500, 'InternalServerException', 'x', 'transient', 'server_error'],
  [503, 'ServiceUnavailableException', 'x', 'quota', 'overloaded'],
])('says what %i %s means: %s', (status, type, message, failureClass, cause) => {
  expect(refused(status, type, { message })).toEqual({ class: failureClass, cause, status, message });
});

it('finds the type in the body where no header has it, and words in either spelling', () => {
  const body = { __type: 'com.amazon.coral.service#ThrottlingException', Message: 'slow' };
  expect(refused(400, null, body)).toEqual({ class: 'quota', cause: 'rate_limited', status: 400, message: 'slow' });
  expect(refused(429, 'ThrottlingException', {})).toMatchObject({ class: 'quota', cause: 'rate_limited' });
});

it('knows a page of a proxy from the vendor', () => {
  const page = { status: 400, headers: {}, body: utf8Bytes('<html>') };
  expect(classify(page, 0)).toMatchObject({ class: 'protocol', cause: 'undecodable_answer' });
});
