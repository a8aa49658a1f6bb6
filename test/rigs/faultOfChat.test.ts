import { describe, expect, test } from 'vitest';
import { faultOfChat } from './faultOfChat.ts';

const chunk = (fields: object): string => `data: ${JSON.stringify(fields)}\n\n`;
const piece = (content: string): string => chunk({ choices: [{ delta: { content }, finish_reason: null }] });
const finish = chunk({ choices: [{ delta: {}, finish_reason: 'stop' }] });
const usage = (output: number): string =>
  chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: output } });
const end = 'data: [DONE]\n\n';

const stream = (text: string, asksUsage = false): string | null =>
  faultOfChat(200, 'text/event-stream', text, { stream: true, usage: asksUsage }).fault;

const body = {
  choices: [{ message: { content: 'Tide.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2 },
};

const whole = (value: object | string): string | null =>
  faultOfChat(200, 'application/json', typeof value === 'string' ? value : JSON.stringify(value), {
    stream: false,
    usage: false,
  }).fault;

describe('a stream', () => {
  test('that is whole has no fault, with usage or without', () => {
    expect(stream(piece('a') + piece('b') + finish + end)).toBeNull();
    expect(stream(piece('a') + piece('b') + finish + usage(2) + end, true)).toBeNull();
    expect(stream(`: ping\n${piece('a')}${finish}${end}`)).toBeNull();
  });

  test.each([
    ['ends without its last event', piece('a') + finish],
    ['ends inside an event', `${piece('a')}${finish}data: [DO`],
    ['says no finish reason', piece('a') + end],
    ['says two finish reasons', piece('a') + finish + finish + end],
    ['has no content', finish + end],
    ['carries an error', piece('a') + chunk({ error: { message: 'no' } }) + finish + end],
    ['cannot be decoded', `${piece('a')}data: <<<<\n\n${finish}${end}`],
    ['tells usage that nobody asked for', piece('a') + finish + usage(1) + end],
  ])('that %s is faulty', (_what, text) => {
    expect(stream(text)).not.toBeNull();
  });

  test('that lost a piece, or says none of its usage, is faulty where usage was asked for', () => {
    expect(stream(piece('a') + finish + usage(2) + end, true)).toBe('1 pieces of 2');
    expect(stream(piece('a') + finish + end, true)).toBe('no usage');
  });
});

describe('an answer in one piece', () => {
  test('that is whole has no fault', () => {
    expect(whole(body)).toBeNull();
  });

  test.each([
    ['cut JSON', '{"choices":[{"mess'],
    ['an error', { error: { message: 'no' } }],
    ['no finish reason', { ...body, choices: [{ message: { content: 'Tide.' }, finish_reason: null }] }],
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
