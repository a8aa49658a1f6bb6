import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { thinker } from '../../codec/requests.fixture.ts';
import { isJsonObject, objectIn, textIn } from '../../json/JsonObject.ts';
import { fixtureBytes, fixtureJson, recordingsOf } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decodeRequest } from './decodeRequest.ts';
import { encodeRequest } from './encodeRequest.ts';
import { requests as sayable } from './requests.fixture.ts';

const read = (bytes: Uint8Array): GenerateRequest => {
  const decoded = decodeRequest(bytes);
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return decoded.value;
};
const bytesOf = (body: object): Uint8Array => utf8Bytes(JSON.stringify(body));
const readBody = (more: object): GenerateRequest =>
  read(bytesOf({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], ...more }));
const readContent = (role: string, ...content: object[]): GenerateRequest =>
  readBody({ messages: [{ role, content }] });
const partsOf = (role: string, ...content: object[]): readonly unknown[] =>
  readContent(role, ...content).messages[0]?.content ?? [];

const clients = new URL('../../../../test/fixtures/clients/', import.meta.url);
const requests = readdirSync(clients).flatMap((file) => {
  const recorded = fixtureJson(`clients/${file}`);
  return (Array.isArray(recorded) ? recorded : [])
    .filter(isJsonObject)
    .filter((request) => textIn(request, 'path')?.startsWith('/v1/messages') && isJsonObject(request['body']))
    .map((request) => [textIn(request, 'recording') ?? file, objectIn(request, 'body') ?? {}] as const);
});

