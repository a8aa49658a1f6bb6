import { describe, expect, it } from 'vitest';

import type { Message } from '../../../vocabulary/index.ts';
import { calls, result, said, text, tool, user } from '../../codec/requests.fixture.ts';
import { isJsonObject } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { refusalsOf } from './refusalsOf.fixture.ts';
import { write } from './requests.fixture.ts';

describe('encodeMessages', () => {
  it('writes system messages before the conversation, in their order', () => {
    const system = (words: string): Message => ({ role: 'system', content: [text(words), text('')] });
    const { body, dropped } = write({ messages: [system('a'), user(text('hi'))] });
    expect({ body, dropped }).toEqual({
      body: { model: 'm', max_tokens: 4_096, system: 'a', messages: [{ role: 'user', content: 'hi' }] },
      dropped: [],
    });
    expect(write({ messages: [system('a'), user(text('hi')), system('b')] })).toMatchObject({
      body: { system: [text('a'), text('b')] },
      dropped: ['system_position'],
    });
  });

  it('joins turns of one role, and puts the results of calls first', () => {
    const messages = [user(text('go')), calls('a', 'b'), user(text('note')), user(result('b')), user(result('a'))];
    expect(write({ messages, tools: [tool] }).body['messages']).toEqual([
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: {} },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'b', content: 'ok' },
          { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
          text('note'),
        ],
      },
    ]);
  });

  it('sends no result without its call and no call without its result (case 29)', () => {
    const messages = [
      user(text('go')),
      calls('toolu_01AbCdEfGhIjKlMnOpQrStUv', 'unanswered'),
      user(result('toolu_01AbCdEfGhIjKlMnOpQrStUv', 'a.txt'), result('toolu_ORPHAN', 'lost')),
      user(text('next')),
    ];
    const { body, dropped } = write({ messages, tools: [tool] });
    expect(body['messages']).toEqual([
      { role: 'user', content: 'go' },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_01AbCdEfGhIjKlMnOpQrStUv', name: 'f', input: {} }],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_01AbCdEfGhIjKlMnOpQrStUv', content: 'a.txt' },
          text('next'),
        ],
      },
    ]);
    expect(dropped).toEqual(['tool_calls', 'tool_results']);
  });

  it('gives ids that the vendor takes, the same in call and result, and each once in a conversation', () => {
    const messages = [
      user(text('go')),
      calls('functions.f:0'),
      user(result('functions.f:0')),
      calls('functions.f:0'),
      user(result('functions.f:0')),
    ];
    const { body } = write({ messages });
    expect(refusalsOf(body)).toEqual([]);
    expect(write({ messages }).body).toEqual(body);
    expect(JSON.stringify(body)).not.toContain('functions.f:0');
  });

  it('begins with the user and ends an answer without blanks', () => {
    expect(write({ messages: [said('Welcome. '), user(text('hi')), said('Sure: ')] })).toMatchObject({
      body: {
        messages: [
          { role: 'user', content: '(start)' },
          { role: 'assistant', content: 'Welcome. ' },
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: 'Sure:' },
        ],
      },
      dropped: ['first_message'],
    });
    expect(write({ messages: [] }).body['messages']).toEqual([{ role: 'user', content: '(start)' }]);
    expect(write({ messages: [user(text('hi')), said(' \n')] }).body['messages']).toEqual([
      { role: 'user', content: 'hi' },
    ]);
  });

  it('restores its own thinking bit for bit, and leaves that of others out (case 19)', () => {
    const content = [
      { type: 'thinking' as const, text: 'Greeting.', seal: { wire: 'anthropic', value: 'ErUBc2lnbmF0dXJlLXRlc3Q=' } },
      { type: 'redacted-thinking' as const, seal: { wire: 'anthropic', value: 'EmwKAhgBopaque' } },
      { type: 'thinking' as const, text: 'unsigned', seal: null },
      { type: 'redacted-thinking' as const, seal: { wire: 'openai', value: 'cipher' } },
      text('Hello'),
    ];
    const { body, dropped } = write({
      messages: [user(text('hi')), { role: 'assistant', content }, user(text('again'))],
    });
    const sent = fixtureJson('cases/19-signature-delta-lost.request2.json');
    expect(body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      isJsonObject(sent) && Array.isArray(sent['messages']) ? sent['messages'][1] : null,
      { role: 'user', content: 'again' },
    ]);
    expect(dropped).toEqual(['thinking']);
  });
});
