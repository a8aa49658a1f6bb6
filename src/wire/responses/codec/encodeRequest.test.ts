import { describe, expect, it } from 'vitest';

import type { Message } from '../../../vocabulary/index.ts';
import { call, calls, result, said, text, thinker, tool, user } from '../../codec/requests.fixture.ts';
import { bodyOf, faultOf, write } from './requests.fixture.ts';

const inputOf = (...messages: Message[]): unknown => bodyOf({ messages })['input'];

const thinking = (wire: string) => ({ type: 'thinking' as const, text: 'so', seal: { wire, value: 'C', id: 'rs_1' } });

describe('the conversation', () => {
  it('has what guides it first, and the rest where it stands', () => {
    const body = bodyOf({
      messages: [
        { role: 'system', content: [text('a'), text('b')] },
        user(text('hi')),
        { role: 'system', content: [text('c')] },
      ],
    });
    expect(body).toMatchObject({
      instructions: 'a\n\nb',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { role: 'system', content: [{ type: 'input_text', text: 'c' }] },
      ],
      store: false,
    });
  });

  it('has each result after the answer with its call, in the order of the calls', () => {
    expect(
      inputOf(user(text('go')), calls('a', 'b'), user(text('now'), result('b', 'two'), result('a', 'one'))),
    ).toMatchObject([
      { role: 'user' },
      { type: 'function_call', call_id: 'a' },
      { type: 'function_call', call_id: 'b' },
      { type: 'function_call_output', call_id: 'a', output: 'one' },
      { type: 'function_call_output', call_id: 'b', output: 'two' },
      { role: 'user', content: [{ text: 'now' }] },
    ]);
  });

  it('tells calls without results and results without calls as text', () => {
    const { body, dropped } = write({ messages: [calls('a'), user(result('z', 'late')), user(text('hi'))] });
    expect(JSON.stringify(body['input'])).not.toContain('function_call');
    expect(JSON.stringify(body['input'])).toContain('late');
    expect(dropped).toEqual(['tool_calls', 'tool_results']);
  });

  it('keeps pictures in results, and says in words that one is an error', () => {
    const picture = { type: 'image' as const, source: { type: 'url' as const, url: 'https://x.example/a.png' } };
    const failed = { type: 'tool-result' as const, callId: 'a', content: [picture], isError: true };
    expect(inputOf(calls('a'), user(failed))).toMatchObject([
      { type: 'function_call' },
      {
        output: [
          { type: 'input_text', text: 'Error: ' },
          { type: 'input_image', image_url: 'https://x.example/a.png' },
        ],
      },
    ]);
    expect(inputOf(calls('a'), user({ ...failed, content: [text('no')] }))).toMatchObject([
      {},
      { output: 'Error: no' },
    ]);
  });

  it('has the thinking that this wire has sealed, where something came of it, and no other', () => {
    const own = write({
      messages: [{ role: 'assistant', content: [thinking('responses'), text('a')] }, user(text('hi'))],
    });
    expect(own.body['input']).toMatchObject([
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'so' }], encrypted_content: 'C' },
      { role: 'assistant' },
      { role: 'user' },
    ]);
    expect(own.dropped).toEqual([]);
    for (const content of [
      [thinking('anthropic'), text('a')],
      [text('a'), thinking('responses')],
    ]) {
      const { body, dropped } = write({ messages: [{ role: 'assistant', content }, user(text('hi'))] });
      expect(body['input']).toMatchObject([{ role: 'assistant' }, { role: 'user' }]);
      expect(dropped).toEqual(['thinking']);
    }
  });

  it('gives calls ids that the vendor takes, the same in their results', () => {
    const long = 'x'.repeat(65);
    const input = inputOf({ role: 'assistant', content: [call(long)] }, user(result(long)));
    const ids = JSON.stringify(input).match(/call_[A-Za-z0-9]{24}(?=")/g) ?? [];
    expect(ids).toHaveLength(2);
    expect(ids[1]).toBe(ids[0]);
  });
});

describe('what this wire cannot be told', () => {
  it.each([
    ['stop sequences', { stopSequences: ['x'] }, 'stop_sequences'],
    ['an answer that has begun', { messages: [user(text('a')), said('b')] }, 'messages'],
    [
      'sound',
      { messages: [user({ type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' } })] },
      'messages',
    ],
    [
      'what another vendor keeps',
      { messages: [user({ type: 'file', source: { type: 'stored', wire: 'anthropic', id: 'f' }, name: null })] },
      'messages',
    ],
  ] as const)('%s are refused by name', (_, changes, parameter) => {
    expect(faultOf(changes)).toMatchObject({ code: 'unsupported_feature', parameter });
  });

  it('is a tool that must be used and is not there', () => {
    expect(faultOf({ tools: [tool], toolChoice: { type: 'named', name: 'g' } })).toMatchObject({ code: 'bad_request' });
  });

  it('is left out and told where it only tunes', () => {
    expect(write({ topK: 3 }).dropped).toEqual(['top_k']);
    expect(write({ temperature: 1, topP: 1 }, { unsupported: ['temperature', 'top_p'] })).toMatchObject({
      dropped: ['temperature', 'top_p'],
      body: expect.not.objectContaining({ temperature: 1 }),
    });
  });
});

describe('what it is told', () => {
  it('is to give the cipher of what it thinks along, where it thinks', () => {
    expect(bodyOf({})).toMatchObject({ include: ['reasoning.encrypted_content'] });
    expect(bodyOf({}, { reasoning: false })).not.toHaveProperty('include');
    const shown = { mode: 'on' as const, budgetTokens: null, effort: 'high', show: true };
    expect(bodyOf({ reasoning: shown })).toMatchObject({ reasoning: { effort: 'high', summary: 'auto' } });
    expect(write({ reasoning: shown }, { reasoning: false }).dropped).toEqual(['reasoning']);
  });

  it('is that a function is not strict where nobody said so', () => {
    const closed = { type: 'object', properties: {}, required: [], additionalProperties: false };
    const tools = [tool, { ...tool, name: 'g', strict: true, parameters: closed }];
    expect(bodyOf({ tools })['tools']).toMatchObject([{ type: 'function', strict: false }, { strict: true }]);
  });

  it('is a bound that it takes', () => {
    expect(write({ outputTokensMax: 5 })).toMatchObject({ body: { max_output_tokens: 16 }, dropped: ['max_tokens'] });
    expect(bodyOf({ outputTokensMax: 50 }, { ...thinker, outputTokensMax: 20 })).toMatchObject({
      max_output_tokens: 20,
    });
  });
});
