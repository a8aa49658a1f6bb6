// What each wire finds that a request needs of a target, without decoding it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Feature } from '../vocabulary/index.ts';
import { heads, needsOf } from './needs.fixture.ts';

const shown = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
const said = (...messages: object[]) => ({ messages: [{ role: 'user', content: 'a' }, ...messages] });
const config = (generationConfig: object) => ({ generationConfig });
const part = (mimeType: string) => ({
  contents: [{ role: 'user', parts: [{ inlineData: { mimeType, data: 'AAAA' } }] }],
});
const schema = { type: 'json_schema', schema: { type: 'object' } };

describe('what a request needs', () => {
  test.each(Object.keys(heads))('is nothing where it asks for nothing: %s', (wire) => {
    expect(needsOf(wire, {})).toEqual([]);
  });

  test.each<readonly [wire: string, needs: readonly Feature[], body: object]>([
    ['openai', ['tools'], { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['openai', ['tools'], { functions: [{ name: 'f' }] }],
    ['openai', ['parallelTools'], { parallel_tool_calls: false }],
    [
      'openai',
      ['images', 'imageAddresses'],
      shown({ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }),
    ],
    ['openai', ['documents'], shown({ type: 'file', file: { file_id: 'f' } })],
    ['openai', ['audio'], shown({ type: 'input_audio', input_audio: { data: '', format: 'mp3' } })],
    ['openai', ['video'], shown({ type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } })],
    ['openai', ['structuredOutput'], { response_format: { type: 'json_object' } }],
    ['openai', ['structuredOutput', 'schemas'], { response_format: { type: 'json_schema' } }],
    ['openai', ['stream'], { stream: true }],
    ['openai', ['prefill'], said({ role: 'assistant', content: 'b' })],
    ['openai', ['prefill'], said({ content: [{ type: 'text', text: 'b' }], role: 'assistant' })],
    ['openai', [], said({ role: 'assistant', content: 'b', tool_calls: [{ id: 'c' }] })],
    ['openai', [], said({ role: 'assistant', content: 'b' }, { role: 'user', content: 'c' })],
    [
      'openai',
      ['system'],
      {
        messages: [
          { role: 'system', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
    ],
    ['openai', ['system', 'developerRole'], { messages: [{ role: 'developer', content: 'a' }] }],
    ['openai', ['reasoning'], { reasoning_effort: 'low' }],
    ['openai', ['reasoning'], { reasoning: { effort: 'high' } }],
    ['openai', [], { reasoning_effort: 'none' }],
    ['openai', ['imageOutput'], { modalities: ['text', 'image'] }],
    ['openai', ['audioOutput'], { modalities: ['text', 'audio'] }],
    ['anthropic', ['tools'], { tools: [{ name: 'f' }] }],
    ['anthropic', ['parallelTools'], { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
    ['anthropic', [], { tool_choice: { type: 'auto' } }],
    [
      'anthropic',
      ['images', 'imageAddresses'],
      shown({ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }),
    ],
    ['anthropic', ['documents'], shown({ type: 'document', source: { type: 'base64', data: '' } })],
    ['anthropic', ['structuredOutput', 'schemas'], { output_config: { format: schema } }],
    ['anthropic', ['prefill'], said({ role: 'assistant', content: '{' })],
    ['anthropic', ['prefill'], said({ role: 'assistant', content: [{ type: 'text', text: '{' }] })],
    [
      'anthropic',
      [],
      said({ role: 'assistant', content: [{ type: 'server_tool_use', id: 'a', name: 'b', input: {} }] }),
    ],
    [
      'anthropic',
      [],
      said({ role: 'assistant', content: [{ type: 'tool_use', id: 'a', input: { role: 'assistant' } }] }),
    ],
    ['anthropic', ['system'], { system: 'a' }],
    ['anthropic', ['reasoning', 'thinking.enabled'], { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    ['anthropic', ['reasoning', 'thinking.adaptive'], { thinking: { type: 'adaptive' } }],
    ['anthropic', [], { thinking: { type: 'disabled' } }],
    ['responses', ['tools'], { tools: [{ type: 'function', name: 'f' }] }],
    ['responses', ['parallelTools'], { parallel_tool_calls: false }],
    [
      'responses',
      ['images', 'imageAddresses'],
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] },
    ],
    ['responses', ['documents'], { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }],
    ['responses', ['audio'], { input: [{ role: 'user', content: [{ type: 'input_audio' }] }] }],
    ['responses', ['structuredOutput', 'schemas'], { text: { format: schema } }],
    [
      'responses',
      ['prefill'],
      {
        input: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      },
    ],
    [
      'responses',
      [],
      {
        input: [
          { role: 'assistant', content: 'b' },
          { type: 'function_call_output', call_id: 'c' },
        ],
      },
    ],
    [
      'responses',
      ['prefill'],
      {
        input: [
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
          { type: 'function_call_output', call_id: 'c', output: '"role"' },
          { role: 'assistant', content: 'his "call_id": "c"' },
        ],
        metadata: { call_id: 'c' },
      },
    ],
    ['responses', ['system'], { instructions: 'a' }],
    ['responses', ['system', 'developerRole'], { input: [{ role: 'developer', content: 'a' }] }],
    ['responses', ['reasoning'], { reasoning: { effort: 'low' } }],
    ['gemini', ['tools'], { tools: [{ functionDeclarations: [{ name: 'f' }] }] }],
    ['gemini', ['images'], part('image/png')],
    ['gemini', ['documents'], part('application/pdf')],
    ['gemini', ['audio'], part('audio/wav')],
    ['gemini', ['video'], part('video/mp4')],
    ['gemini', ['structuredOutput'], config({ responseMimeType: 'application/json' })],
    ['gemini', ['structuredOutput', 'schemas'], config({ response_json_schema: {} })],
    [
      'gemini',
      ['prefill'],
      {
        contents: [
          { role: 'user', parts: [{ text: 'a' }] },
          { role: 'model', parts: [{ text: 'b' }] },
        ],
      },
    ],
    ['gemini', [], { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' } }] }] }],
    ['gemini', ['system'], { system_instruction: { parts: [{ text: 'a' }] } }],
    ['gemini', ['reasoning'], config({ thinkingConfig: { thinkingBudget: 1_000 } })],
    ['gemini', [], config({ thinkingConfig: { thinkingBudget: 0 } })],
    ['gemini', ['imageOutput'], config({ responseModalities: ['TEXT', 'IMAGE'] })],
    ['gemini', ['audioOutput'], config({ response_modalities: ['audio'] })],
  ])('is found by the wire %s: %j', (wire, needs, body) => {
    expect(needsOf(wire, body)).toEqual(needs);
  });

  test('is not found in what people write, whatever they write', () => {
    const words = [
      '"type":"image_url"',
      '"role":"developer"',
      '{"role":"assistant","content":"x"}',
      '"type":"input_audio"',
    ];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { minLength: 1 }), (said) => {
        const text = said.join(' ');
        expect(needsOf('openai', { messages: [{ role: 'user', content: text }] })).toEqual([]);
        expect(needsOf('anthropic', { messages: [{ role: 'user', content: [{ type: 'text', text }] }] })).toEqual([]);
        expect(needsOf('responses', { input: text })).toEqual([]);
        expect(needsOf('gemini', { contents: [{ role: 'user', parts: [{ text }] }] })).toEqual([]);
      }),
    );
  });
});
