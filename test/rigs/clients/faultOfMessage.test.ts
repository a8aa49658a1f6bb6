import { describe, expect, test } from 'vitest';
import { faultOfMessage } from './faultOfMessage.ts';

const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

const head = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  usage: { input_tokens: 3, output_tokens: 1 },
};

const start = (more: object = {}): string => event('message_start', { message: { ...head, ...more } });
const open = (index = 0): string => event('content_block_start', { index, content_block: { type: 'text', text: '' } });
const text = (words: string, index = 0): string =>
  event('content_block_delta', { index, delta: { type: 'text_delta', text: words } });
const close = (index = 0): string => event('content_block_stop', { index });
const delta = (output: unknown, reason: string | null = 'end_turn', more: object = {}): string =>
  event('message_delta', {
    delta: { stop_reason: reason, stop_sequence: null },
    usage: { output_tokens: output, ...more },
  });
const stop = event('message_stop');
const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
const ping = event('ping');

const reading = (stream: string) => faultOfMessage(200, 'text/event-stream; charset=utf-8', stream, true);
const faultOf = (stream: string): string | null => reading(stream).fault;

const good = start() + open() + ping + text('Tide') + text(' in.') + close() + delta(3) + stop;

describe('a stream', () => {
  test('that is whole has no fault, and tells its usage and the tokens of its text', () => {
    expect(reading(good)).toEqual({ fault: null, usage: { input: 3, output: 3 }, tokens: 3 });
  });

  test('may have several blocks, pings anywhere, comments, and more than a token in an event', () => {
    const several = start() + open(0) + text('Tide') + close(0) + open(1) + text(' in. And out.', 1) + close(1);
    expect(faultOf(`${ping}: ping\n\n${several}${ping}${delta(6)}${ping}${stop}`)).toBeNull();
  });

  test('tells its input last where the last event says it again', () => {
    const again = start() + open() + text('Tide') + close() + delta(1, 'max_tokens', { input_tokens: 7 }) + stop;
    expect(reading(again).usage).toEqual({ input: 7, output: 1 });
    const silent = start() + open() + text('Tide') + close() + delta(1, 'max_tokens', { input_tokens: null }) + stop;
    expect(reading(silent).usage).toEqual({ input: 3, output: 1 });
  });

  test.each([
    ['has no message_start', good.slice(start().length)],
    ['has two message_starts', start() + good],
    ['starts with content', good.replace('"content":[]', '"content":[{"type":"text","text":"a"}]')],
    ['starts with a stop_reason', good.replace('"stop_reason":null', '"stop_reason":"end_turn"')],
    ['starts without usage', good.replace('"output_tokens":1', '"output":1')],
    ['starts without an id', good.replace('"id":"msg_1"', '"id":""')],
    ['starts without a model', good.replace('"model":"m"', '"model":null')],
    ['opens no block', start() + text('Tide') + delta(1) + stop],
    ['has no block at all', start() + delta(0) + stop],
    ['opens a block twice', start() + open() + open() + text('Tide') + close() + delta(1) + stop],
    [
      'opens a block inside a block',
      start() + open() + open(1) + text('Tide', 1) + close(1) + close() + delta(1) + stop,
    ],
    ['leaves a number out', start() + open(1) + text('Tide', 1) + close(1) + delta(1) + stop],
    ['opens a number again', start() + open() + text('a') + close() + open() + text(' b') + close() + delta(2) + stop],
    ['writes into another block', start() + open() + text('Tide', 1) + close() + delta(1) + stop],
    ['writes into a closed block', start() + open() + text('Tide') + close() + text(' in') + delta(2) + stop],
    ['closes a block twice', start() + open() + text('Tide') + close() + close() + delta(1) + stop],
    ['closes no block', start() + open() + text('Tide') + delta(1) + stop],
    [
      'opens a block after message_delta',
      start() + open() + text('a') + close() + delta(1) + open(1) + close(1) + stop,
    ],
    ['has no message_delta', start() + open() + text('Tide') + close() + stop],
    ['has two message_deltas', start() + open() + text('Tide') + close() + delta(1) + delta(1) + stop],
    ['says no stop_reason', start() + open() + text('Tide') + close() + delta(1, null) + stop],
    ['says an unknown stop_reason', start() + open() + text('Tide') + close() + delta(1, 'sunk') + stop],
    ['says no output_tokens', start() + open() + text('Tide') + close() + delta(null) + stop],
    ['has no message_stop', good.slice(0, -stop.length)],
    ['ends inside an event', good.slice(0, -4)],
    ['goes on after message_stop', good + ping],
    ['goes on after message_stop with a message', good + good],
    ['carries an error', start() + open() + text('Tide') + close() + error + delta(1) + stop],
    ['ends in an error', start() + open() + text('Tide') + error],
    ['has an event that nobody knows', good + event('message_pause')],
    ['has an event without a name', good.replace('event: content_block_stop\n', '')],
    ['calls an event something else', good.replace('event: content_block_stop', 'event: content_block_delta')],
    ['has an event without data', good.replace(/event: ping\n.*\n/, 'event: ping\n')],
    ['cannot be decoded', good.replace('{"type":"ping"}', '<<<<')],
    ['has the end of the other wire', `${good}data: [DONE]\n\n`],
    ['has a block that is no text', good.replace('"type":"text","text":""', '"type":"thinking","thinking":""')],
    [
      'has a delta that is no text',
      good.replace('"type":"text_delta","text"', '"type":"input_json_delta","partial_json"'),
    ],
  ])('that %s is faulty', (_what, stream) => {
    expect(stream).not.toBe(good);
    expect(faultOf(stream)).not.toBeNull();
  });

  test('that lost a piece, or has one twice, is faulty', () => {
    expect(faultOf(good.replace(text(' in.'), ''))).toBe('text of 1 tokens, told 3');
    expect(faultOf(good.replace(text(' in.'), text(' in.') + text(' in.')))).toBe('text of 5 tokens, told 3');
  });

  test('that is cut into more pieces than it has tokens is faulty', () => {
    expect(faultOf(start() + open() + text('Ti') + text('de') + close() + delta(1) + stop)).toBe(
      '2 pieces of 1 tokens',
    );
  });

  test('that names its error is told from one that breaks off', () => {
    expect(faultOf(start() + open() + text('Tide') + error)).toMatch(/^in-band error/);
    expect(faultOf(start() + open() + text('Tide'))).not.toMatch(/^in-band error/);
  });
});

