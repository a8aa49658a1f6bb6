import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  features,
  featureSet,
  hasFeature,
  needed,
  type GenerateRequest,
  type Message,
  type ToolResultPart,
} from '../../vocabulary/index.ts';
import { requests as chats } from '../openai/codec/requests.fixture.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { wildRequests } from '../anthropic/codec/requests.fixture.ts';
import { calls, greeting, result, said, text, thinker, tool, user } from './requests.fixture.ts';
import { withoutFeatures } from './withoutFeatures.ts';

const without = (changes: Partial<GenerateRequest>, ...names: readonly string[]) =>
  withoutFeatures({ ...greeting, ...changes }, featureSet(names));

const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' } } as const;
const file = {
  type: 'file',
  source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
  name: null,
} as const;
const audio = { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' } } as const;
const system: Message = { role: 'system', content: [text('be brief')] };
/** Those that are taken from the meaning of a request, but for `system`, whose words wires give back a place of their own. */
const taken = [
  'tools',
  'parallelTools',
  'images',
  'documents',
  'structuredOutput',
  'schemas',
  'prefill',
  'reasoning',
  'system',
] as const;

describe('withoutFeatures', () => {
  it('leaves a request alone that asks for none of them', () => {
    for (const feature of features.filter((name) => name !== 'tools' && name !== 'system')) {
      const { request } = without({}, feature);
      expect(request).toEqual(greeting);
    }
    expect(withoutFeatures(greeting, 0)).toEqual({ request: greeting, dropped: [] });
  });

  it('says in each place what was shown there, also in results of tools', () => {
    const shown: ToolResultPart = { type: 'tool-result', callId: 'c', content: [text('b'), image], isError: false };
    const messages = [user(text('a'), image, file, audio, shown)];
    const { request, dropped } = without({ messages }, 'images', 'documents', 'audio');
    expect(dropped).toEqual(['images', 'documents', 'audio']);
    expect(request.messages[0]!.content).toMatchObject([
      { text: 'a' },
      { text: '[An image was left out here: this model takes none.]' },
      { text: '[A document was left out here: this model takes none.]' },
      { text: '[A recording was left out here: this model takes none.]' },
      {
        type: 'tool-result',
        content: [{ text: 'b' }, { text: '[An image was left out here: this model takes none.]' }],
      },
    ]);
  });

  it('tells former calls and their results as text', () => {
    const messages = [user(text('a')), calls('c'), user(result('c', 'sunny'))];
    const { request, dropped } = without({ messages, tools: [tool], toolChoice: { type: 'required' } }, 'tools');
    expect(dropped).toEqual(['tool_calls', 'tool_results', 'tools']);
    expect(request).toMatchObject({ tools: [], toolChoice: null, parallelToolCalls: null });
    expect(JSON.stringify(request.messages)).toMatch(/Called the tool f.*Result of the tool call c.*sunny/);
  });

  it('asks for a form in words, which the user says where the system has none', () => {
    const schema = { type: 'object' };
    const outputFormat = { type: 'json-schema', name: null, description: null, schema, strict: null } as const;
    const { request, dropped } = without({ outputFormat, messages: [system, user(text('a'))] }, 'schemas', 'system');
    expect(dropped).toEqual(['response_format', 'system']);
    expect(request.outputFormat).toEqual({ type: 'text' });
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'user']);
    expect(request.messages[0]!.content).toMatchObject([
      { text: expect.stringContaining('JSON Schema') },
      { text: 'be brief' },
    ]);
    expect(without({ outputFormat: { type: 'json-object' } }, 'schemas').dropped).toEqual([]);
    expect(without({ outputFormat: { type: 'json-object' } }, 'structuredOutput').dropped).toEqual(['response_format']);
  });

  it('lets an answer that has begun be answered anew', () => {
    const { request, dropped } = without({ messages: [user(text('a')), said('b')] }, 'prefill');
    expect(dropped).toEqual(['prefill']);
    expect(request.messages).toEqual([user(text('a'))]);
    const several = without({ messages: [user(text('a')), said('b'), said('c')] }, 'prefill');
    expect([several.dropped, several.request.messages]).toEqual([['prefill'], [user(text('a'))]]);
    expect(without({ messages: [user(text('a')), said('b'), user(text('c'))] }, 'prefill').dropped).toEqual([]);
  });

  it.each([
    ['that a chat can say', chats],
    ['of every kind', wildRequests],
  ])('makes requests %s that a chat no longer needs those features for', (_, requests) => {
    fc.assert(
      fc.property(requests, fc.subarray([...taken]), (asked, names) => {
        const { request } = withoutFeatures({ ...asked, natives: [] }, featureSet([...names, 'prefill']));
        const written = openaiWire.codec.encodeRequest(request, thinker);
        if (!written.ok) return;
        const read = openaiWire.readRequest(written.value.body, 'generate');
        const needs = read.ok ? read.value.requirements.features : needed(true, 'stream');
        for (const name of names) expect([name, hasFeature(needs, name)]).toEqual([name, false]);
      }),
      { numRuns: 200 },
    );
  });
});
