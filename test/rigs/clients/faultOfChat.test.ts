import { describe, expect, test } from 'vitest';
import { faultOfChat } from './faultOfChat.ts';

const event = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const chunk = (choices: readonly object[], more: object = {}): string =>
  event({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices, ...more });
const piece = (content: string, index = 0): string => chunk([{ index, delta: { content }, finish_reason: null }]);
const finish = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
const usage = (output: number): string => chunk([], { usage: { prompt_tokens: 3, completion_tokens: output } });
const end = 'data: [DONE]\n\n';

const stream = (text: string, asksUsage = false): string | null =>
  faultOfChat(200, 'text/event-stream', text, { stream: true, usage: asksUsage }).fault;

const body = {
  object: 'chat.completion',
  choices: [{ index: 0, message: { content: 'Tide.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
};

const whole = (value: object | string): string | null =>
  faultOfChat(200, 'application/json', typeof value === 'string' ? value : JSON.stringify(value), {
    stream: false,
    usage: false,
  }).fault;

describe('a stream', () => {
  test('that is whole has no fault, with usage or without', () => {
    expect(stream(piece('a') + piece(' b') + finish + end)).toBeNull();
    expect(stream(piece('a') + piece(' b') + finish + usage(2) + end, true)).toBeNull();
    expect(stream(`: ping\n\n${piece('a b')}${finish}${usage(2)}${end}`, true)).toBeNull();
  });

  test('tells the tokens of its text, also where it tells no usage', () => {
    const reading = faultOfChat(200, 'text/event-stream', piece('Tide') + piece(' in.') + finish + end, {
      stream: true,
      usage: false,
    });
    expect(reading).toEqual({ fault: null, usage: null, tokens: 3 });
  });

  test.each([
    ['ends without its last event', piece('a') + finish],
    ['ends inside an event', `${piece('a')}${finish}data: [DO`],
    ['says no finish reason', piece('a') + end],
    ['says two finish reasons', piece('a') + finish + finish + end],
    ['says an unknown finish reason', piece('a') + chunk([{ index: 0, delta: {}, finish_reason: 'sunk' }]) + end],
    ['goes on after its finish reason', piece('a') + finish + piece(' b') + end],
    ['has no content', finish + end],
    ['carries an error', piece('a') + event({ error: { message: 'no' } }) + finish + end],
    ['cannot be decoded', `${piece('a')}data: <<<<\n\n${finish}${end}`],
    ['has an event with a name', `event: chunk\n${piece('a')}${finish}${end}`],
    ['tells usage that nobody asked for', piece('a') + finish + usage(1) + end],
    ['is made of two answers', piece('a') + finish.replace('chatcmpl-1', 'chatcmpl-2') + end],
    ['is made of something else', piece('a').replace('.chunk', '') + finish + end],
    ['has a choice that nobody asked for', piece('a') + piece('b', 1) + finish + end],
  ])('that %s is faulty', (_what, text) => {
    expect(stream(text)).not.toBeNull();
  });

  test('that lost a piece, or has one twice, or says none of its usage, is faulty where usage was asked for', () => {
    expect(stream(piece('a') + finish + usage(2) + end, true)).toBe('text of 1 tokens, told 2');
    expect(stream(piece('a') + piece(' b') + piece(' b') + finish + usage(2) + end, true)).toBe(
      'text of 3 tokens, told 2',
    );
    expect(stream(piece('a') + finish + end, true)).toBe('no usage');
    expect(stream(piece('a') + usage(1) + finish + end, true)).toBe('usage before the end, or twice');
  });

  test('that is cut into more pieces than it has tokens is faulty', () => {
    expect(stream(piece('ti') + piece('de') + finish + usage(1) + end, true)).toBe('2 pieces of 1 tokens');
  });

  test.each([
    ['in its last event', piece('a') + event({ error: { message: 'no' } })],
    ['before [DONE]', piece('a') + event({ error: { message: 'no' } }) + end],
  ])('that names its error %s is told from one that breaks off', (_where, text) => {
    expect(stream(text)).toMatch(/^in-band error/);
    expect(stream(piece('a'))).not.toMatch(/^in-band error/);
  });
});

describe('an answer in one piece', () => {
  test('that is whole has no fault', () => {
    expect(whole(body)).toBeNull();
  });

  test.each([
    ['cut JSON', '{"choices":[{"mess'],
    ['an error', { error: { message: 'no' } }],
    ['another object', { ...body, object: 'message' }],
    ['no choice', { ...body, choices: [] }],
    ['no finish reason', { ...body, choices: [{ ...body.choices[0], finish_reason: null }] }],
    ['no content', { ...body, choices: [{ ...body.choices[0], message: { content: null } }] }],
    ['a text that lost a token', { ...body, choices: [{ ...body.choices[0], message: { content: 'Tide' } }] }],
    ['no usage', { ...body, usage: null }],
  ])('with %s is faulty', (_what, value) => {
    expect(whole(value)).not.toBeNull();
  });
});

test('another status or another type is a fault whatever the body', () => {
  const text = JSON.stringify(body);
  const asked = { stream: false, usage: false };
  expect(faultOfChat(502, 'application/json', text, asked).fault).toContain('status 502');
  expect(faultOfChat(200, 'text/html', text, asked).fault).toContain('text/html');
});
