import OpenAI from 'openai';
import type { ChatCompletion } from 'openai/resources';
import { describe, expect, it } from 'vitest';

import type { Answer, AnswerPart, Finish } from '../../../vocabulary/index.ts';
import { frame, partsOf } from '../../codec/answers.fixture.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import { sealMark } from '../../codec/sealMark.ts';
import { isJsonObject, listIn, objectIn, parseJson, textIn, type JsonObject } from '../../json/JsonObject.ts';
import { eventsIn } from '../../recordings.fixture.ts';
import { encodeParts } from './answers.fixture.ts';
import { encodeAnswer } from './encodeAnswer.ts';

const start: AnswerPart = { type: 'answer-start', id: 'a', model: 'm' };

const answer: Answer = {
  id: 'msg_1',
  model: 'm-1',
  content: [
    { type: 'thinking', text: 'let me see', seal: { wire: 'anthropic', value: 'SIG' } },
    { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'DATA' } },
    { type: 'text', text: 'I call "two" tools.\n' },
    { type: 'tool-call', id: 'A', name: 'weather', arguments: '{"city":"Paris"}' },
    { type: 'tool-call', id: 'B', name: 'snooze', arguments: '{}' },
  ],
  finish: { reason: 'tool-calls', native: 'tool_use', stopSequence: null },
  usage: { input: 10, cacheRead: 5, cacheWrite5m: 2, cacheWrite1h: 1, output: 7, reasoning: 3, requests: 1 },
};

const streamed = (changes: Partial<AnswerFrame> = {}, said = answer): string =>
  encodeParts(partsOf(said, [3]), changes);

const chunksIn = (text: string): readonly JsonObject[] =>
  eventsIn(Buffer.from(text))
    .map(({ data }) => parseJson(data ?? ''))
    .filter(isJsonObject);

const choicesIn = (text: string): readonly JsonObject[] =>
  chunksIn(text).flatMap((chunk) => listIn(chunk, 'choices').filter(isJsonObject));

const deltasIn = (text: string): readonly JsonObject[] =>
  choicesIn(text).map((choice) => objectIn(choice, 'delta') ?? {});

/** What the deltas of a stream say under this name. */
const wordsIn = (text: string, name: string): string =>
  deltasIn(text)
    .map((delta) => textIn(delta, name) ?? '')
    .join('');

const wholeOf = (said: Answer, changes: Partial<AnswerFrame> = {}): JsonObject => {
  const body = parseJson(Buffer.from(encodeAnswer(said, { ...frame, ...changes })).toString());
  return isJsonObject(body) ? body : {};
};

const choiceOf = (body: JsonObject): JsonObject => listIn(body, 'choices').filter(isJsonObject)[0] ?? {};

/** What the official client makes of a stream, without a network. */
const readBySdk = async (text: string): Promise<ChatCompletion> => {
  const client = new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(text, { headers: { 'content-type': 'text/event-stream' } })),
  });
  const body = { model: 'm', messages: [], stream_options: { include_usage: true } };
  return client.chat.completions.stream(body).finalChatCompletion();
};

describe('ChatEncoder', () => {
  it('writes what the official client assembles into the whole answer', async () => {
    const { choices, usage, ...rest } = await readBySdk(streamed());
    const whole = wholeOf(answer);
    expect(rest).toMatchObject({ id: 'msg_1', model: 'm-1', object: 'chat.completion', created: frame.createdAtS });
    expect(usage).toEqual(whole['usage']);
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      native_finish_reason: 'tool_use',
      message: {
        role: 'assistant',
        content: 'I call "two" tools.\n',
        tool_calls: [
          { id: 'A', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
          { id: 'B', type: 'function', function: { name: 'snooze', arguments: '{}' } },
        ],
      },
    });
  });

  it('is refused by the official client where it is cut before the finish reason', async () => {
    const text = streamed();
    const cut = text.slice(0, text.indexOf('"finish_reason":"')).split('\n\n').slice(0, -1).join('\n\n') + '\n\n';
    await expect(readBySdk(cut)).rejects.toThrow(/finish_reason/);
  });

  it('begins with the role and ends with the finish reason, usage and [DONE]', () => {
    const text = streamed();
    expect(deltasIn(text)[0]).toEqual({ role: 'assistant', content: '' });
    expect(choicesIn(text).at(-1)).toMatchObject({ delta: {}, finish_reason: 'tool_calls' });
    expect(chunksIn(text).at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 18,
        completion_tokens: 10,
        total_tokens: 28,
        prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
  });

  it('tells usage only to those who ask, and only where it is known', () => {
    expect(streamed({ usageAsked: false })).not.toContain('"usage"');
    expect(streamed({}, { ...answer, usage: null })).not.toContain('"usage"');
  });

  it('counts calls, not blocks, and names each in its first piece (case 01)', () => {
    const pieces = deltasIn(streamed()).flatMap((delta) => listIn(delta, 'tool_calls').filter(isJsonObject));
    expect(pieces.filter((piece) => 'id' in piece)).toEqual([
      { index: 0, id: 'A', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 1, id: 'B', type: 'function', function: { name: 'snooze', arguments: '' } },
    ]);
    expect(pieces.filter((piece) => !('id' in piece)).map((piece) => Object.keys(piece))).toContainEqual([
      'index',
      'function',
    ]);
    expect(pieces[0]).toHaveProperty('id');
  });

  it('keeps pieces of calls that run beside one another apart', () => {
    const text = encodeParts([
      start,
      { type: 'tool-call-start', block: 0, id: 'A', name: 'f' },
      { type: 'tool-call-start', block: 1, id: 'B', name: 'g' },
      { type: 'tool-call-delta', block: 1, arguments: '{"b"' },
      { type: 'tool-call-delta', block: 0, arguments: '{}' },
    ]);
    const pieces = deltasIn(text).flatMap((delta) => listIn(delta, 'tool_calls').filter(isJsonObject));
    expect(pieces.map(({ index }) => index)).toEqual([0, 1, 1, 0]);
  });

  it('shows thinking, with its seal and our mark of it, only to those who want it', () => {
    const originOf = (value: string) => ({
      format: 'anthropic-claude-v1',
      id: `archipel_${sealMark({ wire: 'anthropic', value }, frame.sealedAt)}`,
    });
    const deltas = deltasIn(streamed());
    expect(wordsIn(streamed(), 'reasoning_content')).toBe('let me see');
    expect(deltas.flatMap((delta) => listIn(delta, 'reasoning_details'))).toEqual([
      { type: 'reasoning.text', text: 'let me see', signature: 'SIG', ...originOf('SIG'), index: 0 },
      { type: 'reasoning.encrypted', data: 'DATA', ...originOf('DATA'), index: 1 },
    ]);
    expect(streamed({ showThinking: false })).not.toMatch(/reasoning_[cd]|SIG|DATA|let me/);
    expect(JSON.stringify(wholeOf(answer, { showThinking: false }))).not.toMatch(/reasoning_[cd]|SIG|DATA/);
  });

  it('names an answer that has no name by the request', () => {
    const nameless = { ...answer, id: '', model: '' };
    expect(chunksIn(streamed({}, nameless))[0]).toMatchObject({
      id: '0199',
      model: 'asked',
      created: frame.createdAtS,
    });
    expect(wholeOf(nameless)).toMatchObject({ id: '0199', model: 'asked' });
  });

  it('escapes what would break a line [A28]', () => {
    const said: Answer = { ...answer, content: [{ type: 'text', text: 'a\n\ndata: [DONE]\r\n\u2028"' }] };
    expect(wordsIn(streamed({}, said), 'content')).toBe('a\n\ndata: [DONE]\r\n\u2028"');
  });
});

