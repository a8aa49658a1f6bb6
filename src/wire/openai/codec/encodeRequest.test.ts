import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest, Message } from '../../../vocabulary/index.ts';
import { user } from '../../codec/requests.fixture.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { openaiWire } from '../openaiWire.ts';
import { decodeRequest } from './decodeRequest.ts';
import { bodyOf, decode, faultOf, requests, write } from './requests.fixture.ts';

const tool = { name: 'f', description: null, parameters: { type: 'object', properties: {} }, strict: null };
const hi: Message = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const plain = { reasoning: false };

describe('encodeRequest', () => {
  it('writes requests that this wire reads, and reads them back as they were', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { bytes: body } = write(request);
        expect(openaiWire.readRequest(body, 'generate')).toMatchObject({
          ok: true,
          value: { model: request.model, stream: request.stream, outputBoundTokens: request.outputTokensMax },
        });
        expect(decodeRequest(body)).toEqual({ ok: true, value: request });
      }),
    );
  });

  it('writes nothing that was not asked for', () => {
    expect(bodyOf({})).toEqual({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
    expect(write({})).toMatchObject({ dropped: [] });
  });

  it('tells what has no word here', () => {
    const cached: Message = user({ type: 'text', text: 'hi', cache: { lifetime: '5m' } });
    expect(write({ hints: ['seed'], topK: 5, messages: [cached] }).dropped).toEqual(['cache_control', 'seed', 'top_k']);
  });

  it('names the bound by what the target takes, and leaves out sampling that it refuses (case 45)', () => {
    const asked = decode(fixtureJson('cases/45-max-tokens-reasoning-models.request.json'));
    const target = { unsupported: ['max_tokens', 'temperature'] };
    expect(bodyOf(asked, target)).toEqual(fixtureJson('cases/45-max-tokens-reasoning-models.upstream-request.json'));
    expect(write(asked, target).dropped).toEqual(['temperature']);
    expect(bodyOf(asked, { ...plain, unsupported: ['max_completion_tokens'] })).toMatchObject({
      max_tokens: 100,
      temperature: 0.16,
    });
  });

  it('never allows an answer more than the target can say', () => {
    const target = { ...plain, outputTokensMax: 50 };
    expect(bodyOf({ outputTokensMax: 60 }, target)).toMatchObject({ max_completion_tokens: 50 });
    expect(write({ outputTokensMax: 60 }, target).dropped).toEqual(['max_tokens']);
    expect(write({ outputTokensMax: 40 }, target).dropped).toEqual([]);
  });

  it.each([
    ['more stop sequences than it takes', { stopSequences: ['a', 'b', 'c', 'd', 'e'] }, 'stop_sequences'],
    [
      'an answer to go on with',
      { messages: [hi, { role: 'assistant', content: [{ type: 'text', text: 'a' }] }] },
      'messages',
    ],
    ['a tool whose name is too long', { tools: [{ ...tool, name: 'x'.repeat(65) }] }, 'tools[0].name'],
    [
      'an image of another vendor',
      { messages: [user({ type: 'image', source: { type: 'stored', wire: 'other', id: 'x' } })] },
      'messages',
    ],
    [
      'a file of another vendor',
      { messages: [user({ type: 'file', name: null, source: { type: 'stored', wire: 'other', id: 'x' } })] },
      'messages',
    ],
    [
      'a file by its address',
      { messages: [user({ type: 'file', name: null, source: { type: 'url', url: 'https://a/b' } })] },
      'messages',
    ],
    [
      'audio that it cannot read',
      { messages: [user({ type: 'audio', source: { type: 'base64', mediaType: 'audio/ogg', data: 'A' } })] },
      'messages',
    ],
  ] satisfies [string, Partial<GenerateRequest>, string][])('cannot write %s', (_, changes, parameter) => {
    expect(faultOf(changes)).toMatchObject({ code: 'unsupported_feature', parameter });
  });

  it('leaves out nothing that shapes the answer because a target refuses it', () => {
    const target = { unsupported: ['stop', 'parallel_tool_calls', 'response_format'] };
    expect(faultOf({ stopSequences: ['a'] }, target)).toMatchObject({ parameter: 'stop' });
    expect(faultOf({ outputFormat: { type: 'json-object' } }, target)).toMatchObject({
      parameter: 'response_format',
    });
    expect(faultOf({ tools: [tool], parallelToolCalls: false }, target)).toMatchObject({
      code: 'unsupported_feature',
    });
    expect(bodyOf({ tools: [tool], parallelToolCalls: true }, target)).not.toHaveProperty('parallel_tool_calls');
  });

  it.each([
    [{ mode: 'off', effort: null, budgetTokens: null }, 'none', []],
    [{ mode: 'on', effort: 'xhigh', budgetTokens: null }, 'xhigh', []],
    [{ mode: 'on', effort: null, budgetTokens: null }, 'medium', []],
    [{ mode: 'on', effort: null, budgetTokens: 4_096 }, 'low', ['reasoning']],
    [{ mode: 'on', effort: null, budgetTokens: 4_097 }, 'medium', ['reasoning']],
    [{ mode: 'on', effort: null, budgetTokens: 16_385 }, 'high', ['reasoning']],
    [{ mode: 'adaptive', effort: null, budgetTokens: null }, undefined, []],
    [{ mode: 'adaptive', effort: 'low', budgetTokens: null }, 'low', []],
  ] as const)('says how hard to think: %o', (asked, effort, dropped) => {
    const reasoning = { ...asked, show: true };
    expect(bodyOf({ reasoning })['reasoning_effort']).toBe(effort);
    expect(write({ reasoning }).dropped).toEqual(dropped);
    expect(bodyOf({ reasoning }, plain)).not.toHaveProperty('reasoning_effort');
    expect(write({ reasoning }, plain).dropped).toEqual(asked.mode === 'off' ? [] : ['reasoning']);
  });

  it('asks for strict output only where the schema allows it', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const format = { type: 'json-schema', name: 'my schema!', description: null, schema, strict: null } as const;
    expect(bodyOf({ outputFormat: format })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'my_schema_', schema, strict: true },
    });
    const open = { ...format, name: null, schema: { type: 'object' }, strict: true };
    expect(bodyOf({ outputFormat: open })).toMatchObject({
      response_format: { json_schema: { name: 'output', strict: false } },
    });
    expect(write({ outputFormat: open }).dropped).toEqual(['strict']);
    expect(bodyOf({ tools: [{ ...tool, strict: true }] })).toMatchObject({ tools: [{ function: { strict: false } }] });
  });

  it('hides long names of users behind a hash that stays the same', () => {
    const { user: hidden } = bodyOf({ endUser: 'u'.repeat(65) });
    expect(hidden).toMatch(/^[0-9a-f]{64}$/);
    expect(bodyOf({ endUser: 'u'.repeat(65) })['user']).toBe(hidden);
  });

  it('says how tools may be used only where there are tools (case 17)', () => {
    const choice = { toolChoice: { type: 'none' }, parallelToolCalls: false } as const;
    expect(bodyOf(choice)).toEqual(bodyOf({}));
    expect(bodyOf({ ...choice, tools: [tool] })).toMatchObject({ tool_choice: 'none', parallel_tool_calls: false });
    const named = { tools: [tool], toolChoice: { type: 'named', name: 'f' } } as const;
    expect(bodyOf(named)).toMatchObject({ tool_choice: { type: 'function', function: { name: 'f' } } });
    expect(bodyOf(named)).not.toHaveProperty('parallel_tool_calls');
  });
});

describe('bodies of clients', () => {
  it('are written so that they are read alike again', () => {
    for (const name of ['lib-openai', 'lib-langchain-openai', 'qwen-code', 'opencode', 'continue-cli', 'cline']) {
      const sent = fixtureJson(`clients/${name}.json`) as { path: string; body: unknown }[];
      for (const { path, body } of sent) {
        if (!path.includes('/chat/completions')) continue;
        const request = decode(body);
        const again = decodeRequest(utf8Bytes(JSON.stringify(bodyOf(request))));
        expect(again).toMatchObject({ ok: true, value: { messages: expect.anything() as unknown, natives: [] } });
        expect(decode(bodyOf(again.ok ? again.value : request))).toEqual(again.ok ? again.value : null);
      }
    }
  });
});
