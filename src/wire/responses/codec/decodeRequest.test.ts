import { describe, expect, it } from 'vitest';

import type { Message } from '../../../vocabulary/index.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decode } from './requests.fixture.ts';
import { responsesCodec } from './responsesCodec.ts';

const messagesOf = (input: unknown, more: object = {}): readonly Message[] =>
  decode({ model: 'm', input, ...more }).messages;

const faultOf = (body: object): unknown => {
  const decoded = responsesCodec.decodeRequest(utf8Bytes(JSON.stringify(body)));
  return decoded.ok ? null : [decoded.fault.code, decoded.fault.parameter];
};

const tuningOf = (more: object): unknown => {
  const { hints, natives } = decode({ model: 'm', input: 'hi', ...more });
  return { hints, natives };
};

const text = (words: string) => ({ type: 'text', text: words });

describe('the conversation', () => {
  it('is a text, or items; instructions stand before it', () => {
    expect(messagesOf('hi', { instructions: 'Be brief.' })).toEqual([
      { role: 'system', content: [text('Be brief.')] },
      { role: 'user', content: [text('hi')] },
    ]);
    expect(messagesOf([{ role: 'user', content: 'hi' }])).toEqual([{ role: 'user', content: [text('hi')] }]);
    expect(messagesOf('')).toEqual([{ role: 'user', content: [] }]);
  });

  it('has any number of parts in an answer', () => {
    const many = Array.from({ length: 150_000 }, () => ({ type: 'output_text', text: 'a' }));
    const [answer] = messagesOf([
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: many },
    ]);
    expect(answer?.content).toHaveLength(150_001);
  });

  it('has one answer for what the model thought, said and called in a row, and one message for the results', () => {
    const call = (id: string) => ({
      type: 'function_call',
      id: `fc_${id}`,
      call_id: id,
      name: 'f',
      arguments: '{"a":1}',
    });
    const output = (id: string, more: unknown) => ({ type: 'function_call_output', call_id: id, output: more });
    const picture = { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' };
    expect(
      messagesOf([
        { type: 'message', id: 'msg_1', role: 'developer', content: [{ type: 'input_text', text: 'Be brief.' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'go' }] },
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'gAAA',
        },
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'two', annotations: [] }],
          status: 'completed',
        },
        call('c1'),
        call('c2'),
        output('c1', 'one'),
        output('c2', [{ type: 'input_text', text: 'see' }, picture]),
        { role: 'user', content: 'and?' },
      ]),
    ).toEqual([
      { role: 'system', content: [text('Be brief.')] },
      { role: 'user', content: [text('go')] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'a\n\nb', seal: { wire: 'responses', value: 'gAAA', id: 'rs_1' } },
          text('two'),
          { type: 'tool-call', id: 'c1', name: 'f', arguments: '{"a":1}' },
          { type: 'tool-call', id: 'c2', name: 'f', arguments: '{"a":1}' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', callId: 'c1', content: [text('one')], isError: false },
          {
            type: 'tool-result',
            callId: 'c2',
            content: [
              text('see'),
              { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
            ],
            isError: false,
          },
        ],
      },
      { role: 'user', content: [text('and?')] },
    ]);
  });

  it('finds whose thinking it is, bit for bit, by the cipher that came back', () => {
    const thought = (encrypted: string | null, words: string) => ({
      type: 'reasoning',
      id: 'rs_archipel_r_0',
      summary: words === '' ? [] : [{ type: 'summary_text', text: words }],
      encrypted_content: encrypted,
    });
    const [answer] = messagesOf([
      thought('archipel:anthropic:Ab+/=:x', 'so'),
      thought('archipel:anthropic:D', ''),
      thought(null, 'plain'),
      thought(null, ''),
    ]);
    expect(answer?.content).toEqual([
      { type: 'thinking', text: 'so', seal: { wire: 'anthropic', value: 'Ab+/=:x' } },
      { type: 'redacted-thinking', seal: { wire: 'anthropic', value: 'D' } },
      { type: 'thinking', text: 'plain', seal: null },
    ]);
  });

  it('has files and pictures by their data, their address, and their name at the vendor', () => {
    const [message] = messagesOf([
      {
        role: 'user',
        content: [
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
          { type: 'input_file', file_url: 'https://x.example/a.pdf' },
          { type: 'input_file', file_id: 'file-1' },
          { type: 'input_image', image_url: 'https://x.example/a.png', file_id: null },
          { type: 'input_image', file_id: 'file-2' },
        ],
      },
    ]);
    expect(message?.content.map((part) => ('source' in part ? part.source : part))).toEqual([
      { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' },
      { type: 'url', url: 'https://x.example/a.pdf' },
      { type: 'stored', wire: 'responses', id: 'file-1' },
      { type: 'url', url: 'https://x.example/a.png' },
      { type: 'stored', wire: 'responses', id: 'file-2' },
    ]);
  });

  it.each([
    [{ input: [{ role: 'user' }] }, 'input[0].content'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role'],
    [{ input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '[1]' }] }, 'input[0].arguments'],
    [{ input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
    [{ input: [{ type: 'function_call_output', call_id: 'c' }] }, 'input[0].output'],
    [
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'ftp://x' }] }] },
      'input[0].content[0].image_url',
    ],
    [
      { input: [{ role: 'assistant', content: [{ type: 'input_image', image_url: 'https://x/y' }] }] },
      'input[0].content',
    ],
    [{ input: [3] }, 'input[0]'],
    [{ input: 'x', tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ input: 'x', tool_choice: 'sometimes' }, 'tool_choice'],
    [{ input: 'x', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ input: 'x', text: { format: { type: 'json_schema', schema: 3 } } }, 'text.format.schema'],
  ])('is refused where it cannot be right: %j', (body, parameter) => {
    expect(faultOf({ model: 'm', ...body })).toEqual(['bad_request', parameter]);
  });
});

