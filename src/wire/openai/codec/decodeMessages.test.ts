import { describe, expect, it } from 'vitest';

import type { Message } from '../../../vocabulary/index.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decodeRequest } from './decodeRequest.ts';
import { decode } from './requests.fixture.ts';

const messagesOf = (...messages: unknown[]): readonly Message[] => decode({ model: 'm', messages }).messages;
const contentOf = (...parts: unknown[]): unknown => messagesOf({ role: 'user', content: parts })[0]?.content;
const answered = (call: object): object => ({ role: 'assistant', content: null, tool_calls: [call] });

describe('content', () => {
  it('may hold media in all their shapes', () => {
    expect(
      contentOf(
        { type: 'image_url', image_url: { url: 'data:image/jpg;base64,AAAA', detail: 'low' } },
        { type: 'image_url', image_url: 'DATA:image/webp;charset=x;base64,AAAA' },
        { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
        { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
        { type: 'file', file: { file_data: 'AAAA', filename: 'a.PDF' } },
        { type: 'file', file: { file_id: 'file-1' } },
      ),
    ).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/jpeg', data: 'AAAA' }, detail: 'low' },
      { type: 'image', source: { type: 'base64', mediaType: 'image/webp', data: 'AAAA' } },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'AAAA' } },
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.PDF' },
      { type: 'file', source: { type: 'stored', wire: 'openai', id: 'file-1' }, name: null },
    ]);
  });

  it('carries marks of the prompt cache', () => {
    expect(
      contentOf(
        { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'text', text: 'b', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'c', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } },
      ),
    ).toMatchObject([{ cache: { lifetime: '1h' } }, { cache: { lifetime: null } }, { cache: { lifetime: '1h' } }]);
  });

  it('of a kind that is not known makes the request one for this wire only', () => {
    const body = { model: 'm', messages: [{ role: 'user', content: [{ type: 'video_url', video_url: {} }] }] };
    expect(decode(body).natives).toEqual(['messages[0].content[0].video_url']);
  });

  it('leaves out empty texts, which other wires refuse', () => {
    expect(messagesOf({ role: 'user', content: '' }, { role: 'user', content: [{ type: 'text', text: '' }] })).toEqual([
      { role: 'user', content: [] },
      { role: 'user', content: [] },
    ]);
  });
});

describe('messages', () => {
  it('of developers are of the system, and names are labels', () => {
    const body = { model: 'm', messages: [{ role: 'developer', name: 'd', content: [{ type: 'text', text: 'a' }] }] };
    expect(decode(body)).toMatchObject({
      messages: [{ role: 'system', content: [{ type: 'text', text: 'a' }] }],
      hints: ['messages.name'],
    });
  });

  it('of tools in a row are one message of the user, and what the user says then is another', () => {
    expect(
      messagesOf(
        { role: 'tool', tool_call_id: 'A', name: 'f', content: 'a' },
        { role: 'tool', tool_call_id: 'B', content: [{ type: 'text', text: 'b' }] },
        { role: 'user', content: 'c' },
        { role: 'tool', tool_call_id: 'C', content: '' },
      ).map(({ content }) => content.map((part) => ('callId' in part ? part.callId : part.type))),
    ).toEqual([['A', 'B'], ['text'], ['C']]);
  });

  it('of the assistant hold thinking, words, a refusal and calls', () => {
    expect(
      messagesOf({
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'refusal', refusal: 'r' },
        ],
        refusal: 'no',
        reasoning_content: 'so',
        annotations: [],
        tool_calls: [{ id: 'A', type: 'function', function: { name: 'f', arguments: '{"a": 1}' } }],
      }),
    ).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'so', seal: null },
          { type: 'text', text: 'a' },
          { type: 'refusal', text: 'r' },
          { type: 'refusal', text: 'no' },
          { type: 'tool-call', id: 'A', name: 'f', arguments: '{"a": 1}' },
        ],
      },
    ]);
    expect(messagesOf({ role: 'assistant' })).toEqual([{ role: 'assistant', content: [] }]);
  });

  it('of the assistant may hold thinking among their parts (Mistral)', () => {
    const thinking = {
      type: 'thinking',
      thinking: [
        { type: 'text', text: 'let me ' },
        { type: 'text', text: 'see' },
      ],
    };
    const content = [thinking, { type: 'text', text: 'a' }];
    const body = { model: 'm', messages: [{ role: 'assistant', content }] };
    expect(decode(body)).toMatchObject({
      messages: [
        {
          content: [
            { type: 'thinking', text: 'let me see', seal: null },
            { type: 'text', text: 'a' },
          ],
        },
      ],
      natives: [],
    });
    const asked = utf8Bytes(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }));
    expect(decodeRequest(asked)).toMatchObject({ ok: false, fault: { parameter: 'messages[0].content' } });
  });

  it('bring seals back that the client was given, also in the pieces of a stream', () => {
    const format = 'anthropic-claude-v1';
    expect(
      messagesOf({
        role: 'assistant',
        content: 'a',
        reasoning: 'onetwo',
        reasoning_details: [
          { type: 'reasoning.text', text: 'o', format, index: 0 },
          { type: 'reasoning.text', text: 'ne', format, index: 0 },
          { type: 'reasoning.text', signature: 'S', format, index: 0 },
          { type: 'reasoning.encrypted', data: 'X', format, index: 1 },
          { type: 'reasoning.text', text: 'two', signature: 'T', format, index: 2 },
        ],
      })[0]?.content,
    ).toEqual([
      { type: 'thinking', text: 'one', seal: { wire: 'anthropic', value: 'S' } },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'X' } },
      { type: 'thinking', text: 'two', seal: { wire: 'anthropic', value: 'T' } },
      { type: 'text', text: 'a' },
    ]);
  });

  it.each([
    ['undefined', undefined],
    ['empty', ''],
    ['blank', ' \n'],
  ])('with calls whose arguments are %s have none', (_, args) => {
    const [message] = messagesOf(answered({ id: 'A', type: 'function', function: { name: 'f', arguments: args } }));
    expect(message?.content).toMatchObject([{ arguments: '{}' }]);
  });

  it.each(['{"a":', '[]', '"a"', 'null'])('with calls whose arguments are %s are refused', (args) => {
    const call = { id: 'A', type: 'function', function: { name: 'f', arguments: args } };
    const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }, answered(call)] };
    expect(decodeRequest(utf8Bytes(JSON.stringify(body)))).toMatchObject({
      ok: false,
      fault: { code: 'bad_request', parameter: 'messages[1].tool_calls[0].function.arguments' },
    });
  });

  it.each([
    [
      'custom tool',
      answered({ id: 'A', type: 'custom', custom: { name: 'f', input: 'x' } }),
      'messages[0].tool_calls[0].custom',
    ],
    [
      'function of the older kind',
      { role: 'assistant', function_call: { name: 'f', arguments: '{}' } },
      'messages[0].function_call',
    ],
    ['result of the older kind', { role: 'function', name: 'f', content: 'x' }, 'messages[0].role'],
    ['answer in sound', { role: 'assistant', audio: { id: 'a' } }, 'messages[0].audio'],
  ])('with a %s are for this wire only', (_, message, native) => {
    expect(decode({ model: 'm', messages: [message] }).natives).toEqual([native]);
  });
});
