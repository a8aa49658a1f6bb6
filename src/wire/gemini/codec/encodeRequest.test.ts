import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { GenerateRequest, Message, Reasoning } from '../../../vocabulary/index.ts';
import type { CodecTarget } from '../../codec/Codec.ts';
import { call, calls, greeting, result, said, text, thinker, tool, user } from '../../codec/requests.fixture.ts';
import { isJsonObject, listIn } from '../../json/JsonObject.ts';
import { geminiWire } from '../geminiWire.ts';
import { encodeRequest } from './encodeRequest.ts';
import { refusalsOf } from './refusalsOf.fixture.ts';
import { bodyOf, decode, decodeWith, faultOf, requests as sayable, wildRequests, write } from './requests.fixture.ts';
import { sealOf } from './sealOf.ts';

const third = { model: 'gemini-3-pro-preview' };
const second = { model: 'gemini-2.5-flash' };
const thinking = (mode: Reasoning['mode'], more: Partial<Reasoning> = {}): Partial<GenerateRequest> => ({
  reasoning: { mode, budgetTokens: null, effort: null, show: false, ...more },
});
const contentsOf = (messages: readonly Message[], about: Partial<CodecTarget> = {}): unknown =>
  bodyOf({ messages }, about)['contents'];

describe('encodeRequest', () => {
  it('is read again as it was meant', () => {
    fc.assert(
      fc.property(sayable, fc.boolean(), (request, stream) => {
        const { body, dropped } = write({ ...request, stream });
        expect(decodeWith(stream)(body)).toEqual({ ...request, stream });
        expect(dropped).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['what this wire can say', sayable, second],
    ['what this wire can say', sayable, third],
    ['histories of every kind', wildRequests, second],
    ['histories of every kind', wildRequests, third],
  ])('writes of %s what the vendor takes and the wire reads', (_, requests, about) => {
    fc.assert(
      fc.property(requests, (request) => {
        const written = encodeRequest(request, { ...thinker, ...about });
        if (!written.ok) {
          expect(written.fault).toMatchObject({ code: 'unsupported_feature', parameter: 'messages' });
          return;
        }
        const body: unknown = JSON.parse(Buffer.from(written.value.body).toString());
        expect(isJsonObject(body) && refusalsOf(body, about === third)).toEqual([]);
        expect(geminiWire.readRequest(written.value.body, 'generate', undefined, request)).toMatchObject({
          ok: true,
          value: { model: 'm', stream: request.stream },
        });
      }),
      { numRuns: 300 },
    );
  });

  it('would be told by these rules of a body that breaks them', () => {
    const parts = [{ functionCall: { id: 'a', name: 'f', args: {} } }];
    expect(refusalsOf({ contents: [{ role: 'model', parts }] }, true)).toEqual([
      'there are contents, and the user’s is the first',
      'the last content is the user’s',
      'each call has its result in the very next turn, and no result is alone',
      'the first call of each step of the running turn is signed',
    ]);
  });

  it('says nothing that the path says, and nothing that was not said', () => {
    expect(bodyOf({ stream: true })).toEqual({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
  });

  it.each<[Partial<GenerateRequest>, Partial<CodecTarget>, unknown, string[]]>([
    [{ outputTokensMax: 9_000 }, { outputTokensMax: 8_000 }, { maxOutputTokens: 8_000 }, ['max_tokens']],
    [{ temperature: 1.5, topP: 0.9, topK: 3 }, {}, { temperature: 1.5, topP: 0.9, topK: 3 }, []],
    [{ temperature: 1.5 }, { unsupported: ['temperature'] }, undefined, ['temperature']],
    [{ stopSequences: ['\n', 'END'] }, {}, { stopSequences: ['\n', 'END'] }, []],
    [{ endUser: 'u' }, {}, undefined, ['user']],
    [{ outputFormat: { type: 'json-object' } }, {}, { responseMimeType: 'application/json' }, []],
    [{ hints: ['seed'] }, {}, undefined, ['seed']],
  ])('writes %j for %j as %j', (more, about, config, dropped) => {
    const written = write(more, about);
    expect(written.body['generationConfig']).toEqual(config);
    expect(written.dropped).toEqual(dropped);
  });

  it('refuses more stop sequences than the vendor takes, an answer that has begun, and what is kept elsewhere', () => {
    expect(faultOf({ stopSequences: ['1', '2', '3', '4', '5', '6'] })).toMatchObject({ parameter: 'stop_sequences' });
    expect(faultOf({ messages: [user(text('a')), said('b')] })?.code).toBe('unsupported_feature');
    const stored = { type: 'image', source: { type: 'stored', wire: 'openai', id: 'f' } } as const;
    expect(faultOf({ messages: [user(stored)] })?.message).toContain('openai');
    expect(faultOf({ tools: [{ ...tool, name: '1st' }] })).toMatchObject({ parameter: 'tools' });
    expect(faultOf({ tools: [tool], toolChoice: { type: 'named', name: 'g' } })?.code).toBe('bad_request');
  });
});

describe('thinking', () => {
  it.each<[string, Partial<GenerateRequest>, unknown, string[]]>([
    ['gemini-2.5-flash', thinking('off'), { thinkingBudget: 0 }, []],
    ['gemini-2.5-pro', thinking('off'), undefined, ['reasoning']],
    ['gemini-2.5-pro', thinking('adaptive', { show: true }), { thinkingBudget: -1, includeThoughts: true }, []],
    ['gemini-2.5-pro', thinking('on', { effort: 'medium' }), { thinkingBudget: 8_192 }, []],
    ['gemini-2.5-pro', thinking('on', { effort: 'colossal' }), { thinkingBudget: -1 }, ['reasoning']],
    ['gemini-2.5-pro', thinking('on', { budgetTokens: 100_000 }), { thinkingBudget: 24_576 }, ['reasoning']],
    ['gemini-3-pro-preview', thinking('off'), { thinkingLevel: 'low' }, ['reasoning']],
    ['gemini-3-flash-preview', thinking('off'), { thinkingLevel: 'minimal' }, ['reasoning']],
    ['gemini-3-pro-preview', thinking('adaptive', { show: true }), { includeThoughts: true }, []],
    ['gemini-3-pro-preview', thinking('on', { effort: 'high' }), { thinkingLevel: 'high' }, []],
    ['gemini-3-pro-preview', thinking('on', { effort: 'minimal' }), { thinkingLevel: 'low' }, ['reasoning']],
    ['gemini-flash-latest', thinking('on', { effort: 'minimal' }), { thinkingLevel: 'minimal' }, []],
    ['gemini-3-pro-preview', thinking('on', { effort: 'max' }), { thinkingLevel: 'high' }, ['reasoning']],
    ['gemini-3-pro-preview', thinking('on', { budgetTokens: 2_000 }), { thinkingBudget: 2_000 }, []],
  ])('of %s by %j is %j', (model, more, config, dropped) => {
    const written = write(more, { model });
    expect(written.body['generationConfig'] ?? {}).toEqual(config === undefined ? {} : { thinkingConfig: config });
    expect(written.dropped).toEqual(dropped);
  });

  it('is not asked of who cannot', () => {
    const about = { ...third, reasoning: false };
    expect(write(thinking('on'), about)).toMatchObject({ dropped: ['reasoning'] });
    expect(write(thinking('off'), about)).toMatchObject({ dropped: [] });
  });
});

describe('tools', () => {
  it.each<[Partial<GenerateRequest>, unknown]>([
    [{ toolChoice: { type: 'auto' } }, { mode: 'AUTO' }],
    [{ toolChoice: { type: 'none' } }, { mode: 'NONE' }],
    [{ toolChoice: { type: 'required' } }, { mode: 'ANY' }],
    [{ toolChoice: { type: 'named', name: 'f' } }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
  ])('are chosen from by %j as %j', (more, config) => {
    expect(bodyOf({ tools: [tool], ...more })['toolConfig']).toEqual({ functionCallingConfig: config });
    expect(bodyOf(more)).not.toHaveProperty('toolConfig');
  });

  it('are told of what this wire has no word for', () => {
    const told = write({ tools: [{ ...tool, strict: true, cache: { lifetime: null } }], parallelToolCalls: false });
    expect(told.dropped).toEqual(['cache_control', 'parallel_tool_calls', 'strict']);
  });

  it('stand beside a form of the answer only where the model takes both', () => {
    const more = { tools: [tool], outputFormat: { type: 'json-object' } } as const;
    expect(write(more, third)).toMatchObject({
      body: { generationConfig: { responseMimeType: 'application/json' } },
      dropped: [],
    });
    const { body, dropped } = write(more, second);
    expect(dropped).toEqual(['response_format']);
    expect(body).not.toHaveProperty('generationConfig');
    expect(JSON.stringify(body['systemInstruction'])).toContain('Answer with one JSON object');
  });
});

describe('calls and their results', () => {
  it('go by id and by name, results first and in one turn', () => {
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/jpg', data: 'AAAA' } } as const;
    const failed = { type: 'tool-result', callId: 'b', content: [text('no')], isError: true } as const;
    expect(
      contentsOf([
        user(text('go')),
        { role: 'assistant', content: [call('a', '{"x":1}'), { ...call('b'), name: 'g' }] },
        user(text('and'), { type: 'tool-result', callId: 'a', content: [text('ok'), image], isError: false }),
        user(failed),
      ]),
    ).toEqual([
      { role: 'user', parts: [{ text: 'go' }] },
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'f', args: { x: 1 } } },
          { functionCall: { id: 'b', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'f', response: { output: 'ok' } } },
          { functionResponse: { id: 'b', name: 'g', response: { error: 'no' } } },
          { text: 'From the result of the tool call a:' },
          { inlineData: { mimeType: 'image/jpeg', data: 'AAAA' } },
          { text: 'and' },
        ],
      },
    ]);
  });

  it('are left out where they are no pair (case 29)', () => {
    const { body, dropped } = write({
      messages: [user(text('go')), calls('toolu_01', 'lost'), user(result('toolu_01'), result('ORPHAN'), text('next'))],
    });
    expect(dropped).toEqual(['tool_calls', 'tool_results']);
    expect(JSON.stringify(body)).not.toMatch(/lost|ORPHAN/);
    expect(refusalsOf(body, false)).toEqual([]);
  });

  it('carry their own signature, and the vendor’s word for none where a model checks the running turn', () => {
    const signed = { ...call('a'), seal: sealOf('s+/=') };
    const foreign = { ...call('b'), seal: { wire: 'anthropic', value: 'x' } };
    const messages = [
      user(text('one')),
      calls('before'),
      user(result('before')),
      said('done'),
      user(text('two')),
      { role: 'assistant', content: [signed, call('a2')] } as const,
      user(result('a'), result('a2')),
      { role: 'assistant', content: [foreign, call('c')] } as const,
      user(result('b'), result('c')),
    ];
    const signatures = (about: Partial<CodecTarget>): unknown[] =>
      listIn(bodyOf({ messages }, about), 'contents')
        .filter(isJsonObject)
        .flatMap((content) => listIn(content, 'parts').filter(isJsonObject))
        .filter((part) => part['functionCall'] !== undefined)
        .map((part) => part['thoughtSignature']);
    expect(signatures(second)).toEqual([undefined, 's+/=', undefined, undefined, undefined]);
    expect(signatures(third)).toEqual([undefined, 's+/=', undefined, 'skip_thought_signature_validator', undefined]);
  });

  it('go with the thinking that this wire sealed, and without that of others', () => {
    const own = { type: 'thinking', text: 'mine', seal: sealOf('s') } as const;
    const other = { type: 'thinking', text: 'theirs', seal: { wire: 'anthropic', value: 's' } } as const;
    const { body, dropped } = write({
      messages: [user(text('a')), { role: 'assistant', content: [own, other, text('b')] }, user(text('c'))],
    });
    expect(dropped).toEqual(['thinking']);
    expect(listIn(body, 'contents')[1]).toEqual({
      role: 'model',
      parts: [{ text: 'mine', thought: true, thoughtSignature: 's' }, { text: 'b' }],
    });
  });

  it('keep a signature that stands alone', () => {
    const lone = { type: 'redacted-thinking', seal: sealOf('s') } as const;
    const [, alone] = listIn(
      bodyOf({ messages: [user(text('a')), { role: 'assistant', content: [lone, text('b')] }, user(text('c'))] }),
      'contents',
    );
    expect(alone).toEqual({ role: 'model', parts: [{ text: '', thoughtSignature: 's' }, { text: 'b' }] });
  });

  it('begin with the user, and systems stand above', () => {
    const { body, dropped } = write({
      messages: [said('hello'), user(text('a')), { role: 'system', content: [text('be brief')] }],
    });
    expect(dropped).toEqual(['first_message', 'system_position']);
    expect(body).toMatchObject({
      contents: [{ role: 'user', parts: [{ text: '(start)' }] }, { role: 'model' }, { role: 'user' }],
      systemInstruction: { parts: [{ text: 'be brief' }] },
    });
  });
});

it('a request that says nothing but "hi" is read as it was', () => {
  expect(decode(bodyOf({}))).toEqual(greeting);
});
