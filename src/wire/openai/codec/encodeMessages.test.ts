import { describe, expect, it } from 'vitest';

import type { GenerateRequest, Message, ToolCallPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { bodyOf, decode, write } from './requests.fixture.ts';

const hi: Message = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const picture = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const;
const written = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };

const call = (id: string, name = 'f'): ToolCallPart => ({ type: 'tool-call', id, name, arguments: '{}' });
const result = (callId: string, ...content: ToolResultPart['content']): ToolResultPart => ({
  type: 'tool-result',
  callId,
  content: content.length === 0 ? [{ type: 'text', text: `of ${callId}` }] : content,
  isError: false,
});
const user = (...content: UserPart[]): Message => ({ role: 'user', content });
const messagesOf = (...messages: Message[]): unknown => bodyOf({ messages })['messages'];
const contentOf = (...content: UserPart[]): unknown => messagesOf(user(...content));

describe('content', () => {
  it('is one text where it is nothing but text, with blocks kept apart', () => {
    expect(contentOf({ type: 'text', text: 'a' }, { type: 'text', text: 'b' })).toEqual([
      { role: 'user', content: 'a\n\nb' },
    ]);
  });

  it('keeps images, in the words of this wire (case 21)', () => {
    const asked: UserPart = { ...picture, detail: 'low' };
    expect(contentOf(asked, { type: 'text', text: 'colour?' })).toEqual([
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          { type: 'text', text: 'colour?' },
        ],
      },
    ]);
  });

  it('gives documents a name, and plain text as text', () => {
    const file = (mediaType: string, name: string | null): UserPart => ({
      type: 'file',
      name,
      source: { type: 'base64', mediaType, data: Buffer.from('héllo').toString('base64') },
    });
    expect(contentOf(file('application/pdf', null))).toMatchObject([
      {
        content: [
          { type: 'file', file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,aMOpbGxv' } },
        ],
      },
    ]);
    expect(contentOf(file('text/plain', 'a.txt'))).toEqual([{ role: 'user', content: 'a.txt:\nhéllo' }]);
  });
});

describe('tool results', () => {
  const asking = (...calls: ToolCallPart[]): Message => ({ role: 'assistant', content: calls });

  it('stand right after their calls and in their order, before what the user says', () => {
    const note: Message = { role: 'system', content: [{ type: 'text', text: 'note' }] };
    expect(
      messagesOf(hi, asking(call('A'), call('B')), note, user(result('B'), { type: 'text', text: 'and' }, result('A'))),
    ).toEqual([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'A', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'B', type: 'function', function: { name: 'f', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'A', content: 'of A' },
      { role: 'tool', tool_call_id: 'B', content: 'of B' },
      { role: 'system', content: 'note' },
      { role: 'user', content: 'and' },
    ]);
  });

  it('say in words that they are errors', () => {
    expect(messagesOf(asking(call('A')), user({ ...result('A'), isError: true }))).toMatchObject([
      {},
      { role: 'tool', content: 'Error: of A' },
    ]);
  });

  it('lose no picture: it moves to the user’s next words (case 21)', () => {
    expect(messagesOf(asking(call('A')), user(result('A', { type: 'text', text: 'see' }, picture)), hi)).toMatchObject([
      {},
      { role: 'tool', tool_call_id: 'A', content: expect.stringMatching(/^see\n\nThe images/) as unknown },
      { role: 'user', content: [{ type: 'text', text: 'From the result of the tool call A:' }, written] },
      { role: 'user', content: 'hi' },
    ]);
    expect(messagesOf(asking(call('A')), user(result('A', picture), { type: 'text', text: 'so?' }))).toMatchObject([
      {},
      { role: 'tool' },
      { role: 'user', content: [{ type: 'text' }, written, { type: 'text', text: 'so?' }] },
    ]);
  });

  it('never go without their calls, nor calls without them (case 29)', () => {
    const messages: Message[] = [hi, asking(call('A'), call('lost')), user(result('A'), result('orphan')), hi];
    expect(messagesOf(...messages)).toEqual([
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: '[A call of the tool f with {} was not answered.]',
        tool_calls: [{ id: 'A', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'A', content: 'of A' },
      { role: 'user', content: 'Result of the earlier tool call orphan:\n\nof orphan' },
      { role: 'user', content: 'hi' },
    ]);
    expect(write({ messages }).dropped).toEqual(['tool_calls', 'tool_results']);
  });

  it('without their call keep their pictures and errors, as the words of the user', () => {
    const lost = { ...result('X', { type: 'text', text: 'see' }, picture), isError: true };
    expect(messagesOf(user(lost))).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of the earlier tool call X (an error):' },
          { type: 'text', text: 'see' },
          written,
        ],
      },
    ]);
  });

  it('that come after the next answer are no results any more', () => {
    expect(
      messagesOf(asking(call('A')), { role: 'assistant', content: [{ type: 'text', text: 'x' }] }, user(result('A'))),
    ).toEqual([
      { role: 'assistant', content: '[A call of the tool f with {} was not answered.]' },
      { role: 'assistant', content: 'x' },
      { role: 'user', content: 'Result of the earlier tool call A:\n\nof A' },
    ]);
  });

  it('keep ids that this wire takes and get others for the rest, paired and the same each time (case 29)', () => {
    const body = fixtureJson('cases/29-toolcall-ids-across-providers.request.json');
    const ids = /"(?:id|tool_call_id)":"([^"]*)"/g;
    const idsIn = (changes: Partial<GenerateRequest>): string[] =>
      [...JSON.stringify(bodyOf(changes)).matchAll(ids)].map(([, id]) => String(id));
    expect(idsIn(decode(body))).toEqual(['toolu_01AbCdEfGhIjKlMnOpQrStUv', 'toolu_01AbCdEfGhIjKlMnOpQrStUv']);

    const long = 'x'.repeat(41);
    const turn = (id: string): Message[] => [asking(call(id), call(id, 'g')), user(result(id), result(id))];
    const messages = [...turn(long), ...turn('same'), ...turn(''), hi];
    const seen = idsIn({ messages });
    expect(seen).toHaveLength(12);
    for (const at of [0, 1, 4, 5, 8, 9]) expect(seen[at]).toBe(seen[at + 2]);
    expect(new Set(seen).size).toBe(6);
    expect(seen.filter((id) => id !== 'same' && !/^[A-Za-z0-9]{9}$/.test(id))).toEqual([]);
    // A conversation that goes on keeps its ids.
    expect(idsIn({ messages: [...messages, ...turn('next'), hi] }).slice(0, 12)).toEqual(seen);
  });

  it('pairs duplicate ids in order', () => {
    const first = result('A', { type: 'text', text: 'first' });
    const second = result('A', { type: 'text', text: 'second' });
    expect(messagesOf(asking(call('A'), call('A')), user(first, second))).toMatchObject([
      {},
      { role: 'tool', content: 'first' },
      { role: 'tool', content: 'second' },
    ]);
  });
});

