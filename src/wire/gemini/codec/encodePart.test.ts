import { describe, expect, it } from 'vitest';

import type { InputPart } from '../../../vocabulary/index.ts';
import { WritingNotes } from '../../codec/WritingNotes.ts';
import { thinker } from '../../codec/requests.fixture.ts';
import { isJsonObject } from '../../json/JsonObject.ts';
import { openaiCodec } from '../../openai/codec/openaiCodec.ts';
import { fixtureBytes, fixtureJson } from '../../recordings.fixture.ts';
import { encodePart } from './encodePart.ts';
import { geminiCodec } from './geminiCodec.ts';

const written = (part: InputPart) => {
  const notes = new WritingNotes(thinker, []);
  return { part: encodePart(part, notes), fault: notes.fault, dropped: notes.dropped };
};

describe('encodePart', () => {
  it.each<[InputPart, unknown, string[]]>([
    [{ type: 'text', text: 'a', cache: { lifetime: null } }, { text: 'a' }, ['cache_control']],
    [
      { type: 'image', source: { type: 'base64', mediaType: 'image/jpg', data: 'AAAA' }, detail: 'low' },
      { inlineData: { mimeType: 'image/jpeg', data: 'AAAA' } },
      ['detail'],
    ],
    [
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      [],
    ],
    [
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
      { inlineData: { mimeType: 'application/pdf', data: 'AAAA', displayName: 'a.pdf' } },
      [],
    ],
    [
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.PNG?x=1' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b.PNG?x=1' } },
      [],
    ],
    [
      { type: 'image', source: { type: 'url', url: 'https://a.example/constructor' } },
      { fileData: { mimeType: 'image/jpeg', fileUri: 'https://a.example/constructor' } },
      [],
    ],
    [
      { type: 'file', source: { type: 'stored', wire: 'gemini', id: 'gs://b/c' }, name: null },
      { fileData: { mimeType: 'application/pdf', fileUri: 'gs://b/c' } },
      [],
    ],
  ])('writes %j', (part, wanted, dropped) => {
    expect(written(part)).toEqual({ part: wanted, fault: null, dropped });
  });

  it('brings every image of a chat along: data with its registered type, addresses as they are (case 21)', () => {
    const decoded = openaiCodec.decodeRequest(fixtureBytes('cases/21-data-uri-image.request.json'));
    if (!decoded.ok) throw new Error(decoded.fault.message);
    const request = geminiCodec.encodeRequest(decoded.value, thinker);
    if (!request.ok) throw new Error(request.fault.message);
    const body = Buffer.from(request.value.body).toString();
    const sent = JSON.stringify(fixtureJson('cases/21-data-uri-image.request.json'));
    expect(isJsonObject(JSON.parse(body))).toBe(true);
    expect(body.match(/"(?:inlineData|fileData)"/g)?.length).toBe(sent.match(/"image_url":\{/g)?.length);
    expect(body).not.toContain('data:image');
    expect(body).not.toContain('image/jpg');
    expect(body).toContain('"mimeType":"image/jpeg"');
  });
});
