import { describe, expect, it } from 'vitest';

import { assemble, decodeAll, withParsedArguments } from '../../codec/answers.fixture.ts';
import { isJsonObject, parseJson, textIn } from '../../json/JsonObject.ts';
import {
  eventsIn,
  fixtureBytes,
  recordedAnswer,
  recordedStream,
  recordingsOf,
  wholeAnswersOf,
} from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { readAnswer } from '../readAnswer.ts';
import { decodeAnswer } from './decodeAnswer.ts';
import { MessageDecoder } from './MessageDecoder.ts';

const whole = wholeAnswersOf('anthropic').filter((path) => recordedAnswer(path).status === 200);
const decodedOf = (body: Uint8Array) => {
  const decoded = decodeAnswer(body);
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return decoded.value;
};
const message = (more: object) => utf8Bytes(JSON.stringify({ id: 'a', model: 'm', content: [], ...more }));

describe('decodeAnswer', () => {
  it('has recorded answers to read', () => {
    expect(whole.length).toBeGreaterThan(15);
  });

  it.each(whole)('reads %s with the usage that is booked', (path) => {
    const { body } = recordedAnswer(path);
    const answer = decodedOf(body);
    const booked = readAnswer('generate', body);
    expect(booked.ok && booked.value.usage).toEqual(answer.usage);
    expect(answer.id).toMatch(/^msg_/);
    expect(answer.finish.reason).not.toBe('unknown');
    const said = JSON.stringify(answer.content);
    const recorded = parseJson(Buffer.from(body).toString());
    const blocks = isJsonObject(recorded) && Array.isArray(recorded['content']) ? recorded['content'] : [];
    for (const block of blocks.filter(isJsonObject)) {
      const text = textIn(block, block['type'] === 'redacted_thinking' ? 'data' : String(block['type']));
      if (text !== null) expect(said).toContain(JSON.stringify(text).slice(1, -1));
    }
  });

  it.each(
    recordingsOf('anthropic', '.chunks.txt').filter((path) => whole.includes(path.replace('.chunks.txt', '.json'))),
  )('reads the same kinds of content from %s as from its whole twin', (path) => {
    const streamed = assemble(decodeAll(new MessageDecoder(), eventsIn(recordedStream(path))));
    const twin = decodedOf(recordedAnswer(path.replace('.chunks.txt', '.json')).body);
    expect(streamed.content.map((part) => part.type)).toEqual(twin.content.map((part) => part.type));
    expect(streamed.finish).toEqual(twin.finish);
  });

  it('reads a stream and the message that it makes alike', () => {
    const answer = assemble(
      decodeAll(new MessageDecoder(), eventsIn(fixtureBytes('cases/01-anthropic-parallel-tool-index.upstream.sse'))),
    );
    const twin = decodedOf(
      message({
        id: 'msg_1',
        model: 'claude-test',
        content: [
          { type: 'text', text: 'To answer, I need to call twice.' },
          { type: 'tool_use', id: 'toolu_A', name: 'get_weather', input: { city: 'Boston' } },
          { type: 'tool_use', id: 'toolu_B', name: 'get_weather', input: { city: 'Los Angeles' } },
        ],
        stop_reason: 'tool_use',
        usage: { input_tokens: 390, output_tokens: 110 },
      }),
    );
    expect({ ...answer, content: withParsedArguments(answer.content) }).toEqual({
      ...twin,
      content: withParsedArguments(twin.content),
    });
  });

  it('tells a full context from a full answer (case 25)', () => {
    const answer = decodedOf(fixtureBytes('cases/25-stop-reason-table.upstream-anthropic-ctx.json'));
    expect(answer.finish.reason).toBe('context-length');
    expect(answer.content).toEqual([{ type: 'text', text: 'cut' }]);
  });

  it('leaves out what says nothing and what only this vendor has', () => {
    const content = [
      { type: 'text', text: '' },
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      { type: 'tool_use', id: 't' },
      { type: 'redacted_thinking' },
      'text',
      { type: 'tool_use', id: 't', name: 'f' },
    ];
    expect(decodedOf(message({ content, stop_reason: 'tool_use' })).content).toEqual([
      { type: 'tool-call', id: 't', name: 'f', arguments: '{}' },
    ]);
  });

  it.each([
    ['no JSON', 'oops', 'undecodable_answer'],
    ['a list', '[]', 'undecodable_answer'],
    ['something else', '{"object":"chat.completion"}', 'not_an_answer'],
  ])('calls %s a failure of the protocol', (_, body, cause) => {
    expect(decodeAnswer(utf8Bytes(body))).toMatchObject({ ok: false, fault: { class: 'protocol', cause } });
  });

  it('reads an error with status 200 as the failure that it tells', () => {
    const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
    expect(decodeAnswer(utf8Bytes(body))).toMatchObject({ ok: false, fault: { class: 'quota', status: 529 } });
  });
});