describe('earlier answers', () => {
  it('go without marks of the cache and seals of calls, and say so', () => {
    const cache = { lifetime: null };
    const messages: Message[] = [
      { role: 'assistant', content: [{ ...call('A'), cache, seal: { wire: 'other', value: 'S' } }] },
      user({ ...result('A'), cache }),
    ];
    expect(messagesOf(...messages)).toMatchObject([{ tool_calls: [{ id: 'A' }] }, { role: 'tool', content: 'of A' }]);
    expect(write({ messages }).dropped).toEqual(['cache_control', 'thought_signature']);
  });

  it('go without thinking and seals of others, and say so', () => {
    const messages: Message[] = [
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'so', seal: { wire: 'other', value: 'S' } },
          { type: 'redacted-thinking', seal: { wire: 'openai', value: 'X' } },
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
          { type: 'refusal', text: 'no' },
        ],
      },
      { role: 'assistant', content: [{ type: 'thinking', text: 'only', seal: null }] },
      hi,
    ];
    expect(messagesOf(...messages)).toEqual([
      { role: 'assistant', content: 'ab', refusal: 'no' },
      { role: 'user', content: 'hi' },
    ]);
    expect(write({ messages }).dropped).toEqual(['thinking']);
  });
});

describe('a target that takes short ids of calls only', () => {
  it('gets such, the same in a call and its result (case 29)', () => {
    const messages: Message[] = [
      { role: 'assistant', content: [call('toolu_01A09q90qw90lq917835lq9'), call('AbCdEf123')] },
      user(result('toolu_01A09q90qw90lq917835lq9'), result('AbCdEf123')),
    ];
    const written = JSON.stringify(bodyOf({ messages }, { unsupported: ['longCallIds'] })['messages']);
    const ids = Array.from(written.matchAll(/"id":"(\w+)"/g), ([, id]) => id);
    expect(ids).toEqual([expect.stringMatching(/^[A-Za-z0-9]{9}$/), 'AbCdEf123']);
    expect(Array.from(written.matchAll(/"tool_call_id":"(\w+)"/g), ([, id]) => id)).toEqual(ids);
    expect(JSON.stringify(bodyOf({ messages }))).toContain('toolu_01A09q90qw90lq917835lq9');
  });
});