describe('what other wires have no word for', () => {
  it.each<[object, string[]]>([
    [{ previous_response_id: 'resp_1' }, ['previous_response_id']],
    [{ conversation: { id: 'conv_1' } }, ['conversation']],
    [{ prompt: { id: 'pmpt_1' } }, ['prompt']],
    [{ background: true }, ['background']],
    [{ top_logprobs: 3 }, ['top_logprobs']],
    [{ include: ['message.output_text.logprobs'] }, ['include.message.output_text.logprobs']],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, ['input.item_reference']],
    [{ input: [{ id: 'msg_1' }] }, ['input.item_reference']],
    [{ input: [{ type: 'compaction', encrypted_content: 'x' }] }, ['input.compaction']],
    [{ input: [{ type: 'mcp_call', id: 'x' }, { type: 'constructor' }] }, ['input.constructor', 'input.mcp_call']],
    [{ input: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }, ['input.input_audio']],
    [{ tools: [{ type: 'mcp', server_label: 's' }] }, ['tools.mcp']],
    [{ tools: [{ type: 'web_search' }] }, ['tools.web_search']],
    [{ tools: [{ type: 'function', name: 'f', allowed_callers: ['programmatic'] }] }, ['tools.allowed_callers']],
    [
      { tools: [{ type: 'function', name: 'f' }], tool_choice: { type: 'mcp', server_label: 's' } },
      ['tool_choice.mcp'],
    ],
    [{ something_new: 1 }, ['something_new']],
    [{ constructor: 1 }, ['constructor']],
    [{ text: { something: 1 } }, ['text.something']],
  ])('keeps %j on its wire', (more, natives) => {
    expect(tuningOf(more)).toMatchObject({ natives });
  });

  it.each<[object, string[]]>([
    [
      { store: true, truncation: 'auto', service_tier: 'priority', client_metadata: { a: 'b' } },
      ['client_metadata', 'service_tier', 'truncation'],
    ],
    [
      { metadata: { a: 'b' }, prompt_cache_key: 'k', max_tool_calls: 3 },
      ['max_tool_calls', 'metadata', 'prompt_cache_key'],
    ],
    [{ text: { verbosity: 'low' }, include: ['message.input_image.image_url'] }, ['include', 'text.verbosity']],
    [{ input: [{ role: 'assistant', content: 'x', phase: 'commentary' }] }, ['input.phase']],
    [
      {
        input: [
          { type: 'web_search_call', id: 'ws_1' },
          { role: 'user', content: 'x' },
        ],
      },
      ['input.web_search_call'],
    ],
    [{ reasoning: { effort: 'low', context: 'all_turns' } }, ['reasoning.context']],
    [
      { tools: [{ type: 'function', name: 'f', defer_loading: true }, { type: 'tool_search' }] },
      ['tools.defer_loading', 'tools.tool_search'],
    ],
  ])('leaves out of %j what only tunes', (more, hints) => {
    expect(tuningOf(more)).toEqual({ hints, natives: [] });
  });

  it('says nothing of what says what is so without it', () => {
    const silent = {
      store: true,
      background: false,
      truncation: 'disabled',
      metadata: {},
      top_logprobs: 0,
      service_tier: 'auto',
    };
    const more = { include: ['reasoning.encrypted_content'], stream_options: { include_obfuscation: false } };
    expect(tuningOf({ ...silent, ...more, previous_response_id: null })).toEqual({ hints: [], natives: [] });
  });
});

describe('how to think, and the form of the answer', () => {
  it.each([
    [undefined, null],
    [{ summary: 'auto' }, { mode: 'adaptive', budgetTokens: null, effort: null, show: true }],
    [{ effort: 'high' }, { mode: 'on', budgetTokens: null, effort: 'high', show: false }],
    [{ effort: 'none' }, { mode: 'off', budgetTokens: null, effort: null, show: false }],
  ])('reads %j', (reasoning, expected) => {
    expect(decode({ model: 'm', input: 'hi', reasoning }).reasoning).toEqual(expected);
  });

  it('shows thinking to those who ask for what they must bring back', () => {
    const asked = { model: 'm', input: 'hi', include: ['reasoning.encrypted_content'] };
    expect(decode({ ...asked, reasoning: { effort: 'low' } }).reasoning?.show).toBe(true);
    expect(decode(asked).reasoning).toBeNull();
  });

  it('reads a schema with its members beside its type', () => {
    const format = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true };
    expect(decode({ model: 'm', input: 'hi', text: { format } }).outputFormat).toEqual({
      type: 'json-schema',
      name: 'n',
      description: null,
      schema: { type: 'object' },
      strict: true,
    });
  });
});
