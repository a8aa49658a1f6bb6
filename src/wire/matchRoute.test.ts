import { describe, expect, it } from 'vitest';

import { defaultWire, matchRoute, wires } from './matchRoute.ts';

describe('matchRoute', () => {
  it.each([
    ['POST', '/v1/chat/completions', 'openai', 'generate'],
    ['POST', '/v1/embeddings', 'openai', 'embed'],
    ['POST', '/v1/messages', 'anthropic', 'generate'],
    ['POST', '/v1/messages/count_tokens', 'anthropic', 'countTokens'],
  ])('finds %s %s, whatever the headers', (method, path, wire, operation) => {
    for (const headers of [{}, { 'anthropic-version': '2023-06-01' }]) {
      expect(matchRoute(method, path, headers)).toMatchObject({
        kind: 'route',
        wire: { name: wire },
        route: { operation },
      });
    }
  });

  it('tells by its header which list of models a client reads', () => {
    expect(matchRoute('GET', '/v1/models', {})).toMatchObject({
      wire: { name: 'openai' },
      route: { operation: 'listModels' },
    });
    expect(matchRoute('GET', '/v1/models', { 'anthropic-version': '2026-10-21' })).toMatchObject({
      wire: { name: 'anthropic' },
    });
  });

  it('says which methods a path takes, and whose clients call it', () => {
    expect(matchRoute('GET', '/v1/messages', {})).toMatchObject({
      kind: 'method_not_allowed',
      methodsAllowed: ['POST'],
      wire: { name: 'anthropic' },
    });
    expect(matchRoute('DELETE', '/v1/models', { 'anthropic-version': 'x' })).toMatchObject({
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
    expect(matchRoute('POST', path, {})).toEqual({ kind: 'not_found' });
  });

  it('has every wire under its name', () => {
    expect([...wires.keys()]).toEqual(['openai', 'anthropic']);
    for (const [name, wire] of wires) expect(wire.name).toBe(name);
    expect(defaultWire.name).toBe('openai');
  });
});