const body = {
  ...head,
  content: [{ type: 'text', text: 'Tide in.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 3, output_tokens: 3 },
};

const whole = (value: object | string): string | null =>
  faultOfMessage(200, 'application/json', typeof value === 'string' ? value : JSON.stringify(value), false).fault;

describe('an answer in one piece', () => {
  test('that is whole has no fault', () => {
    expect(whole(body)).toBeNull();
  });

  test.each([
    ['cut JSON', '{"type":"mess'],
    ['an error', { type: 'error', error: { type: 'api_error', message: 'no' } }],
    ['another type', { ...body, type: 'completion' }],
    ['another role', { ...body, role: 'user' }],
    ['no id', { ...body, id: undefined }],
    ['no stop_reason', { ...body, stop_reason: null }],
    ['no content', { ...body, content: [] }],
    ['content that is no text', { ...body, content: [{ type: 'thinking', thinking: 'Tide in.' }] }],
    ['a text that lost a token', { ...body, content: [{ type: 'text', text: 'Tide in' }] }],
    ['no usage', { ...body, usage: null }],
    ['half of its usage', { ...body, usage: { output_tokens: 3 } }],
  ])('with %s is faulty', (_what, value) => {
    expect(whole(value)).not.toBeNull();
  });
});

test('another status or another type is a fault whatever the body', () => {
  const answer = JSON.stringify(body);
  expect(faultOfMessage(529, 'application/json', answer, false).fault).toContain('status 529');
  expect(faultOfMessage(200, 'text/html', answer, false).fault).toContain('text/html');
  expect(faultOfMessage(200, 'application/json', good, true).fault).toContain('application/json');
});
