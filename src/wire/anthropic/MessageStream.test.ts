import { describe, expect, it } from 'vitest';

import { eventsIn, factsFor, fixtureBytes, observeAll, type ObservedStream } from '../recordings.fixture.ts';
import { anthropicWire } from './anthropicWire.ts';

const facts = factsFor(anthropicWire, 'generate', { model: 'm', max_tokens: 9, messages: [], stream: true });

const observeText = (text: string): ObservedStream => observeAll(anthropicWire, facts, eventsIn(Buffer.from(text)));
const observeCase = (name: string): ObservedStream =>
  observeAll(anthropicWire, facts, eventsIn(fixtureBytes(`cases/${name}`)));

const event = (body: { type: string }): string => `event: ${body.type}\ndata: ${JSON.stringify(body)}\n\n`;
const start = (id: string, usage: object = { input_tokens: 5, output_tokens: 1 }): string =>
  event({ type: 'message_start', message: { id, usage } } as { type: string });
const open = (block: object): string =>
  event({ type: 'content_block_start', index: 0, content_block: block } as { type: string });
const write = (delta: object): string => event({ type: 'content_block_delta', index: 0, delta } as { type: string });
const close = (usage: object = { output_tokens: 7 }): string =>
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage } as { type: string });
const stop = event({ type: 'message_stop' });