describe('decodeRequest', () => {
  it('has recorded clients to read', () => {
    expect(requests.length).toBeGreaterThan(15);
  });

  it.each(requests)(
    'reads what %s sends, and needs this wire only for conversations that the vendor keeps',
    (_, body) => {
      const request = read(bytesOf(body));
      expect(request.natives).toEqual(body['thread'] === undefined ? [] : ['thread']);
      expect(request.model).toBe(body['model']);
      expect(request.tools).toHaveLength(Array.isArray(body['tools']) ? body['tools'].length : 0);
      expect(request.outputTokensMax).toBe(body['max_tokens'] ?? null);
    },
  );

  it('reads an agent’s request: settings of the turn, the place of its system messages, and no billing line', () => {
    const [, body] = requests.find(([name]) => name.startsWith('claude-code-default')) ?? [];
    const request = read(bytesOf(body ?? {}));
    expect(request.reasoning).toEqual({ mode: 'adaptive', budgetTokens: null, effort: 'medium', show: true });
    expect(request.hints).toContain('context_management');
    expect(request.hints).toContain('x-anthropic-billing-header');
    expect(JSON.stringify(request.messages)).not.toContain('x-anthropic-billing-header');
    expect(request.messages.map(({ role }) => role).slice(0, 3)).toEqual(['system', 'user', 'system']);
    expect(request.messages[2]?.content[0]).toMatchObject({ cache: { lifetime: null } });
    expect(request.endUser).toMatch(/^\{"device_id"/);
  });

  it('refuses the recorded request that the vendor refused for its messages', () => {
    const recording = fixtureJson('recordings/anthropic/error-400-messages.json');
    const body = isJsonObject(recording) ? objectIn(objectIn(recording, 'request'), 'body') : null;
    expect(decodeRequest(bytesOf(body ?? {}))).toMatchObject({
      ok: false,
      fault: { parameter: expect.stringMatching(/^messages/) as unknown },
    });
  });

  it.each(
    recordingsOf('anthropic', '.json')
      .filter((path) => !path.includes('error-400-messages'))
      .map((path) => [path, fixtureJson(path)] as const)
      .flatMap(([path, recording]) => {
        const body = isJsonObject(recording) ? objectIn(objectIn(recording, 'request'), 'body') : null;
        return body === null ? [] : [[path, body] as const];
      }),
  )('reads the recorded request of %s', (_, body) => {
    expect(read(bytesOf(body)).messages.length).toBeGreaterThan(0);
  });

  it('reads again what is written, whatever the request', () => {
    fc.assert(
      fc.property(sayable, (request) => {
        const written = encodeRequest(request, thinker);
        if (!written.ok) throw new Error(written.fault.message);
        expect(read(written.value.body)).toEqual(request);
        expect(written.value.dropped).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a count, which has no output bound', () => {
    expect(read(bytesOf({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })).outputTokensMax).toBeNull();
  });

  it('reads every kind of input (case 21)', () => {
    const image = { type: 'base64', media_type: 'image/png', data: 'AAAA' };
    expect(
      partsOf(
        'user',
        { type: 'image', source: image },
        { type: 'image', source: { type: 'file', file_id: 'file_1' } },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'é' }, title: 't', context: 'c' },
        { type: 'document', source: { type: 'url', url: 'https://a/b.pdf' } },
        { type: 'document', title: 'T', source: { type: 'content', content: [{ type: 'text', text: 'in' }] } },
        { type: 'search_result', title: 'S', source: 'https://s', content: [{ type: 'text', text: 'said' }] },
        { type: 'tool_result', tool_use_id: 't', is_error: true, content: [{ type: 'image', source: image }] },
        { type: 'tool_result', tool_use_id: 'u', content: 'ok' },
        { type: 'tool_result', tool_use_id: 'v', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'tool_result', tool_use_id: 'w', content: [{ type: 'tool_reference', tool_name: 'f' }] },
        { type: 'text', text: '' },
      ),
    ).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { type: 'stored', wire: 'anthropic', id: 'file_1' } },
      { type: 'text', text: 'c' },
      { type: 'file', source: { type: 'base64', mediaType: 'text/plain', data: 'w6k=' }, name: 't' },
      { type: 'file', source: { type: 'url', url: 'https://a/b.pdf' }, name: null },
      { type: 'text', text: 'T' },
      { type: 'text', text: 'in' },
      { type: 'text', text: 'S\nhttps://s' },
      { type: 'text', text: 'said' },
      {
        type: 'tool-result',
        callId: 't',
        isError: true,
        content: [{ type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } }],
      },
      { type: 'tool-result', callId: 'u', isError: false, content: [{ type: 'text', text: 'ok' }] },
      { type: 'tool-result', callId: 'v', isError: false, content: [], cache: { lifetime: '1h' } },
      { type: 'tool-result', callId: 'w', isError: false, content: [{ type: 'text', text: 'f' }] },
    ]);
    const reverse = read(fixtureBytes('cases/21-data-uri-image.reverse.request.json'));
    expect(reverse.messages[0]?.content[0]).toMatchObject({ type: 'image', source: { mediaType: 'image/png' } });
  });

  it('keeps what this wire signed, and takes an empty signature for none (case 19)', () => {
    const signed = read(fixtureBytes('cases/19-signature-delta-lost.request2.json'));
    expect(signed.messages[1]?.content).toEqual([
      { type: 'thinking', text: 'Greeting.', seal: { wire: 'anthropic', value: 'ErUBc2lnbmF0dXJlLXRlc3Q=' } },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'EmwKAhgBopaque' } },
      { type: 'text', text: 'Hello' },
    ]);
    const unsigned = read(fixtureBytes('cases/19-signature-delta-lost.request2-unsigned.json'));
    expect(unsigned.messages[1]?.content[0]).toEqual({ type: 'thinking', text: 'from another vendor', seal: null });
  });

  it('leaves out a system message that was for one turn only', () => {
    const note = { role: 'system', content: 'now', clear_at: 'next_user_message' };
    const user = { role: 'user', content: 'hi' };
    expect(readBody({ messages: [user, note] }).messages).toHaveLength(2);
    expect(readBody({ messages: [user, note, user] }).messages.map(({ role }) => role)).toEqual(['user', 'user']);
  });

  it.each<[object, GenerateRequest['toolChoice'], boolean | null]>([
    [{ type: 'auto' }, { type: 'auto' }, null],
    [{ type: 'auto', disable_parallel_tool_use: true }, { type: 'auto' }, false],
    [{ type: 'any', disable_parallel_tool_use: false }, { type: 'required' }, true],
    [{ type: 'tool', name: 'f' }, { type: 'named', name: 'f' }, null],
    [{ type: 'none' }, { type: 'none' }, null],
  ])('reads the choice %j (case 17)', (choice, toolChoice, parallelToolCalls) => {
    expect(readBody({ tool_choice: choice })).toMatchObject({ toolChoice, parallelToolCalls });
  });

  it.each<[object, GenerateRequest['reasoning']]>([
    [
      { thinking: { type: 'enabled', budget_tokens: 2048 } },
      { mode: 'on', budgetTokens: 2048, effort: null, show: true },
    ],
    [
      { thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'low' } },
      { mode: 'adaptive', budgetTokens: null, effort: 'low', show: false },
    ],
    [{ thinking: { type: 'disabled' } }, { mode: 'off', budgetTokens: null, effort: null, show: false }],
    [{ output_config: { effort: 'max' } }, { mode: 'adaptive', budgetTokens: null, effort: 'max', show: false }],
    [{}, null],
  ])('reads how hard to think from %j', (more, reasoning) => {
    expect(readBody(more).reasoning).toEqual(reasoning);
  });

  it.each([
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    { output_format: { type: 'json_schema', schema: { type: 'object' } } },
  ])('reads the form of the answer from %j', (more) => {
    expect(readBody(more).outputFormat).toMatchObject({
      type: 'json-schema',
      schema: { type: 'object' },
      strict: true,
    });
  });
});
