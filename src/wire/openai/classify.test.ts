import { describe, expect, it } from 'vitest';

import type { FailureClass } from '../../vocabulary/index.ts';
import { factsFor, recordedAnswer } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { openaiWire } from './openaiWire.ts';

const classify = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  openaiWire.classify(
    { status, headers, body: utf8Bytes(typeof body === 'string' ? body : JSON.stringify(body)) },
    1_800_000_000_000,
  );

const error = (message: string, more: object = {}) => ({ error: { message, ...more } });

describe('classify of the openai wire', () => {
  it.each<[string, number, FailureClass, string]>([
    ['openai/chat-404.json', 404, 'operator', 'model_not_found'],
    ['openai/embeddings-404.json', 404, 'operator', 'model_not_found'],
    ['openai/error-400-image.json', 400, 'client', 'bad_request'],
    ['openai/error-400-unsupported-role.json', 400, 'capability', 'unsupported_value'],
    ['openai/error-401-stream.json', 401, 'operator', 'invalid_api_key'],
    ['openai/error-401.json', 401, 'operator', 'invalid_api_key'],
    ['openai/error-404.json', 404, 'operator', 'model_not_found'],
    ['openai/openai-error.1.json', 429, 'operator', 'insufficient_quota'],
    ['openai/reasoning-model-legacy-parameter-error.json', 400, 'capability', 'unsupported_parameter'],
    ['openai/reasoning-model-temperature-error.json', 400, 'capability', 'unsupported_parameter'],
    ['azure/embeddings-401.2.json', 401, 'operator', 'unauthorized'],
    ['azure/prompt-filter.0.json', 400, 'content_policy', 'content_policy'],
    ['azure/reasoning-404.1.json', 404, 'operator', 'model_not_found'],
    ['groq/error-404.json', 404, 'operator', 'model_not_found'],
    ['groq/tool-use-failed-400.0.json', 400, 'capability', 'tool_use_failed'],
    ['openrouter/error-429.0.json', 429, 'quota', 'rate_limited'],
    // Gemini says "exceeded your current quota" of a limit a minute long, and how long to wait.
    ['google/google-429-retry-info.json', 429, 'quota', 'rate_limited'],
  ])('takes the recorded %s with %i for %s %s', (path, status, failureClass, cause) => {
    const answer = { ...recordedAnswer(`recordings/${path}`), status };
    expect(openaiWire.classify(answer, 0)).toMatchObject({ class: failureClass, cause, status });
  });

  it.each<[number, unknown, FailureClass, string]>([
    [
      400,
      error("Invalid 'temperature': decimal below minimum value.", { code: 'decimal_below_min_value' }),
      'client',
      'bad_request',
    ],
    [
      400,
      error("This model's maximum context length is 8192 tokens.", { code: 'context_length_exceeded' }),
      'capability',
      'context_length_exceeded',
    ],
    [
      400,
      {
        object: 'error',
        message: 'This model’s maximum context length is 4096 tokens',
        type: 'BadRequestError',
        code: 400,
      },
      'capability',
      'context_length_exceeded',
    ],
    [
      400,
      error('max_tokens is too large: 100000. This model supports at most 16384 completion tokens', {
        param: 'max_tokens',
      }),
      'capability',
      'output_bound_too_large',
    ],
    [
      400,
      error('Unrecognized request argument supplied: stream_options', { type: 'invalid_request_error' }),
      'capability',
      'unsupported_parameter',
    ],
    [400, error('This model does not support image input.'), 'capability', 'unsupported_content'],
    [404, error('No endpoints found that support image input', { code: 404 }), 'capability', 'unsupported_content'],
    [
      422,
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
      'capability',
      'unsupported_parameter',
    ],
    [
      422,
      {
        object: 'error',
        message: {
          detail: [
            { type: 'extra_forbidden', loc: ['body', 'max_completion_tokens'], msg: 'Extra inputs are not permitted' },
          ],
        },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      'capability',
      'unsupported_parameter',
    ],
    [
      422,
      {
        object: 'error',
        message:
          '{"detail":[{"type":"extra_forbidden","loc":["body","frequency_penalty"],"msg":"Extra inputs are not permitted"}]}',
        type: 'internal_error_proxy',
        code: '1000',
      },
      'capability',
      'unsupported_parameter',
    ],
    [
      422,
      { detail: [{ type: 'missing', loc: ['body', 'messages', 0, 'content'], msg: 'Field required' }] },
      'client',
      'bad_request',
    ],
    [
      400,
      error('Incorrect API key provided: xa***. You can obtain an API key from https://console.x.ai.'),
      'operator',
      'invalid_api_key',
    ],
    [
      400,
      [
        {
          error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT' },
        },
      ],
      'operator',
      'invalid_api_key',
    ],
    [402, error('Insufficient Balance', { code: 'invalid_request_error' }), 'operator', 'insufficient_quota'],
    [402, error('This request requires more credits'), 'operator', 'payment_required'],
    [
      403,
      error('Your input was flagged', { code: 403, metadata: { reasons: ['violence'] } }),
      'content_policy',
      'content_policy',
    ],
    [
      403,
      error('Country not supported', { code: 'unsupported_country_region_territory' }),
      'operator',
      'invalid_api_key',
    ],
    [
      400,
      error('Billing hard limit has been reached', { code: 'billing_hard_limit_reached' }),
      'operator',
      'insufficient_quota',
    ],
    [400, error('Invalid model: nope', { type: 'invalid_model' }), 'operator', 'model_not_found'],
    [
      413,
      error('Request too large for model on tokens per minute (TPM): Limit 6000, Requested 7000', {
        type: 'tokens',
        code: 'rate_limit_exceeded',
      }),
      'capability',
      'larger_than_rate_limit',
    ],
    [413, '<html>413 Request Entity Too Large</html>', 'client', 'body_too_large'],
    [429, error('Rate limit reached', { code: 'rate_limit_exceeded' }), 'quota', 'rate_limited'],
    [429, 'upstream says no', 'quota', 'rate_limited'],
    [498, error('flex tier capacity exceeded'), 'quota', 'overloaded'],
    [529, '', 'quota', 'overloaded'],
    [408, '', 'transient', 'upstream_timeout'],
    [409, '', 'transient', 'conflict'],
    [425, '', 'transient', 'too_early'],
    [500, error('The server had an error'), 'transient', 'server_error'],
    [502, '<html>Bad Gateway</html>', 'transient', 'server_error'],
    [503, error('Slow down', { type: 'server_error' }), 'transient', 'server_error'],
    [504, '', 'transient', 'server_error'],
    [401, '<html></html>', 'operator', 'unauthorized'],
    [404, '404 page not found', 'operator', 'not_found'],
    [400, '<html>Bad Request</html>', 'protocol', 'undecodable_answer'],
    [400, '', 'protocol', 'undecodable_answer'],
    [400, '{}', 'protocol', 'undecodable_answer'],
    [422, 'garbage', 'protocol', 'undecodable_answer'],
    [418, error('teapot'), 'client', 'bad_request'],
    [302, '', 'protocol', 'redirect'],
    [101, '', 'protocol', 'undecodable_answer'],
  ])('takes %i %j for %s %s', (status, body, failureClass, cause) => {
    expect(classify(status, body)).toMatchObject({ class: failureClass, cause, status });
  });

  it.each([
    [error('Unsupported parameter: x', { param: 'max_tokens', code: 'unsupported_parameter' }), 'max_tokens'],
    [error('Unrecognized request argument supplied: stream_options'), 'stream_options'],
    [error("Unsupported parameter: 'logprobs' is not supported with this model."), 'logprobs'],
    [error("'messages.0' : property 'reasoning' is unsupported"), 'reasoning'],
    [error('max_tokens is not supported, use something else'), 'max_tokens'],
    [
      { detail: [{ loc: ['body', 'stream_options', 'include_usage'], msg: 'Extra inputs are not permitted' }] },
      'stream_options.include_usage',
    ],
    [error('This model does not support that.'), undefined],
  ])('finds the parameter that %j is about', (body, parameter) => {
    expect(classify(400, body)).toMatchObject({ class: 'capability' });
    expect(classify(400, body).parameter).toBe(parameter);
  });

  it('keeps the vendor’s words short, on one line and without keys', () => {
    const words = `Incorrect API key provided: sk-proj-abc${'*'.repeat(20)}xyz.\nSee \u001b[31m${'x'.repeat(600)}`;
    const { message } = classify(401, error(words));
    expect(message).toHaveLength(500);
    expect(message).toMatch(/^Incorrect API key provided: \[redacted\] ?See/);
    expect(message).not.toMatch(/[\n\u001b]/);
  });

  it('gives no waits, parameters or words where there are none', () => {
    expect(classify(500, '')).toEqual({ class: 'transient', cause: 'server_error', status: 500 });
  });
});

describe('correction of the openai wire', () => {
  const facts = (more: object) => factsFor(openaiWire, 'generate', { model: 'm', messages: [], ...more });
  const refused = (parameter: string, cause = 'unsupported_parameter') => ({
    class: 'capability' as const,
    cause,
    parameter,
  });

  it('renames the output bound, to whichever name the target takes', () => {
    expect(openaiWire.correction(refused('max_tokens'), facts({ max_tokens: 5 }))).toEqual({
      rename: { max_tokens: 'max_completion_tokens' },
    });
    expect(openaiWire.correction(refused('max_completion_tokens'), facts({ max_completion_tokens: 5 }))).toEqual({
      rename: { max_completion_tokens: 'max_tokens' },
    });
  });

  it('renames a bound that the gateway set itself', () => {
    expect(openaiWire.correction(refused('max_completion_tokens'), facts({}))).toEqual({
      rename: { max_completion_tokens: 'max_tokens' },
    });
    expect(openaiWire.correction(refused('max_tokens'), facts({}))).toBeNull();
  });

  it.each(['messages[1].reasoning_content', 'messages[1].tool_calls[0].extra_content'])(
    'leaves out what earlier answers were thinking: %s',
    (parameter) => {
      expect(openaiWire.correction(refused(parameter), facts({}))).toEqual({ withoutThinking: true });
    },
  );

  it('drops hints that a target does not know at all', () => {
    expect(openaiWire.correction(refused('stream_options'), facts({}))).toEqual({ drop: ['stream_options'] });
  });

  it.each(['unsupported_parameter', 'unsupported_value'])(
    'leaves out the wish not to think where a target refuses it as an %s, and no other effort',
    (cause) => {
      const off = facts({ reasoning_effort: 'none' });
      expect(openaiWire.correction(refused('reasoning_effort', cause), off)).toEqual({ drop: ['reasoning_effort'] });
      expect(openaiWire.correction(refused('reasoning_effort', cause), facts({ reasoning_effort: 'high' }))).toBeNull();
      expect(openaiWire.correction(refused('reasoning_effort', cause), facts({}))).toBeNull();
    },
  );

  it('takes a part or a value of a hint for the mistake of the client that wrote it', () => {
    expect(openaiWire.correction(refused('stream_options.foo'), facts({}))).toBeNull();
    expect(openaiWire.correction(refused('prompt_cache_retention', 'unsupported_value'), facts({}))).toBeNull();
  });

  it('never drops what shapes the answer, nor corrects what is no matter of names', () => {
    for (const parameter of ['temperature', 'response_format', 'tools', 'messages[0].role', 'n']) {
      expect(openaiWire.correction(refused(parameter), facts({ temperature: 1 }))).toBeNull();
    }
    expect(openaiWire.correction(refused('max_tokens', 'output_bound_too_large'), facts({ max_tokens: 5 }))).toBeNull();
    expect(
      openaiWire.correction(
        { class: 'client', cause: 'bad_request', parameter: 'max_tokens' },
        facts({ max_tokens: 5 }),
      ),
    ).toBeNull();
    expect(openaiWire.correction({ class: 'capability', cause: 'unsupported_value' }, facts({}))).toBeNull();
  });

  it('makes a request that the recorded refusal no longer fits (case of reasoning models)', () => {
    const answer = { ...recordedAnswer('recordings/openai/reasoning-model-legacy-parameter-error.json'), status: 400 };
    const body = utf8Bytes('{"model":"m","max_tokens":100,"messages":[]}');
    const read = openaiWire.readRequest(body, 'generate');
    if (!read.ok) throw new Error(read.fault.message);
    const correction = openaiWire.correction(openaiWire.classify(answer, 0), read.value);
    const edited = openaiWire.editRequest(body, read.value, { model: 'm', askUsage: true, ...correction });
    expect(Buffer.from(edited.body).toString()).toBe('{"model":"m","max_completion_tokens":100,"messages":[]}');
  });
});