describe('MessageStream', () => {
  it.each([
    ['the start', start('a')],
    ['a ping', event({ type: 'ping' })],
    ['a comment', ': hi\n\n'],
    ['an empty text block', open({ type: 'text', text: '' })],
    ['an empty thinking block', open({ type: 'thinking', thinking: '', signature: '' })],
    ['a vendor’s own fallback', open({ type: 'fallback', from: {}, to: {} })],
    ['an empty delta', write({ type: 'text_delta', text: '' })],
    ['empty arguments', write({ type: 'input_json_delta', partial_json: '' })],
    ['the end of a block', event({ type: 'content_block_stop' })],
    ['an event of the future', event({ type: 'message_tea_break' })],
    ['a stray [DONE]', 'data: [DONE]\n\n'],
  ])('takes %s for preamble', (_, text) => {
    expect(observeText(text).steps).toEqual([{ kind: 'preamble', hide: false }]);
  });

  it.each([
    ['a text', write({ type: 'text_delta', text: 'é' }), 2],
    ['thinking', write({ type: 'thinking_delta', thinking: 'hm' }), 2],
    ['arguments', write({ type: 'input_json_delta', partial_json: '{"a' }), 3],
    ['a signature', write({ type: 'signature_delta', signature: 'abc' }), 0],
    ['a citation', write({ type: 'citations_delta', citation: {} }), 0],
    ['a text block that is not empty', open({ type: 'text', text: 'a' }), 1],
    ['a tool call', open({ type: 'tool_use', id: 't', name: 'f', input: {} }), 0],
    ['a tool call of the vendor', open({ type: 'server_tool_use', id: 't', name: 'web_search', input: {} }), 0],
    ['redacted thinking', open({ type: 'redacted_thinking', data: 'x' }), 0],
    ['a block of the future', open({ type: 'hologram' }), 0],
  ])('takes %s for content and counts its bytes', (_, text, bytes) => {
    const { steps, end } = observeText(text);
    expect(steps).toEqual([{ kind: 'content', hide: false }]);
    expect(end.outputBytes).toBe(bytes);
  });

  it('is whole with message_stop after a start, and with nothing less', () => {
    const text = start('a') + open({ type: 'text', text: '' }) + write({ type: 'text_delta', text: 'a' }) + close();
    expect(observeText(text).end.complete).toBe(false);
    expect(observeText(text + stop).end).toMatchObject({
      usage: { input: 5, output: 7, requests: 1 },
      complete: true,
      outputBytes: 1,
      answerId: 'a',
    });
    expect(observeText(text + stop).steps.slice(-2)).toEqual([
      { kind: 'closing', hide: false },
      { kind: 'terminal', hide: false },
    ]);
    expect(observeText(stop).end.complete).toBe(false);
  });

  it('fails at any second start, of this message or of another', () => {
    expect(observeText(start('a') + start('b')).steps[1]?.kind).toBe('failure');
    expect(observeText(start('a') + open({ type: 'text', text: '' }) + start('a')).steps[2]?.kind).toBe('failure');
    expect(observeText(start('a') + start('a')).steps[1]?.kind).toBe('failure');
  });

  it.each([
    ['overloaded_error', 'quota', 'overloaded', 529],
    ['rate_limit_error', 'quota', 'rate_limited', 429],
    ['api_error', 'transient', 'server_error', 500],
    ['timeout_error', 'transient', 'server_error', 504],
    ['authentication_error', 'operator', 'invalid_api_key', 401],
    ['permission_error', 'operator', 'forbidden', 403],
    ['billing_error', 'operator', 'insufficient_quota', 402],
    ['invalid_request_error', 'client', 'bad_request', 400],
    ['error_of_the_future', 'transient', 'server_error', 500],
  ])('fails on an event with %s', (type, failureClass, cause, status) => {
    const text = event({ type: 'error', error: { type, message: 'words' } } as { type: string });
    const { steps, end } = observeText(start('a') + text + stop);
    expect(steps[1]).toEqual({
      kind: 'failure',
      hide: false,
      failure: { class: failureClass, cause, status, message: 'words' },
    });
    expect(end.complete).toBe(false);
  });

  it.each(['data: {"type":"ping"\n\n', 'data: <html>\n\n', 'data: []\n\n'])('fails on %j', (text) => {
    expect(observeText(text).steps[0]).toMatchObject({
      kind: 'failure',
      failure: { class: 'protocol', cause: 'undecodable_event' },
    });
  });

  it('keeps what was told before an error, and commits only to what was said (case 07)', () => {
    const after = observeCase('07-anthropic-midstream-error.upstream.sse');
    expect(after.steps.map(({ kind }) => kind)).toEqual(['preamble', 'preamble', 'content', 'failure']);
    expect(after.steps[3]?.failure).toMatchObject({ class: 'quota', cause: 'overloaded', status: 529 });
    expect(after.end).toMatchObject({
      usage: { input: 25, output: 1, requests: 1 },
      complete: false,
      outputBytes: 'Partial ans'.length,
      answerId: expect.stringContaining('msg_'),
    });
    const before = observeCase('07-anthropic-midstream-error.upstream-before-content.sse');
    expect(before.steps.map(({ kind }) => kind)).toEqual(['preamble', 'failure']);
  });

  it.each([
    ['a', { input: 4522, cacheWrite5m: 4511, output: 5, requests: 1 }],
    ['b', { input: 15, cacheRead: 7, output: 5, requests: 1 }],
    ['c', { input: 2, cacheRead: 58352, output: 408, requests: 1 }],
    ['d', { input: 130, output: 9, requests: 1 }],
  ])('replaces usage field by field, stream %s (case 15)', (variant, usage) => {
    const { end } = observeCase(`15-message-delta-usage-merge.upstream-${variant}.sse`);
    expect(end).toMatchObject({ usage, complete: true });
  });

  it('splits cache writes by their lifetime', () => {
    const split = (fiveMinutes: number, oneHour: number, total: number) => ({
      cache_creation_input_tokens: total,
      cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: oneHour },
    });
    const usageOf = (first: object, later: object = {}) =>
      observeText(start('a', { input_tokens: 1, ...first }) + close(later)).end.usage;
    expect(usageOf(split(3, 4, 7))).toEqual({ input: 1, cacheWrite5m: 3, cacheWrite1h: 4, requests: 1 });
    expect(usageOf(split(0, 4, 4), { cache_creation_input_tokens: 9 })).toEqual({
      input: 1,
      cacheWrite1h: 9,
      requests: 1,
    });
    expect(usageOf(split(3, 4, 7), { cache_creation_input_tokens: 9 })).toEqual({
      input: 1,
      cacheWrite5m: 5,
      cacheWrite1h: 4,
      requests: 1,
    });
    expect(usageOf(split(3, 4, 7), { cache_creation_input_tokens: 2 })).toEqual({
      input: 1,
      cacheWrite1h: 2,
      requests: 1,
    });
    expect(usageOf(split(3, 4, 7), { cache_creation_input_tokens: 0 })).toEqual({ input: 1, requests: 1 });
    expect(usageOf({ cache_creation: { ephemeral_5m_input_tokens: 6 } })).toEqual({
      input: 1,
      cacheWrite5m: 6,
      requests: 1,
    });
  });

  it('takes null and nonsense in usage for nothing said', () => {
    const later = { input_tokens: null, cache_read_input_tokens: null, output_tokens: -3, output_tokens_details: null };
    expect(
      observeText(start('a', { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 }) + close(later)).end
        .usage,
    ).toEqual({
      input: 5,
      cacheRead: 2,
      output: 1,
      requests: 1,
    });
    expect(observeText(start('a', {})).end.usage).toBeNull();
  });

  it('never splits more thinking off the output than there is', () => {
    const usage = { output_tokens: 4, output_tokens_details: { thinking_tokens: 9 } };
    expect(observeText(start('a') + close(usage)).end.usage).toEqual({ input: 5, reasoning: 4, requests: 1 });
  });
});
