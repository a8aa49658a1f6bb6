import { describe, expect, it } from 'vitest';
import { frame } from '../codec/answers.fixture.ts';
import { greeting, thinker } from '../codec/requests.fixture.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { wires } from '../matchRoute.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { canPass, takesAsItIs, translatingPassage } from '../passage/passage.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import type { UpstreamWire } from '../wire.ts';
import { vertexAnthropicWire } from './vertexAnthropicWire.ts';
import { vertexWire } from './vertexWire.ts';

const path = (wire: UpstreamWire, operation: 'generate' | 'countTokens', model: string, stream = false) =>
  wire.upstreamPath(operation, { model, stream });

describe('vertexWire', () => {
  it.each([
    ['generate', 'gemini-2.5-pro', false, '/publishers/google/models/gemini-2.5-pro:generateContent'],
    ['generate', 'gemini-2.5-pro', true, '/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse'],
    ['countTokens', 'gemini-2.5-pro', false, '/publishers/google/models/gemini-2.5-pro:countTokens'],
    ['generate', 'endpoints/123', false, '/endpoints/123:generateContent'],
    ['generate', 'a?b#c', false, '/publishers/google/models/a%3Fb%23c:generateContent'],
  ] as const)('is reached for %s of %s (streamed: %s) under the location', (operation, model, stream, expected) => {
    expect(path(vertexWire, operation, model, stream)).toBe(expected);
  });

  it('takes the bytes of clients of the Gemini API as they are, and what others say in translation', () => {
    expect(wires.get('vertex')).toBe(vertexWire);
    expect(takesAsItIs(vertexWire, geminiWire)).toBe(true);
    expect(canPass(geminiWire, vertexWire, 'countTokens')).toBe(true);
    expect(canPass(openaiWire, vertexWire, 'generate')).toBe(true);
    expect(canPass(geminiWire, vertexWire, 'listModels')).toBe(false);
    const body = utf8Bytes('{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}');
    const facts = vertexWire.readRequest(body, 'generate', undefined, { model: 'm', stream: false });
    if (!facts.ok) throw new Error(facts.fault.message);
    expect(vertexWire.editRequest(body, facts.value, { model: 'gemini-2.5-pro', askUsage: false }).body).toEqual(body);
  });
});

describe('vertexAnthropicWire', () => {
  it.each([
    ['generate', false, '/publishers/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict'],
    ['generate', true, '/publishers/anthropic/models/claude-sonnet-4-5%4020250929:streamRawPredict'],
    ['countTokens', false, '/publishers/anthropic/models/count-tokens:rawPredict'],
  ] as const)('is reached for %s (streamed: %s) under the location', (operation, stream, expected) => {
    expect(path(vertexAnthropicWire, operation, 'claude-sonnet-4-5@20250929', stream)).toBe(expected);
  });

  const said = '"max_tokens":9,"stream":true,"messages":[{"role":"user","content":"hé"}],"future":{"a":[1,null]}';
  const edited = (text: string, operation: 'generate' | 'countTokens') => {
    const body = utf8Bytes(text);
    const facts = vertexAnthropicWire.readRequest(body, operation);
    if (!facts.ok) throw new Error(facts.fault.message);
    const { body: sent, named } = vertexAnthropicWire.editRequest(body, facts.value, {
      model: 'claude@1',
      askUsage: false,
    });
    return { sent: utf8Text(sent), named };
  };

  it('names the model in the path and the version in the body; every other byte is the client’s', () => {
    expect(edited(`{"model":"logical",${said}}`, 'generate')).toEqual({
      sent: `{"anthropic_version":"vertex-2023-10-16",${said}}`,
      named: ['model', 'anthropic_version'],
    });
    expect(edited(`{"anthropic_version":"x","model":"logical",${said}}`, 'generate').sent).toBe(
      `{"anthropic_version":"vertex-2023-10-16",${said}}`,
    );
  });

  it('names the model in the body where tokens are counted', () => {
    expect(JSON.parse(edited(`{"model":"logical",${said}}`, 'countTokens').sent)).toMatchObject({
      model: 'claude@1',
      anthropic_version: 'vertex-2023-10-16',
    });
  });

  it('is told by a client of another wire what the Messages API is told', () => {
    const translation = { client: openaiWire, request: greeting, frame };
    const passage = translatingPassage(translation, vertexAnthropicWire, { ...thinker, model: 'claude@1' });
    if (!passage.ok) throw new Error(passage.fault.message);
    const { body, facts } = passage.value;
    const sent = vertexAnthropicWire.editRequest(body, facts, { model: 'claude@1', askUsage: false });
    const members = JSON.parse(utf8Text(sent.body)) as object;
    expect(members).toMatchObject({ anthropic_version: 'vertex-2023-10-16', messages: [{ role: 'user' }] });
    expect(members).not.toHaveProperty('model');
    expect(takesAsItIs(vertexAnthropicWire, anthropicWire)).toBe(true);
  });
});

describe('an image for Claude on Google Cloud', () => {
  const shown = (source: object): Parameters<typeof vertexAnthropicWire.codec.encodeRequest>[0] => ({
    ...greeting,
    messages: [{ role: 'user', content: [{ type: 'image', source } as never] }],
  });
  const inResult = (source: object) => ({
    ...greeting,
    messages: [
      { role: 'assistant' as const, content: [{ type: 'tool-call' as const, id: 'c', name: 'f', arguments: '{}' }] },
      {
        role: 'user' as const,
        content: [
          { type: 'tool-result' as const, callId: 'c', content: [{ type: 'image', source } as never], isError: false },
        ],
      },
    ],
  });
  const address = { type: 'url', url: 'https://images.example/cat.png' };
  const data = { type: 'base64', mediaType: 'image/png', data: 'AAAA' };

  it.each([shown, inResult])('comes as data, and is refused by its address', (ask) => {
    expect(vertexAnthropicWire.codec.encodeRequest(ask(data), thinker).ok).toBe(true);
    expect(vertexAnthropicWire.codec.encodeRequest(ask(address), thinker)).toMatchObject({
      ok: false,
      fault: { code: 'unsupported_feature', message: expect.stringContaining('send the data') },
    });
    expect(anthropicWire.codec.encodeRequest(ask(address), thinker).ok).toBe(true);
  });
});