describe('why an answer ended', () => {
  const said = (reason: Finish['reason'], native: string | null): Answer => ({
    ...answer,
    content: [{ type: 'text', text: 'a' }],
    finish: { reason, native, stopSequence: null },
  });

  it.each([
    ['stop', 'end_turn', 'stop'],
    ['length', 'max_tokens', 'length'],
    ['context-length', 'model_context_window_exceeded', 'length'],
    ['tool-calls', 'tool_use', 'tool_calls'],
    ['content-filter', 'refusal', 'content_filter'],
    ['pause', 'pause_turn', 'length'],
    ['unknown', 'of_the_future', 'length'],
  ] as const)('is told for %s, with the vendor’s own word beside (case 25)', (reason, native, word) => {
    const expected = { finish_reason: word, native_finish_reason: native };
    expect(choiceOf(wholeOf(said(reason, native)))).toMatchObject(expected);
    expect(choicesIn(streamed({}, said(reason, native))).at(-1)).toMatchObject(expected);
  });

  it('has no second word where the vendor says the same, or none', () => {
    expect(choiceOf(wholeOf(said('stop', 'stop')))).not.toHaveProperty('native_finish_reason');
    expect(choiceOf(wholeOf(said('stop', null)))).not.toHaveProperty('native_finish_reason');
  });

  it('is a refusal with its text where policy ended it (case 25)', async () => {
    const filtered = said('content-filter', 'refusal');
    expect(choiceOf(wholeOf(filtered))).toMatchObject({ message: { content: 'a', refusal: 'a' } });
    expect(choiceOf(wholeOf({ ...filtered, content: [] }))).toMatchObject({
      message: { content: null, refusal: null },
    });
    const refused: Answer = { ...filtered, content: [...filtered.content, { type: 'refusal', text: 'no' }] };
    expect(choiceOf(wholeOf(refused))).toMatchObject({ message: { content: 'a', refusal: 'no' } });
    for (const one of [filtered, refused, { ...filtered, content: [] }]) {
      expect(wordsIn(streamed({}, one), 'refusal')).toBe(
        objectIn(choiceOf(wholeOf(one)), 'message')?.['refusal'] ?? '',
      );
    }
    expect((await readBySdk(streamed({}, refused))).choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: 'a', refusal: 'no' },
    });
  });
});

describe('encodeAnswer', () => {
  it('writes a chat completion', () => {
    expect(wholeOf(answer)).toMatchObject({
      id: 'msg_1',
      object: 'chat.completion',
      created: frame.createdAtS,
      model: 'm-1',
      choices: [
        {
          index: 0,
          logprobs: null,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'I call "two" tools.\n',
            refusal: null,
            reasoning_content: 'let me see',
            tool_calls: [{ id: 'A' }, { id: 'B', function: { arguments: '{}' } }],
          },
        },
      ],
      usage: { prompt_tokens: 18 },
    });
  });

  it('has no list of calls and no usage where there are none', () => {
    const whole = wholeOf({ ...answer, content: [], usage: null });
    expect(choiceOf(whole)['message']).toEqual({ role: 'assistant', content: null, refusal: null });
    expect(whole).not.toHaveProperty('usage');
  });
});
