import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { greeting } from '../../codec/requests.fixture.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decodeRequest } from './decodeRequest.ts';
import { decode } from './requests.fixture.ts';

const hello = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };

const withMembers = (members: object): GenerateRequest => decode({ ...hello, ...members });
const answered = (call: object): object => ({ role: 'assistant', content: null, tool_calls: [call] });

describe('decodeRequest', () => {
  it('reads a plain request, and says nothing that the caller did not', () => {
    expect(decode(hello)).toEqual(greeting);
  });

  it('reads what bounds and tunes', () => {
    expect(
      withMembers({
        stream: true,
        max_tokens: 5,
        max_completion_tokens: 7,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        stop: ['a', 'b'],
        user: 'u',
        parallel_tool_calls: false,
      }),
    ).toEqual({
      ...greeting,
      stream: true,
      outputTokensMax: 7,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stopSequences: ['a', 'b'],
      endUser: 'u',
      parallelToolCalls: false,
    });
    expect(withMembers({ max_tokens: 5, stop: 'x', user: 'u', safety_identifier: 's', top_k: -1 })).toMatchObject({
      outputTokensMax: 5,
      stopSequences: ['x'],
      endUser: 's',
      topK: null,
    });
  });

  it('takes nulls and defaults for things that are not said', () => {
    const said = {
      n: 1,
      logprobs: false,
      top_logprobs: 0,
      logit_bias: {},
      frequency_penalty: 0,
      presence_penalty: 0,
      modalities: ['text'],
      store: false,
      service_tier: 'auto',
      metadata: {},
      stream_options: { include_usage: true },
      response_format: { type: 'text' },
      tools: null,
      stop: null,
      seed: null,
      max_tokens: null,
      audio: null,
      functions: null,
    };
    expect(withMembers(said)).toEqual(greeting);
  });

  it('tells what only this wire can say from what only tunes or labels', () => {
    const hints = {
      seed: 1,
      metadata: { a: 'b' },
      store: true,
      service_tier: 'flex',
      prompt_cache_key: 'k',
      verbosity: 'low',
    };
    const natives = {
      n: 2,
      logprobs: true,
      logit_bias: { 1: 2 },
      frequency_penalty: 0.1,
      modalities: ['text', 'audio'],
      web_search_options: {},
      functions: [{ name: 'f' }],
      repetition_penalty: 1.1,
      constructor: 1,
    };
    expect(withMembers({ ...hints, ...natives })).toMatchObject({
      hints: Object.keys(hints).toSorted(),
      natives: Object.keys(natives).toSorted(),
    });
  });

  it.each<[object, object]>([
    [{ provider: { order: ['a'], sort: 'price' } }, { hints: ['provider'], natives: [] }],
    [{ provider: { only: ['a'], zdr: true } }, { hints: ['provider'], natives: ['provider.only', 'provider.zdr'] }],
    [
      { transforms: ['middle-out'], models: ['a', 'b'], route: 'fallback' },
      { hints: ['models', 'route', 'transforms'], natives: [] },
    ],
    [{ plugins: [{ id: 'web' }] }, { hints: [], natives: ['plugins'] }],
    [{ reasoning_format: 'parsed', include_reasoning: true }, { hints: ['include_reasoning', 'reasoning_format'] }],
    [
      { random_seed: 7, safe_prompt: true },
      { hints: ['random_seed'], natives: ['safe_prompt'] },
    ],
  ])('sorts what vendors of this wire have added: %j', (members, noted) => {
    expect(withMembers(members)).toMatchObject(noted);
  });

  const other = { type: 'function', function: { ...tool.function, name: 'g' } };
  const allowed = (mode: unknown, ...tools: object[]): object => ({
    tools: [tool, other],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools } },
  });
  const named = (name: string): object => ({ type: 'function', function: { name } });

  it.each(['auto', 'required'] as const)('offers only the tools that are allowed, with the choice %s', (mode) => {
    expect(withMembers(allowed(mode, named('g')))).toMatchObject({
      tools: [{ name: 'g' }],
      toolChoice: { type: mode },
      natives: [],
    });
  });

  it.each([
    ['tool_choice.allowed_tools.tools', allowed('auto', named('h'))],
    ['tool_choice.allowed_tools.tools', allowed('auto')],
    ['tool_choice.allowed_tools.mode', allowed('perhaps', named('g'))],
  ])('refuses what is wrong in allowed tools at %s', (parameter, members) => {
    const decoded = decodeRequest(utf8Bytes(JSON.stringify({ ...hello, ...members })));
    expect(decoded).toMatchObject({ ok: false, fault: { code: 'bad_request', parameter } });
  });

  it.each([
    [{ reasoning_effort: 'none' }, { mode: 'off', show: false }],
    [{ reasoning_effort: 'high' }, { mode: 'on', effort: 'high', show: true }],
    [{ reasoning: { max_tokens: 2000, exclude: true } }, { mode: 'on', budgetTokens: 2000, show: false }],
    [{ reasoning: { enabled: false } }, { mode: 'off' }],
    [{ thinking: { type: 'enabled', budget_tokens: 5 } }, { mode: 'on', budgetTokens: 5 }],
    [{ thinking: { type: 'adaptive' } }, { mode: 'adaptive' }],
    [{ thinking: { type: 'disabled' } }, { mode: 'off' }],
  ])('reads how hard to think from %o', (members, reasoning) => {
    expect(withMembers(members)).toMatchObject({ reasoning, natives: [], hints: [] });
  });

  it.each([
    [{ type: 'json_object' }, { type: 'json-object' }],
    [
      { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' }, strict: true } },
      { type: 'json-schema', name: 'n', description: null, schema: { type: 'object' }, strict: true },
    ],
  ])('reads the output format %o', (format, outputFormat) => {
    expect(withMembers({ response_format: format })).toMatchObject({ outputFormat, natives: [] });
  });

  it.each([
    ['no JSON', '{"model":', 'invalid_json'],
    ['a list', '[]', 'bad_request'],
  ])('refuses %s', (_, text, code) => {
    expect(decodeRequest(utf8Bytes(text))).toMatchObject({ ok: false, fault: { code } });
  });

  it.each([
    ['model', { model: 5 }],
    ['messages', { messages: undefined }],
    ['messages', { messages: 'hi' }],
    ['messages[0]', { messages: ['hi'] }],
    ['messages[0].role', { messages: [{ content: 'hi' }] }],
    ['messages[1].role', { messages: [...hello.messages, { role: 'robot', content: 'hi' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 5 }] }],
    [
      'messages[0].content[1].text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text' }] }] },
    ],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ text: 'a' }] }] }],
    [
      'messages[0].content',
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a/b' } }] }] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'a.png' } }] }] },
    ],
    [
      'messages[0].content[0].image_url.url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png,abc' } }] }] },
    ],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'a' }] }],
    ['messages[0].tool_calls[0].id', { messages: [answered({ function: { name: 'f' } })] }],
    ['messages[0].tool_calls[0].function.name', { messages: [answered({ id: 'a', function: {} })] }],
    ['tools[0].function', { tools: [{ type: 'function', name: 'f' }] }],
    [
      'tools[0].function.parameters',
      { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'array' } } }] },
    ],
    ['tool_choice', { tool_choice: 'sometimes' }],
    ['tool_choice.function.name', { tool_choice: { type: 'function', function: {} } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['response_format.json_schema.schema', { response_format: { type: 'json_schema', json_schema: { schema: [] } } }],
    ['tools[0].function.parameters', { tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] }],
    ['max_tokens', { max_tokens: 0 }],
    ['temperature', { temperature: 'warm' }],
    ['stop[1]', { stop: ['a', 1] }],
    ['stream', { stream: 'yes' }],
  ])('refuses what is wrong at %s, and names it', (parameter, members) => {
    const decoded = decodeRequest(utf8Bytes(JSON.stringify({ ...hello, ...members })));
    expect(decoded).toMatchObject({ ok: false, fault: { code: 'bad_request', parameter } });
    expect(decoded.ok ? '' : decoded.fault.message).toContain(`\`${parameter}\``);
  });

  it('leaves output formats that are not known to this wire', () => {
    expect(withMembers({ response_format: { type: 'grammar' } })).toMatchObject({
      outputFormat: { type: 'text' },
      natives: ['response_format.grammar'],
    });
  });

  it('never throws, whatever the members are', () => {
    const part = fc.record({
      type: fc.constantFrom('text', 'image_url', 'file', 'x'),
      text: fc.jsonValue(),
      file: fc.jsonValue(),
    });
    const message = fc.record({
      role: fc.constantFrom('user', 'assistant', 'tool', 'system', 'function'),
      content: fc.oneof(fc.jsonValue(), fc.array(part)),
      tool_calls: fc.oneof(fc.jsonValue(), fc.array(fc.record({ id: fc.jsonValue(), function: fc.jsonValue() }))),
      reasoning_details: fc.jsonValue(),
    });
    const anything = fc.record(
      {
        model: fc.constant('m'),
        messages: fc.oneof(fc.jsonValue(), fc.array(message)),
        tools: fc.oneof(
          fc.jsonValue(),
          fc.array(fc.record({ type: fc.constant('function'), function: fc.jsonValue() })),
        ),
        tool_choice: fc.jsonValue(),
        response_format: fc.jsonValue(),
        stop: fc.jsonValue(),
        reasoning: fc.jsonValue(),
      },
      { requiredKeys: ['model'] },
    );
    fc.assert(
      fc.property(anything, (body) => {
        const decoded = decodeRequest(utf8Bytes(JSON.stringify(body)));
        expect(decoded.ok ? 'ok' : decoded.fault.code).toMatch(/^(ok|bad_request)$/);
      }),
    );
  });

  it('reads the requests of the cases on images and arguments (21, 05)', () => {
    const [image] = decode(fixtureJson('cases/21-data-uri-image.request.json')).messages;
    expect(image?.content.map((part) => ('source' in part ? part.source : part.type))).toMatchObject([
      'text',
      { type: 'base64', mediaType: 'image/png', data: expect.stringMatching(/^iVBOR/) as unknown },
      { type: 'url', url: 'https://example.com/a.jpg' },
    ]);
    const [, called, result] = decode(fixtureJson('cases/05-noarg-tool-empty-string.request2.json')).messages;
    expect(called?.content).toEqual([{ type: 'tool-call', id: 'toolu_S', name: 'snooze', arguments: '{}' }]);
    expect(result?.content).toMatchObject([{ type: 'tool-result', callId: 'toolu_S' }]);
  });
});

