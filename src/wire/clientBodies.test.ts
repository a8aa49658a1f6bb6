import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasFeature } from '../vocabulary/index.ts';

import { isJsonObject, objectIn, textIn, type JsonObject } from './json/JsonObject.ts';
import { matchRoute } from './matchRoute.ts';
import { fixtureJson } from './recordings.fixture.ts';
import { utf8Bytes } from './utf8.ts';

const folder = new URL('../../test/fixtures/clients/', import.meta.url);

const requests = readdirSync(folder).flatMap((file) => {
  const recorded = fixtureJson(`clients/${file}`);
  return (Array.isArray(recorded) ? recorded : [])
    .filter(isJsonObject)
    .filter((request) => request['body'] !== undefined)
    .map((request) => [textIn(request, 'recording') ?? file, request] as const);
});

const matchOf = (request: JsonObject) => {
  const path = (textIn(request, 'path') ?? '').split('?')[0] ?? '';
  const match = matchRoute(textIn(request, 'method') ?? '', path, {}, '');
  if (match.kind !== 'route') throw new Error(`no route for ${path}`);
  return match;
};

describe('bodies that real clients send', () => {
  it('are many', () => {
    expect(requests.length).toBeGreaterThan(40);
  });

  it.each(requests)('%s is read, and only what is named is edited', (_, request) => {
    const { wire, route, words } = matchOf(request);
    const body = utf8Bytes(JSON.stringify(request['body'], null, 1));
    const read = wire.readRequest(body, route.operation, undefined, words);
    if (!read.ok) throw new Error(read.fault.message);
    const sent = objectIn(request, 'body') ?? {};
    const said = words ?? { model: sent['model'], stream: sent['stream'] ?? false };
    expect(read.value).toMatchObject(said);
    expect(read.value.requirements.parameters).toEqual(Object.keys(sent));
    expect(hasFeature(read.value.requirements.features, 'tools')).toBe(
      Array.isArray(sent['tools']) && sent['tools'].length > 0,
    );

    const edited = wire.editRequest(body, read.value, { model: 'vendor/model', askUsage: true });
    if (words !== null) {
      // The path names the model: nothing is left to edit.
      expect(edited).toEqual({ named: [], body });
      return;
    }
    const asksUsage = wire.name === 'openai' && read.value.stream && !read.value.usageAsked;
    expect(edited.named).toEqual(asksUsage ? ['model', 'stream_options.include_usage'] : ['model']);
    const text = Buffer.from(edited.body).toString('utf8');
    const undone = text
      .replace('"vendor/model"', JSON.stringify(sent['model']))
      .replace(asksUsage ? '"stream_options":{"include_usage":true},' : '', '');
    expect(undone).toBe(Buffer.from(body).toString('utf8'));
    expect(JSON.parse(text)).toEqual({
      ...sent,
      model: 'vendor/model',
      ...(asksUsage ? { stream_options: { include_usage: true } } : {}),
    });
  });
});
