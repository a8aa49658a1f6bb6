import { describe, expect, it } from 'vitest';
import { hasFeature, needed } from '../../vocabulary/index.ts';

import type { FailureClass } from '../../vocabulary/index.ts';
import { isJsonObject, listIn, objectIn, textIn } from '../json/JsonObject.ts';
import { eventsIn, factsFor, fixtureJson, recordedAnswer } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import type { RequestFacts } from '../wire.ts';
import { anthropicWire } from './anthropicWire.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const body = (more: object = {}): Uint8Array =>
  utf8Bytes(JSON.stringify({ model: 'm', max_tokens: 9, messages: [], ...more }));
const factsOf = (more: object): RequestFacts =>
  factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], ...more });
const part = (...content: object[]) => ({ messages: [{ role: 'user', content }] });

describe('readRequest of the anthropic wire', () => {
  it('reads what a request asks', () => {
    expect(anthropicWire.readRequest(body({ stream: true }), 'generate')).toEqual({
      ok: true,
      value: {
        model: 'm',
        stream: true,
        usageAsked: true,
        outputBoundTokens: 9,
        choices: 1,
        inputBoundTokens: body({ stream: true }).length + 1_024,
        inputEstimateTokens: Math.ceil(body({ stream: true }).length / 4),
        requirements: {
          operation: 'generate',
          features: needed(true, 'stream'),
          parameters: ['model', 'max_tokens', 'messages', 'stream'],
        },
        members: expect.any(Array),
      },
    });
  });

  it('requires max_tokens of an answer, and nothing of a count', () => {
    const bare = utf8Bytes('{"model":"m","messages":[]}');
    expect(anthropicWire.readRequest(bare, 'generate')).toMatchObject({
      ok: false,
      fault: { code: 'bad_request', parameter: 'max_tokens' },
    });
    expect(anthropicWire.readRequest(bare, 'countTokens')).toMatchObject({
      ok: true,
      value: { outputBoundTokens: 0, stream: false },
    });
  });

  it('takes max_tokens 0, which fills the cache and answers nothing', () => {
    expect(factsOf({ max_tokens: 0 }).outputBoundTokens).toBe(0);
  });

  it.each([
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: 1.5 }, 'max_tokens'],
    [{ max_tokens: 10_000_001 }, 'max_tokens'],
    [{ max_tokens: '9' }, 'max_tokens'],
    [{ stream: 'yes' }, 'stream'],
    [{ messages: {} }, 'messages'],
    [{ model: 1 }, 'model'],
  ])('refuses %j', (more, parameter) => {
    expect(anthropicWire.readRequest(body(more), 'generate')).toMatchObject({
      ok: false,
      fault: { code: 'bad_request', parameter },
    });
  });

  it('sees tools, images and structured output', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    expect(hasFeature(factsOf({ tools: [{ name: 'f' }] }).requirements.features, 'tools')).toBe(true);
    expect(hasFeature(factsOf(part(image)).requirements.features, 'images')).toBe(true);
    expect(
      hasFeature(
        factsOf({ output_config: { format: { type: 'json_schema' } } }).requirements.features,
        'structuredOutput',
      ),
    ).toBe(true);
    expect(
      hasFeature(factsOf({ output_format: { type: 'json_schema' } }).requirements.features, 'structuredOutput'),
    ).toBe(true);
    expect(hasFeature(factsOf({ output_config: { effort: 'low' } }).requirements.features, 'structuredOutput')).toBe(
      false,
    );
    expect(factsOf(part(image)).inputBoundTokens).not.toBeNull();
  });

  it.each([
    ['an image by address', part({ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } })],
    ['a stored file', part({ type: 'document', source: { type: 'file', file_id: 'f' } })],
    ['a thread', { thread: { type: 'continue', previous_message_id: 'x' } }],
    ['a container', { container: 'c' }],
    ['servers of tools', { mcp_servers: [{ type: 'url', url: 'https://a' }] }],
    ['web search', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['compaction', { context_management: { edits: [{ type: 'compact_20260112' }] } }],
  ])('does not bound the input of a request with %s', (_, more) => {
    expect(factsOf(more).inputBoundTokens).toBeNull();
  });

  it.each([
    [
      'an address in the input of a tool',
      part({ type: 'tool_use', id: 't', name: 'fetch', input: { url: 'https://example.com' } }),
    ],
    ['context editing', { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } }],
    ['a document in the body', part({ type: 'document', source: { type: 'text', data: 'x' } })],
  ])('bounds the input of a request with %s by its bytes', (_, more) => {
    expect(factsOf(more).inputBoundTokens).toBe(body(more).length + 1_024);
  });
});

