import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decodeRequest } from './decodeRequest.ts';

const bytesOf = (body: object): Uint8Array => utf8Bytes(JSON.stringify(body));
const readBody = (more: object): GenerateRequest => {
  const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }], ...more };
  const decoded = decodeRequest(bytesOf(body));
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return decoded.value;
};

describe('decodeRequest, of what is wrong or of this wire only,', () => {
  it.each<[string, object, string[]]>([
    ['a conversation kept at the vendor', { thread: { type: 'create' } }, ['thread']],
    ['a machine', { container: 'c' }, ['container']],
    ['servers', { mcp_servers: [{}] }, ['mcp_servers']],
    ['where data may go', { inference_geo: 'eu' }, ['inference_geo']],
    ['who pays', { billing_policy: { type: 'billing_policy' } }, ['billing_policy']],
    ['a word of the future', { tea: true }, ['tea']],
    ['a request for no answer', { max_tokens: 0 }, ['max_tokens']],
    [
      'compaction',
      { context_management: { edits: [{ type: 'compact_20260112' }] } },
      ['context_management.compact_20260112'],
    ],
    [
      'a tool of the vendor’s',
      { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      ['tools.web_search_20250305'],
    ],
    [
      'a tool that models are trained on',
      { tools: [{ type: 'bash_20250124', name: 'bash' }] },
      ['tools.bash_20250124'],
    ],
    [
      'a tool for code only',
      { tools: [{ name: 'f', input_schema: {}, allowed_callers: ['code_execution_20260120'] }] },
      ['tools.allowed_callers'],
    ],
    [
      'citations',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'url', url: 'https://a' }, citations: { enabled: true } }],
          },
        ],
      },
      ['citations'],
    ],
    [
      'a block of the vendor’s tools',
      {
        messages: [
          { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: {} }] },
        ],
      },
      ['server_tool_use'],
    ],
    [
      'a word of the future in a block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', tea: 1 }] }] },
      ['text.tea'],
    ],
    [
      'a change of tools on the way',
      { messages: [{ role: 'system', content: [{ type: 'tool_addition', tool: {} }] }] },
      ['tool_addition'],
    ],
  ])('tells that only this wire can say %s', (_, more, natives) => {
    expect(readBody(more).natives).toEqual(natives);
  });

  it.each<[object, string[]]>([
    [{ service_tier: 'auto', speed: 'fast', diagnostics: {} }, ['diagnostics', 'service_tier', 'speed']],
    [{ metadata: { user_id: 'u', team: 't' } }, ['metadata.team']],
    [
      { tools: [{ name: 'f', input_schema: {}, defer_loading: true, eager_input_streaming: true }] },
      ['tools.defer_loading', 'tools.eager_input_streaming'],
    ],
    [{ cache_control: { type: 'ephemeral' }, container: null }, ['cache_control']],
  ])('tells that %j only tunes', (more, hints) => {
    const request = readBody(more);
    expect(request.hints).toEqual(hints);
    expect(request.natives).toEqual([]);
  });

  it('keeps few of the names that a client can invent', () => {
    const invented = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`x${index}`, 1]));
    expect(readBody(invented).natives.length).toBeLessThan(50);
  });

  it.each<[object, string]>([
    [{ model: 1 }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: [7] }, 'messages.0'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.role'],
    [{ messages: [{ role: 'user' }] }, 'messages.0.content'],
    [{ messages: [{ role: 'user', content: [{ text: 'a' }] }] }, 'messages.0.content.0.type'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] }] },
      'messages.0.content.0',
    ],
    [{ messages: [{ role: 'assistant', content: [{ type: 'image', source: {} }] }] }, 'messages.0.content.0'],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: '{}' }] }] },
      'messages.0.content.0.input',
    ],
    [{ messages: [{ role: 'user', content: [{ type: 'image' }] }] }, 'messages.0.content.0.source'],
    [{ system: 7 }, 'system'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ name: 'f' }] }, 'tools.0.input_schema'],
    [{ tool_choice: { type: 'maybe' } }, 'tool_choice.type'],
    [{ stop_sequences: [1] }, 'stop_sequences.0'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ thinking: { type: 'enabled', budget_tokens: 'x' } }, 'thinking.budget_tokens'],
    [{ output_config: { format: { type: 'json_schema' } } }, 'output_config.format.schema'],
    [{ stream: 'yes' }, 'stream'],
  ])('refuses %j at the place that is wrong', (more, place) => {
    const decoded = decodeRequest(bytesOf({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...more }));
    expect(decoded).toMatchObject({
      ok: false,
      fault: { code: 'bad_request', parameter: place, message: expect.stringContaining(`\`${place}\``) },
    });
  });

  it('refuses what is no JSON object, and throws at nothing', () => {
    expect(decodeRequest(utf8Bytes('[]'))).toMatchObject({ ok: false, fault: { code: 'bad_request' } });
    const names = fc.constantFrom(
      'model',
      'messages',
      'role',
      'content',
      'type',
      'source',
      'tools',
      'system',
      'thinking',
      'output_config',
      'format',
      'name',
      'text',
      'input',
    );
    const { values } = fc.letrec<{ values: unknown }>((tie) => ({
      values: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(
          null,
          1,
          true,
          '',
          'user',
          'assistant',
          'text',
          'tool_use',
          'tool_result',
          'image',
          'document',
          'enabled',
        ),
        fc.array(tie('values'), { maxLength: 3 }),
        fc.dictionary(names, tie('values'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(values, values, (messages, more) => {
        const decoded = decodeRequest(bytesOf({ model: 'm', ...Object(more), messages }));
        expect(typeof decoded.ok).toBe('boolean');
      }),
      { numRuns: 2_000 },
    );
  });
});
