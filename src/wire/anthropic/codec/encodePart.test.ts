import { describe, expect, it } from 'vitest';

import type { Message, UserPart } from '../../../vocabulary/index.ts';
import { call, calls, result, text, user } from '../../codec/requests.fixture.ts';
import { isJsonObject } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { faultOf, write } from './requests.fixture.ts';

describe('encodePart', () => {
  it('writes images and documents as the vendor wants them (case 21)', () => {
    const content: UserPart[] = [
      { type: 'image', source: { type: 'base64', mediaType: 'image/jpg', data: 'AAAA' }, detail: 'low' },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' }, detail: 'auto' },
      { type: 'image', source: { type: 'stored', wire: 'anthropic', id: 'file_1' } },
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
      { type: 'file', source: { type: 'base64', mediaType: 'text/markdown; charset=utf-8', data: 'w6k=' }, name: null },
    ];
    expect(write({ messages: [user(...content)] })).toMatchObject({
      body: {
        messages: [
          {
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } },
              { type: 'image', source: { type: 'url', url: 'https://example.com/a.jpg' } },
              { type: 'image', source: { type: 'file', file_id: 'file_1' } },
              {
                type: 'document',
                title: 'a.pdf',
                source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
              },
              { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
            ],
          },
        ],
      },
      dropped: ['detail'],
    });
  });

  it.each<[string, UserPart]>([
    ['sound', { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' } }],
    ['an image of another type', { type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'AAAA' } }],
    [
      'a file of another type',
      { type: 'file', source: { type: 'base64', mediaType: 'application/zip', data: 'A' }, name: null },
    ],
    ['a file stored elsewhere', { type: 'file', source: { type: 'stored', wire: 'openai', id: 'f' }, name: null }],
    ['an address that is not safe', { type: 'image', source: { type: 'url', url: 'http://a/b.png' } }],
  ])('says that %s cannot be said here', (_, part) => {
    expect(faultOf({ messages: [user(part)] })).toMatchObject({ code: 'unsupported_feature', parameter: 'messages' });
  });

  it('tells errors in words, with images beside them', () => {
    const image: UserPart = { type: 'image', source: { type: 'url', url: 'https://a' } };
    const failed: UserPart = { type: 'tool-result', callId: 'a', content: [text('bad'), image], isError: true };
    const { body } = write({ messages: [user(text('go')), calls('a'), user(failed)] });
    expect(body['messages']).toMatchObject([
      {},
      {},
      { content: [{ type: 'tool_result', is_error: true, content: 'bad' }, { type: 'image' }] },
    ]);
  });

  it('reads blank arguments as none (case 05)', () => {
    const expected = fixtureJson('cases/05-noarg-tool-empty-string.upstream-request2.json');
    const messages = [
      user(text('Hit the snooze button.')),
      { role: 'assistant' as const, content: [{ ...call('toolu_S', ' '), name: 'snooze' }] },
      user(result('toolu_S', 'null')),
    ];
    expect(write({ messages }).body['messages']).toEqual(isJsonObject(expected) ? expected['messages'] : null);
  });

  it.each(['[]', '7', '{"a":', 'null'])('refuses the arguments %s', (written) => {
    const messages: Message[] = [
      user(text('go')),
      { role: 'assistant', content: [call('a', written)] },
      user(result('a')),
    ];
    expect(faultOf({ messages })).toMatchObject({ code: 'bad_request', parameter: 'messages' });
  });
});