describe('editRequest of the anthropic wire', () => {
  it('edits the model and corrections, and nothing of usage or bounds', () => {
    const bytes = utf8Bytes('{"model":"m", "max_tokens":9,"metadata":{"user_id":"u"},"messages":[],"stream":true}');
    const read = anthropicWire.readRequest(bytes, 'generate');
    if (!read.ok) throw new Error(read.fault.message);
    const edits = { model: 'claude', askUsage: true, outputBoundTokens: 5, drop: ['metadata'] };
    const edited = anthropicWire.editRequest(bytes, read.value, edits);
    expect(text(edited.body)).toBe('{"model":"claude", "max_tokens":9,"messages":[],"stream":true}');
    expect(edited.named).toEqual(['model', '-metadata']);
  });

  it('leaves thinking of others out of what clients send, and does not look for it in what was written here', () => {
    const content = [{ type: 'thinking', thinking: 'from another', signature: '' }];
    const messages = [{ role: 'assistant', content }];
    const bytes = utf8Bytes(JSON.stringify({ model: 'm', max_tokens: 9, messages }));
    const read = anthropicWire.readRequest(bytes, 'generate');
    if (!read.ok) throw new Error(read.fault.message);
    const edits = { model: 'm', askUsage: false };
    const namedBy = (more: object) => anthropicWire.editRequest(bytes, read.value, { ...edits, ...more }).named;
    expect(namedBy({})).toEqual(['-thinking']);
    expect(namedBy({ translated: true })).toEqual([]);
    // A target that has refused what it was sent gets none.
    expect(namedBy({ translated: true, withoutThinking: true })).toEqual(['-thinking']);
  });
});

