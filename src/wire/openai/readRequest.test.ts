import { describe, expect, it } from 'vitest';
import { hasFeature } from '../../vocabulary/index.ts';

import { utf8Bytes } from '../utf8.ts';
import type { RequestFacts, RequestFault } from '../wire.ts';
import { openaiWire } from './openaiWire.ts';

const chat = (more: object, operation: 'generate' | 'embed' = 'generate') =>
  openaiWire.readRequest(utf8Bytes(JSON.stringify({ model: 'm', messages: [], ...more })), operation);

const factsOf = (more: object): RequestFacts => {
  const read = chat(more);
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
};

const faultOf = (more: object): RequestFault => {
  const read = chat(more);
  if (read.ok) throw new Error('a fault was expected');
  return read.fault;
};

const part = (...content: object[]) => ({ messages: [{ role: 'user', content }] });

describe('readRequest of the openai wire', () => {
  it('reads what a plain request asks', () => {
    const body = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
    expect(openaiWire.readRequest(utf8Bytes(body), 'generate')).toEqual({
      ok: true,
      value: {
        model: 'm',
        stream: false,
        usageAsked: false,
        outputBoundTokens: null,
        choices: 1,
        inputBoundTokens: body.length + 1_024,
        inputEstimateTokens: Math.ceil(body.length / 4),
        requirements: {
          operation: 'generate',
          features: 0,
          parameters: ['model', 'messages'],
        },
        members: expect.any(Array),
      },
    });
  });

  it('reads a name of a model behind escapes', () => {
    const body = utf8Bytes('{"mod\\u0065l":"caf\\u00e9","messages":[]}');
    expect(openaiWire.readRequest(body, 'generate')).toMatchObject({ ok: true, value: { model: 'café' } });
  });

  it('bounds the output by the larger of the two bounds, times the answers asked for', () => {
    expect(factsOf({ max_tokens: 10 }).outputBoundTokens).toBe(10);
    expect(factsOf({ max_completion_tokens: 20, n: 3 })).toMatchObject({ outputBoundTokens: 60, choices: 3 });
    expect(factsOf({ max_tokens: 30, max_completion_tokens: 20 }).outputBoundTokens).toBe(30);
    expect(factsOf({ max_tokens: null, n: null }).outputBoundTokens).toBeNull();
  });

  it('knows whether the client itself asked for usage in its stream', () => {
    expect(factsOf({ stream: true }).usageAsked).toBe(false);
    expect(factsOf({ stream: true, stream_options: { include_usage: true } }).usageAsked).toBe(true);
    expect(factsOf({ stream: true, stream_options: { include_usage: false } }).usageAsked).toBe(false);
    expect(factsOf({ stream: true, stream_options: null }).usageAsked).toBe(false);
    expect(factsOf({ stream_options: { include_usage: true } }).usageAsked).toBe(false);
  });

  it('sees tools, images and structured output', () => {
    expect(hasFeature(factsOf({ tools: [{ type: 'function' }] }).requirements.features, 'tools')).toBe(true);
    expect(hasFeature(factsOf({ functions: [{}] }).requirements.features, 'tools')).toBe(true);
    expect(hasFeature(factsOf({ tools: [] }).requirements.features, 'tools')).toBe(false);
    expect(
      hasFeature(
        factsOf(part({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } })).requirements.features,
        'images',
      ),
    ).toBe(true);
    expect(
      hasFeature(factsOf(part({ type: 'text', text: 'what is "type":"image_url"?' })).requirements.features, 'images'),
    ).toBe(false);
    expect(
      hasFeature(
        factsOf({ response_format: { type: 'json_schema', json_schema: {} } }).requirements.features,
        'structuredOutput',
      ),
    ).toBe(true);
    expect(hasFeature(factsOf({ response_format: { type: 'text' } }).requirements.features, 'structuredOutput')).toBe(
      false,
    );
  });

  it.each([
    ['an image by address', part({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } })],
    [
      'an image by address as a plain text (Mistral)',
      part({ type: 'image_url', image_url: 'https://example.com/a.png' }),
    ],
    ['a stored file', part({ type: 'file', file: { file_id: 'file-1' } })],
    ['an earlier audio answer', { messages: [{ role: 'assistant', audio: { id: 'audio_1' } }] }],
    ['web search', { web_search_options: {} }],
  ])('does not bound the input of a request that refers to %s', (_, more) => {
    expect(factsOf(more).inputBoundTokens).toBeNull();
  });

  it('does not bound the input where a name could hide behind escapes', () => {
    const body = '{"model":"m","messages":[{"content":[{"type":"image_url","image_url":{"\\u0075rl":"https://a"}}]}]}';
    expect(openaiWire.readRequest(utf8Bytes(body), 'generate')).toMatchObject({
      ok: true,
      value: { inputBoundTokens: null },
    });
  });

  it.each([
    ['an address in a text', part({ type: 'text', text: 'see "url": "https://example.com"' })],
    [
      'a tool that takes an address',
      { tools: [{ function: { parameters: { properties: { url: { type: 'string' } } } } }] },
    ],
    ['escapes of other letters', { user: 'caf\u00e9' }],
  ])('bounds the input of a request with %s by its bytes', (_, more) => {
    expect(factsOf(more).inputBoundTokens).toBe(
      JSON.stringify({ model: 'm', messages: [], ...more }).length +
        1_024 +
        (JSON.stringify(more).includes('é') ? 1 : 0),
    );
  });

  it('reads an embedding request: no output, no stream', () => {
    const read = openaiWire.readRequest(
      utf8Bytes('{"model":"e","input":["a","b"],"encoding_format":"base64"}'),
      'embed',
    );
    expect(read).toMatchObject({
      ok: true,
      value: { model: 'e', stream: false, outputBoundTokens: 0, requirements: { operation: 'embed' } },
    });
    expect(openaiWire.readRequest(utf8Bytes('{"model":"e"}'), 'embed')).toMatchObject({
      ok: false,
      fault: { parameter: 'input' },
    });
  });

  it.each([
    [{ model: undefined }, 'model'],
    [{ model: 5 }, 'model'],
    [{ model: '' }, 'model'],
    [{ model: null }, 'model'],
    [{ model: 'x'.repeat(600) }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ stream: 'true' }, 'stream'],
    [{ stream: 1 }, 'stream'],
    [{ n: 0 }, 'n'],
    [{ n: 129 }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ max_tokens: '10' }, 'max_tokens'],
    [{ max_completion_tokens: 10_000_001 }, 'max_completion_tokens'],
    [{ stream_options: { include_usage: 'yes' } }, 'stream_options'],
  ])('refuses %j and names the member', (more, parameter) => {
    expect(faultOf(more)).toMatchObject({
      code: 'bad_request',
      parameter,
      message: expect.stringContaining(`\`${parameter}\``),
    });
  });

  it.each([
    ['{"model":"m","messages":[],}', 'invalid_json', undefined],
    ['{"model":"m","model":"n","messages":[]}', 'duplicate_key', 'model'],
    [
      '{"model":"m","messages":[],"stream_options":{"include_usage":true,"include_usage":false}}',
      'duplicate_key',
      'stream_options',
    ],
    ['[]', 'bad_request', undefined],
    ['', 'invalid_json', undefined],
  ])('refuses the body %s', (body, code, parameter) => {
    const read = openaiWire.readRequest(utf8Bytes(body), 'generate');
    expect(read).toMatchObject({ ok: false, fault: { code, ...(parameter === undefined ? {} : { parameter }) } });
  });
});
