import { describe, expect, it } from 'vitest';

import { fixtureBytes, eventsIn, factsFor, observeAll, type ObservedStream } from '../recordings.fixture.ts';
import type { RequestFacts } from '../wire.ts';
import { openaiWire } from './openaiWire.ts';

const request = { model: 'm', messages: [], stream: true };
const unasked = factsFor(openaiWire, 'generate', request);
const asked = factsFor(openaiWire, 'generate', { ...request, stream_options: { include_usage: true } });

const observeText = (text: string, facts: RequestFacts = unasked): ObservedStream =>
  observeAll(openaiWire, facts, eventsIn(Buffer.from(text)));

const observeCase = (name: string): ObservedStream =>
  observeAll(openaiWire, unasked, eventsIn(fixtureBytes(`cases/${name}`)));

const frame = (payload: unknown): string => `data: ${JSON.stringify(payload)}\n\n`;
const chunk = (delta: unknown, finish: string | null = null, index = 0): string =>
  frame({ object: 'chat.completion.chunk', choices: [{ index, delta, finish_reason: finish }] });
const usageChunk = frame({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const done = 'data: [DONE]\n\n';

const kindOf = (text: string): string | undefined => observeText(text).steps[0]?.kind;

describe('ChatStream', () => {
  it.each([
    ['a comment', ': OPENROUTER PROCESSING\n\n'],
    ['a role', chunk({ role: 'assistant' })],
    ['an empty text', chunk({ role: 'assistant', content: '' })],
    [
      'a null text with empty lists',
      chunk({ content: null, tool_calls: [], reasoning_details: [], annotations: [], refusal: null }),
    ],
    ['an empty list of parts', chunk({ content: [] })],
    ['a part with an empty text', chunk({ content: [{ type: 'text', text: '' }] })],
    ['filter results of the prompt', frame({ choices: [], prompt_filter_results: [{}] })],
    ['a channel', chunk({ channel: 'analysis' })],
  ])('takes %s for preamble', (_, text) => {
    expect(kindOf(text)).toBe('preamble');
  });

  it.each([
    ['a text', { content: 'a' }, 1],
    ['parts of text', { content: [{ type: 'text', text: 'é' }] }, 2],
    ['parts of thinking', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }, 2],
    ['a part of a kind that is not known', { content: [{ type: 'reference', reference_ids: [1] }] }, 0],
    ['a refusal', { refusal: 'no' }, 2],
    ['reasoning', { reasoning: 'so' }, 2],
    ['reasoning content', { reasoning_content: 'so' }, 2],
    ['reasoning details', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }, 0],
    ['a tool call', { tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] }, 1],
    ['arguments of a tool call', { tool_calls: [{ index: 0, function: { arguments: '{"a' } }] }, 3],
    ['a call of a custom tool', { tool_calls: [{ index: 0, custom: { name: 'f', input: 'xy' } }] }, 3],
    ['a function call', { function_call: { name: 'f', arguments: '{}' } }, 3],
    ['audio', { audio: { id: 'a' } }, 0],
  ])('takes %s for content and counts its bytes', (_, delta, bytes) => {
    const { steps, end } = observeText(chunk(delta));
    expect(steps).toEqual([{ kind: 'content', hide: false }]);
    expect(end).toMatchObject({ usage: null, complete: false, outputBytes: bytes });
  });

  it('takes content that comes with its finish reason for content, and the stream for whole', () => {
    const { steps, end } = observeText(chunk({ content: 'a' }, 'stop'));
    expect(steps[0]?.kind).toBe('content');
    expect(end.complete).toBe(true);
  });

  it('hides the usage chunk from a client that did not ask for it, and from no other', () => {
    const text = chunk({ content: 'a' }) + chunk({}, 'stop') + usageChunk + done;
    expect(observeText(text).steps.map(({ kind, hide }) => [kind, hide])).toEqual([
      ['content', false],
      ['closing', false],
      ['closing', true],
      ['terminal', false],
    ]);
    expect(observeText(text, asked).steps.some(({ hide }) => hide)).toBe(false);
  });

  it('never hides usage that comes with a choice', () => {
    const text = frame({
      choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1 },
    });
    expect(observeText(text)).toMatchObject({
      steps: [{ kind: 'closing', hide: false }],
      end: { usage: { input: 1, output: 1 } },
    });
  });

  it('does not hide a chunk without choices that tells no usage', () => {
    expect(observeText(frame({ choices: [], usage: null })).steps).toEqual([{ kind: 'preamble', hide: false }]);
  });

  it('takes usage from any chunk and lets the latest replace the earlier ones', () => {
    const early = frame({
      choices: [{ index: 0, delta: { content: 'a' } }],
      usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
    });
    expect(observeText(early).end.usage).toEqual({ input: 9, output: 1, requests: 1 });
    expect(observeText(early + usageChunk).end.usage).toEqual({ input: 3, output: 2, requests: 1 });
    expect(observeText(usageChunk + frame({ choices: [], usage: {} })).end.usage).toEqual({
      input: 3,
      output: 2,
      requests: 1,
    });
  });

  it('is whole only when each choice has finished, or at least one and [DONE] came', () => {
    const two = factsFor(openaiWire, 'generate', { ...request, n: 2 });
    const first = chunk({ content: 'a' }, 'stop', 0);
    expect(observeText(first, two).end.complete).toBe(false);
    expect(observeText(first + first, two).end.complete).toBe(false);
    expect(observeText(first + chunk({ content: 'b' }, 'length', 1), two).end.complete).toBe(true);
    expect(observeText(first + done, two).end.complete).toBe(true);
  });

  it('does not take [DONE] alone for an end', () => {
    const { steps, end, closing } = observeText(chunk({ content: 'a' }) + done);
    expect(steps.at(-1)?.kind).toBe('terminal');
    expect(end.complete).toBe(false);
    expect(closing).toBe('');
  });

  it('owes [DONE] where a whole stream ended without it', () => {
    expect(observeText(chunk({ content: 'a' }, 'stop')).closing).toBe(done);
    expect(observeText(chunk({ content: 'a' }, 'stop') + done).closing).toBe('');
  });

  it.each([
    [
      'error in a chunk',
      frame({ error: { message: 'The server had an error', type: 'server_error', code: null }, choices: [] }),
      'transient',
      'server_error',
    ],
    [
      'error in a choice',
      frame({ choices: [{ index: 0, error: { code: 502, message: 'Provider down' } }] }),
      'transient',
      'server_error',
    ],
    ['finish reason "error"', chunk({}, 'error'), 'transient', 'server_error'],
    ['quota error', frame({ error: { message: 'slow down', type: 'rate_limit_exceeded' } }), 'quota', 'rate_limited'],
    ['numeric code', frame({ error: { code: 429, message: 'slow' } }), 'quota', 'rate_limited'],
    [
      'named event',
      'event: error\ndata: {"error":{"message":"x","type":"invalid_request_error","status_code":400}}\n\n',
      'client',
      'bad_request',
    ],
    ['named event that is no JSON', 'event: error\ndata: upstream gone\n\n', 'transient', 'stream_error'],
    ['error without words', frame({ error: {} }), 'transient', 'server_error'],
    ['broken JSON', 'data: {"choices":[\n\n', 'protocol', 'undecodable_event'],
    ['JSON that is no object', 'data: 1\n\n', 'protocol', 'undecodable_event'],
    ['HTML', 'data: <html>\n\n', 'protocol', 'undecodable_event'],
  ])('fails on an %s, and nothing makes it whole afterwards', (_, text, failureClass, cause) => {
    const { steps, end, closing } = observeText(chunk({ content: 'a' }, 'stop') + text + done);
    expect(steps[1]).toMatchObject({ kind: 'failure', hide: false, failure: { class: failureClass, cause } });
    expect(end.complete).toBe(false);
    expect(closing).toBe('');
  });

  it('lets events pass that it does not know', () => {
    expect(observeText('event: keepalive\ndata: {"type":"keepalive"}\n\n').steps).toEqual([
      { kind: 'preamble', hide: false },
    ]);
  });

  it('finds a clean-looking cut, and an end without [DONE] whole (case 09)', () => {
    const cut = observeCase('09-upstream-cut-clean-end.upstream.sse');
    expect(cut.states.every(({ complete }) => !complete)).toBe(true);
    expect(cut.end.outputBytes).toBe('tok0 '.length * 8);
    const finished = observeCase('09-upstream-cut-clean-end.upstream-no-done-but-finished.sse');
    expect(finished.end.complete).toBe(true);
    expect(finished.closing).toBe(done);
  });

  it('reads a stream with comments, split data and stray fields (case 13)', () => {
    const events = eventsIn(fixtureBytes('cases/13-sse-comment-as-data.upstream.sse'));
    const { steps, end } = observeAll(openaiWire, unasked, events);
    expect(end).toMatchObject({ usage: null, complete: true, outputBytes: 2 });
    expect(steps.filter(({ kind }) => kind === 'content')).toHaveLength(2);
    expect(steps.some(({ kind }) => kind === 'failure')).toBe(false);
    const relayed = Buffer.concat(events.map(({ raw }) => raw)).toString();
    expect(relayed).not.toMatch(/^data: ?:/m);
  });
});