describe('classify of the anthropic wire', () => {
  const classify = (status: number, answer: unknown) =>
    anthropicWire.classify(
      { status, headers: {}, body: utf8Bytes(typeof answer === 'string' ? answer : JSON.stringify(answer)) },
      0,
    );
  const error = (type: string, message: string, details?: object) => ({
    type: 'error',
    error: { type, message, details },
  });

  it.each<[string, FailureClass, string, boolean?]>([
    ['count-tokens-404.json', 'operator', 'model_not_found'],
    ['error-400-messages.json', 'client', 'bad_request', false],
    ['error-400.json', 'capability', 'unsupported_value'],
    ['error-401.json', 'operator', 'invalid_api_key', false],
    ['error-404.json', 'operator', 'model_not_found'],
    ['from-issue-429-token-limit.json', 'quota', 'rate_limited'],
    ['from-issue-429-requests-no-retry-after.json', 'quota', 'rate_limited'],
    ['from-issue-529.json', 'quota', 'overloaded'],
  ])('takes the recorded %s for %s %s', (name, failureClass, cause, retrySameTarget) => {
    const failure = anthropicWire.classify(recordedAnswer(`recordings/anthropic/${name}`), Date.UTC(2026, 0));
    expect(failure).toMatchObject({ class: failureClass, cause });
    expect(failure.retrySameTarget).toBe(retrySameTarget);
  });

  it.each<[number, unknown, FailureClass, string]>([
    [
      400,
      error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
      'operator',
      'insufficient_quota',
    ],
    [
      400,
      error('invalid_request_error', 'You have reached your specified API usage limits.'),
      'operator',
      'insufficient_quota',
    ],
    [400, error('invalid_request_error', 'This organization has been disabled.'), 'operator', 'insufficient_quota'],
    [
      429,
      error('rate_limit_error', 'x', { error_code: 'enforced_spend_limit_reached' }),
      'operator',
      'insufficient_quota',
    ],
    [429, error('rate_limit_error', 'x', { error_code: 'ramp_limit_exceeded' }), 'quota', 'rate_limited'],
    [402, error('billing_error', 'x'), 'operator', 'insufficient_quota'],
    [403, error('permission_error', 'x'), 'operator', 'forbidden'],
    [404, error('not_found_error', 'gone', { error_code: 'thread_not_found' }), 'client', 'thread_unavailable'],
    [404, error('not_found_error', 'Not found'), 'operator', 'not_found'],
    [
      400,
      error('invalid_request_error', 'prompt is too long: 205000 tokens > 200000 maximum'),
      'capability',
      'context_length_exceeded',
    ],
    [
      400,
      error('invalid_request_error', 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'),
      'capability',
      'context_length_exceeded',
    ],
    [
      400,
      error('invalid_request_error', 'max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens'),
      'capability',
      'output_bound_too_large',
    ],
    [
      400,
      error('invalid_request_error', 'context_management: Extra inputs are not permitted'),
      'capability',
      'unsupported_parameter',
    ],
    [
      400,
      error('invalid_request_error', 'Output blocked by content filtering policy'),
      'content_policy',
      'content_policy',
    ],
    [413, error('request_too_large', 'x'), 'client', 'body_too_large'],
    [413, '<html></html>', 'client', 'body_too_large'],
    [500, error('api_error', 'x'), 'transient', 'server_error'],
    [504, error('timeout_error', 'x'), 'transient', 'server_error'],
    [400, '<html></html>', 'protocol', 'undecodable_answer'],
  ])('takes %i %j for %s %s', (status, answer, failureClass, cause) => {
    expect(classify(status, answer)).toMatchObject({ class: failureClass, cause, status });
  });

  it.each([
    'messages.1.content.0: Invalid `signature` in `thinking` block',
    'messages.3.content.0: Invalid `signature` in `redacted_thinking` block. The block is bound to a different conversation.',
    'messages.5.content.2: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.',
  ])('leaves thinking out whose signature is refused, of that request alone: %s', (message) => {
    const refused = classify(400, error('invalid_request_error', message));
    expect(refused).toMatchObject({ class: 'capability', cause: 'foreign_reasoning' });
    expect(anthropicWire.correction(refused, factsOf({}))).toEqual({ withoutThinking: true, once: true });
  });

  it('corrects by leaving out a hint, and nothing that shapes the answer', () => {
    const refused = classify(400, error('invalid_request_error', 'metadata: Extra inputs are not permitted'));
    expect(refused).toMatchObject({ class: 'capability', parameter: 'metadata' });
    expect(anthropicWire.correction(refused, factsOf({}))).toEqual({ drop: ['metadata'] });
    const part = classify(400, error('invalid_request_error', 'metadata.foo: Extra inputs are not permitted'));
    expect(part).toMatchObject({ class: 'capability', parameter: 'metadata.foo' });
    expect(anthropicWire.correction(part, factsOf({}))).toBeNull();
    const other = classify(400, error('invalid_request_error', 'context_management: Extra inputs are not permitted'));
    expect(other).toMatchObject({ parameter: 'context_management' });
    expect(anthropicWire.correction(other, factsOf({}))).toBeNull();
  });
});

describe('anthropicWire', () => {
  it.each([
    [400, 'bad_request', 'invalid_request_error'],
    [401, 'invalid_key', 'authentication_error'],
    [402, 'budget_exhausted', 'billing_error'],
    [403, 'key_forbidden_model', 'permission_error'],
    [404, 'unknown_model', 'not_found_error'],
    [413, 'body_too_large', 'request_too_large'],
    [415, 'wrong_content_type', 'invalid_request_error'],
    [429, 'rate_limited', 'rate_limit_error'],
    [502, 'all_targets_failed', 'api_error'],
    [503, 'overloaded', 'overloaded_error'],
    [503, 'no_eligible_target', 'api_error'],
    [504, 'deadline_exceeded', 'timeout_error'],
  ])('gives %i %s the type %s, in the shape of recorded errors', (status, code, type) => {
    const ours: unknown = JSON.parse(text(anthropicWire.errorBody({ code, status, message: 'm', requestId: 'r' })));
    expect(ours).toEqual({ type: 'error', error: { type, message: 'm' }, request_id: 'r' });
    const recorded: unknown = JSON.parse(text(recordedAnswer('recordings/anthropic/error-404.json').body));
    expect(Object.keys(isJsonObject(ours) ? ours : {}).toSorted()).toEqual(
      Object.keys(isJsonObject(recorded) ? recorded : {}).toSorted(),
    );
  });

  it('says an error inside a stream as an error event with our code', () => {
    const events = eventsIn(
      anthropicWire.streamError({ code: 'upstream_truncated', status: 502, message: 'cut\n\nx', requestId: 'r' }),
    );
    expect(events.map(({ event }) => event)).toEqual(['error']);
    expect(JSON.parse(events[0]?.data ?? '')).toEqual({
      type: 'error',
      error: { type: 'api_error', message: 'cut\n\nx', code: 'upstream_truncated' },
      request_id: 'r',
    });
  });

  it('keeps streams alive with the vendor’s own ping', () => {
    expect(eventsIn(anthropicWire.ping)).toMatchObject([{ event: 'ping', data: '{"type": "ping"}' }]);
  });

  it('lists models in its shape', () => {
    const models = [
      { id: 'a', createdAtS: 1_700_000_000, ownedBy: 'o' },
      { id: 'b', createdAtS: 0, ownedBy: 'o' },
    ];
    expect(JSON.parse(text(anthropicWire.listModels(models)))).toEqual({
      data: [
        { type: 'model', id: 'a', display_name: 'a', created_at: '2023-11-14T22:13:20.000Z' },
        { type: 'model', id: 'b', display_name: 'b', created_at: '1970-01-01T00:00:00.000Z' },
      ],
      has_more: false,
      first_id: 'a',
      last_id: 'b',
    });
    expect(JSON.parse(text(anthropicWire.listModels([])))).toEqual({
      data: [],
      has_more: false,
      first_id: null,
      last_id: null,
    });
  });

  it('reads a count of tokens, which has no usage', () => {
    expect(anthropicWire.readAnswer('countTokens', utf8Bytes('{"input_tokens":14}'))).toEqual({
      ok: true,
      value: { usage: null, outputBytes: 0 },
    });
  });

  it.each([
    ['generate', 'nope', 'undecodable_answer'],
    ['generate', '{"input_tokens":14}', 'not_an_answer'],
    ['countTokens', '{"type":"message","content":[]}', 'not_an_answer'],
  ] as const)('does not take for an answer to %s: %s', (operation, answer, cause) => {
    expect(anthropicWire.readAnswer(operation, utf8Bytes(answer))).toMatchObject({
      ok: false,
      fault: { class: 'protocol', cause },
    });
  });

  it('finds an error in an answer with status 200', () => {
    const answer = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
    expect(anthropicWire.readAnswer('generate', utf8Bytes(answer))).toMatchObject({
      ok: false,
      fault: { class: 'quota', status: 529 },
    });
  });

  it('charges cache tokens once (case 33)', () => {
    const cases = objectIn({ file: fixtureJson('cases/33-cache-tokens-billed-twice.usages.json') }, 'file');
    const one = listIn(cases, 'cases').find((entry) => isJsonObject(entry) && textIn(entry, 'vendor') === 'anthropic');
    const usage = isJsonObject(one) ? objectIn(one, 'usage') : null;
    expect(
      anthropicWire.readAnswer('generate', utf8Bytes(JSON.stringify({ type: 'message', content: [], usage }))),
    ).toMatchObject({
      ok: true,
      value: { usage: { input: 3, cacheWrite5m: 12304, output: 550, requests: 1 } },
    });
  });
});
