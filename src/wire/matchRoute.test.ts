import { describe, expect, it } from 'vitest';

import { clientWires, defaultWire, matchRoute, wires } from './matchRoute.ts';

describe('matchRoute', () => {
  it.each([
    ['POST', '/v1/chat/completions', 'openai', 'generate'],
    ['POST', '/v1/embeddings', 'openai', 'embed'],
    ['POST', '/v1/messages', 'anthropic', 'generate'],
    ['POST', '/v1/messages/count_tokens', 'anthropic', 'countTokens'],
    ['POST', '/v1beta/models/m:generateContent', 'gemini', 'generate'],
    ['POST', '/v1/models/m:streamGenerateContent', 'gemini', 'generate'],
    ['POST', '/v1/models/m:countTokens', 'gemini', 'countTokens'],
    ['GET', '/v1beta/models', 'gemini', 'listModels'],
    ['POST', '/v1/responses', 'responses', 'generate'],
    ['POST', '/v1/responses/input_tokens', 'responses', 'countTokens'],
  ])('finds %s %s, whatever the headers', (method, path, wire, operation) => {
    for (const headers of [{}, { 'anthropic-version': '2023-06-01' }, { 'x-goog-api-key': 'k' }]) {
      expect(matchRoute(method, path, headers, '')).toMatchObject({
        kind: 'route',
        wire: { name: wire },
        route: { operation },
      });
    }
  });

  it('tells by its header or its query which list of models a client reads', () => {
    expect(matchRoute('GET', '/v1/models', {}, '?client_version=0.169.0')).toMatchObject({
      wire: { name: 'responses' },
    });
    expect(matchRoute('GET', '/v1/models', {}, '?limit=9')).toMatchObject({ wire: { name: 'openai' } });
    expect(matchRoute('GET', '/v1/models', {}, '')).toMatchObject({
      wire: { name: 'openai' },
      route: { operation: 'listModels' },
    });
    expect(matchRoute('GET', '/v1/models', { 'anthropic-version': '2026-10-21' }, '')).toMatchObject({
      wire: { name: 'anthropic' },
    });
    expect(matchRoute('GET', '/v1/models', { 'x-goog-api-key': 'k' }, '')).toMatchObject({ wire: { name: 'gemini' } });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('hands on what is asked of a provider by %s', (method) => {
    expect(matchRoute(method, '/passthrough/openai/v1/files/a%3Ab', {}, '')).toMatchObject({
      kind: 'route',
      wire: { name: 'openai' },
      route: { method, operation: 'passthrough' },
      passed: { provider: 'openai', path: '/v1/files/a%3Ab' },
    });
  });

  it('answers those who ask a provider in the shape of their own wire', () => {
    const headers = { 'anthropic-version': '2023-06-01' };
    expect(matchRoute('GET', '/passthrough/claude/v1/files', headers, '')).toMatchObject({
      wire: { name: 'anthropic' },
    });
    expect(matchRoute('TRACE', '/passthrough/claude/v1/files', headers, '')).toMatchObject({
      kind: 'method_not_allowed',
      wire: { name: 'anthropic' },
    });
  });

  it.each([
    '/passthrough',
    '/passthrough/',
    '/passthrough/openai',
    '/passthrough/openai/',
    '/passthroughs/openai/files',
  ])('hands nothing on by %s', (path) => {
    expect(matchRoute('GET', path, {}, '')).toEqual({ kind: 'not_found' });
  });

  it.each([
    ['/v1beta/models/chat-large:generateContent', 'chat-large', false],
    ['/v1/models/vendor/m:0:streamGenerateContent', 'vendor/m:0', true],
    ['/v1/models/vendor%2Fm%3A0:streamGenerateContent', 'vendor/m:0', true],
    ['/v1beta/models/constructor:countTokens', 'constructor', false],
  ])('reads in %s which model it is about, and whether it streams', (path, model, stream) => {
    expect(matchRoute('POST', path, {}, '')).toMatchObject({ kind: 'route', words: { model, stream } });
  });

  it.each(['/v1beta/models/:generateContent', '/v1beta/models/m:embedContent', '/v1beta/models/%:generateContent'])(
    'does not know %s',
    (path) => {
      expect(matchRoute('POST', path, {}, '')).toEqual({ kind: 'not_found' });
    },
  );

  it.each([
    ['GET', '/v1/responses/resp_1', '/v1/responses/{answer}'],
    ['DELETE', '/v1/responses/resp_1', '/v1/responses/{answer}'],
    ['GET', '/v1/responses/resp_1/input_items', '/v1/responses/{answer}/input_items'],
  ])('reads in %s %s which answer it is about', (method, path, route) => {
    expect(matchRoute(method, path, {}, '')).toMatchObject({
      kind: 'route',
      wire: { name: 'responses' },
      route: { method, path: route, operation: 'kept' },
      words: null,
      answer: 'resp_1',
    });
  });

  it.each(['/v1/responses/', '/v1/responses/a/b', '/v1/responses/a%2fb', '/v1/responses//input_items'])(
    'finds no answer in %s',
    (path) => {
      expect(matchRoute('GET', path, {}, '')).toEqual({ kind: 'not_found' });
    },
  );

  it('says which methods a path takes, and whose clients call it', () => {
    expect(matchRoute('GET', '/v1/messages', {}, '')).toMatchObject({
      kind: 'method_not_allowed',
      methodsAllowed: ['POST'],
      wire: { name: 'anthropic' },
    });
    expect(matchRoute('POST', '/v1/responses/resp_1', {}, '')).toMatchObject({
      kind: 'method_not_allowed',
      methodsAllowed: ['GET', 'DELETE'],
      wire: { name: 'responses' },
    });
    expect(matchRoute('DELETE', '/v1/models', { 'anthropic-version': 'x' }, '')).toMatchObject({
      kind: 'method_not_allowed',
      methodsAllowed: ['GET'],
      wire: { name: 'anthropic' },
    });
  });

  it.each([
    '/',
    '/v1',
    '/v1/models/',
    '/v1//models',
    '/V1/models',
    '/v1/messages?beta=true',
    '/v1/chat/completions/x',
    '',
  ])('does not know %j: paths are taken as they are', (path) => {
    expect(matchRoute('POST', path, {}, '')).toEqual({ kind: 'not_found' });
  });

  it('has every wire under its name', () => {
    expect([...clientWires.keys()]).toEqual(['openai', 'anthropic', 'responses', 'gemini']);
    // Towards targets only.
    expect([...wires.keys()].filter((name) => !clientWires.has(name))).toEqual([
      'azure-openai',
      'bedrock',
      'vertex',
      'vertex-anthropic',
    ]);
    for (const [name, wire] of wires) expect(wire.name).toBe(name);
    expect(defaultWire.name).toBe('openai');
  });
});