describe('tools', () => {
  it('are functions; without parameters they have none', () => {
    expect(
      withMembers({
        tools: [
          { type: 'function', function: { name: 'f', description: 'd', parameters: { properties: {} }, strict: true } },
          { type: 'function', function: { name: 'g' }, cache_control: { type: 'ephemeral' } },
        ],
      }).tools,
    ).toEqual([
      { name: 'f', description: 'd', parameters: { type: 'object', properties: {} }, strict: true },
      {
        name: 'g',
        description: null,
        parameters: { type: 'object', properties: {} },
        strict: null,
        cache: { lifetime: null },
      },
    ]);
  });

  it('of other kinds are for this wire only', () => {
    expect(withMembers({ tools: [{ type: 'custom', custom: { name: 'c' } }, tool] })).toMatchObject({
      natives: ['tools[0].custom'],
      tools: [{ name: 'f' }],
    });
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'named', name: 'f' },
    ],
  ])('may be chosen by %o', (choice, toolChoice) => {
    expect(withMembers({ tools: [tool], tool_choice: choice })).toMatchObject({ toolChoice, natives: [] });
  });

  it('of kinds of its own can be chosen on this wire only', () => {
    const choice = { type: 'custom', custom: { name: 'f' } };
    expect(withMembers({ tools: [tool], tool_choice: choice }).natives).toEqual(['tool_choice.custom']);
  });
});
