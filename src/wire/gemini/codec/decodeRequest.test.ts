import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fixtureJson } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { decodeRequest } from './decodeRequest.ts';
import { decode, decodeWith } from './requests.fixture.ts';
import { sealOf } from './sealOf.ts';

const hi = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };
const faultOf = (body: unknown) => {
  const decoded = decodeRequest(utf8Bytes(typeof body === 'string' ? body : JSON.stringify(body)));
  return decoded.ok ? null : decoded.fault;
};
const messagesOf = (...contents: object[]) => decode({ contents }).messages;
const user = (...parts: object[]) => ({ role: 'user', parts });
const model = (...parts: object[]) => ({ role: 'model', parts });
const recorded = (path: string): Record<string, unknown> => {
  const { request } = fixtureJson(`recordings/google/${path}`) as { request: { body: Record<string, unknown> } };
  return request.body;
};

describe('decodeRequest', () => {
  it('takes model and stream from the path', () => {
    expect(decode({ ...hi, model: 'models/other' })).toMatchObject({
      model: 'm',
      stream: false,
      natives: [],
      hints: [],
    });
    expect(decodeWith(true)(hi)).toMatchObject({ model: 'm', stream: true });
  });

  it('reads the request that a question for tokens wraps', () => {
    const wrapped = {
      generateContentRequest: { model: 'models/m', ...hi, systemInstruction: { parts: { text: 's' } } },
    };
    expect(decode(wrapped).messages).toHaveLength(2);
  });

  it('reads both spellings alike, and one thing where a list may stand', () => {
    const schema = { type: 'OBJECT', properties: { user_name: { type: 'STRING', max_length: '3' } } };
    const camel = {
      contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }],
      systemInstruction: { parts: [{ text: 's' }] },
      tools: [
        {
          functionDeclarations: [
            { name: 'f', parameters: { ...schema, properties: { user_name: { type: 'STRING', maxLength: '3' } } } },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      generationConfig: {
        maxOutputTokens: 9,
        topP: 0.5,
        responseMimeType: 'application/json',
        responseJsonSchema: { a_b: { c_d: 1 } },
      },
    };
    const snake = {
      contents: { role: 'user', parts: { inline_data: { mime_type: 'image/png', data: 'AAAA' } } },
      system_instruction: { parts: { text: 's' } },
      tools: { function_declarations: { name: 'f', parameters: schema } },
      tool_config: { function_calling_config: { mode: 'ANY' } },
      generation_config: {
        max_output_tokens: 9,
        top_p: 0.5,
        response_mime_type: 'application/json',
        response_json_schema: { a_b: { c_d: 1 } },
      },
    };
    expect(decode(snake)).toEqual(decode(camel));
    expect(decode(snake)).toMatchObject({
      outputFormat: { schema: { a_b: { c_d: 1 } } },
      tools: [{ parameters: { properties: { user_name: { maxLength: 3 } } } }],
    });
  });

  it('pairs results with calls by id, and by name and order where there is none (case 29)', () => {
    const messages = messagesOf(
      user({ text: 'go' }),
      model(
        { functionCall: { name: 'f', args: { a: 1 } } },
        { functionCall: { name: 'g' } },
        { functionCall: { name: 'f' } },
      ),
      user(
        { functionResponse: { name: 'f', response: { output: '1' } } },
        { functionResponse: { name: 'f', response: { output: '2' } } },
      ),
      user({ functionResponse: { name: 'g', response: { output: '3' } } }),
      model({ functionCall: { id: 'own', name: 'f' } }),
      { role: 'function', parts: [{ functionResponse: { id: 'own', name: 'f', response: {} } }] },
    );
    const calls = messages.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === 'tool-call' ? [part] : [])),
    );
    const results = messages.flatMap(({ content }) =>
      content.flatMap((part) => (part.type === 'tool-result' ? [part.callId] : [])),
    );
    expect(calls.map(({ arguments: args }) => args)).toEqual(['{"a":1}', '{}', '{}', '{}']);
    const ids = calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect(results).toEqual([ids[0], ids[2], ids[1], 'own']);
  });

  it('pairs a result whose id its client made with the first call of that name that came without one', () => {
    const messages = messagesOf(
      user({ text: 'go' }),
      model(
        { functionCall: { id: 'own', name: 'f' } },
        { functionCall: { name: 'f' } },
        { functionCall: { name: 'g' } },
        { functionCall: { name: 'f' } },
      ),
      user(
        { functionResponse: { id: 'g-1', name: 'g', response: {} } },
        { functionResponse: { id: 'f-1', name: 'f', response: {} } },
        { functionResponse: { id: 'own', name: 'f', response: {} } },
        { functionResponse: { id: 'f-2', name: 'f', response: {} } },
        { functionResponse: { id: 'f-3', name: 'f', response: {} } },
      ),
    );
    const ids = messages[1]?.content.map((part) => (part.type === 'tool-call' ? part.id : null)) ?? [];
    const results = messages[2]?.content.map((part) => (part.type === 'tool-result' ? part.callId : null));
    expect(results).toEqual([ids[2], ids[1], 'own', ids[3], 'f-3']);
  });

  it('gives a result without its call an id that no call has', () => {
    const [, answer] = messagesOf(
      user({ text: 'a' }),
      user({ functionResponse: { name: 'f', response: { output: 'x' } } }),
    );
    expect(answer?.content[0]).toMatchObject({ type: 'tool-result', callId: expect.stringMatching(/^\w{9}$/) });
  });

  it.each<[unknown, unknown]>([
    [{ output: 'sunny' }, { content: [{ type: 'text', text: 'sunny' }], isError: false }],
    [{ result: 'sunny' }, { content: [{ type: 'text', text: 'sunny' }], isError: false }],
    [{ output: { a: 1 } }, { content: [{ type: 'text', text: '{"a":1}' }], isError: false }],
    [{ error: 'no' }, { content: [{ type: 'text', text: 'no' }], isError: true }],
    [{ return_value: 'Mexico' }, { content: [{ type: 'text', text: '{"return_value":"Mexico"}' }], isError: false }],
    [
      { output: 'a', more: 1 },
      { content: [{ type: 'text', text: '{"output":"a","more":1}' }], isError: false },
    ],
    [{}, { content: [], isError: false }],
  ])('reads the result %j', (response, part) => {
    const [, , answer] = messagesOf(
      user({ text: 'a' }),
      model({ functionCall: { id: 'c', name: 'f' } }),
      user({ functionResponse: { id: 'c', name: 'f', response } }),
    );
    expect(answer?.content).toEqual([{ type: 'tool-result', callId: 'c', ...(part as object) }]);
  });

  it('keeps signatures bit for bit on texts, thoughts and calls, and alone', () => {
    expect(
      messagesOf(
        user({ text: 'a', thoughtSignature: 'ignored' }),
        model(
          { text: 'hm', thought: true, thoughtSignature: 't+/=' },
          { text: 'so', thoughtSignature: 'x' },
          { functionCall: { id: 'c', name: 'f' }, thoughtSignature: 'c_-' },
          { text: '', thoughtSignature: 'end' },
          { text: '' },
        ),
      )[1]?.content,
    ).toEqual([
      { type: 'thinking', text: 'hm', seal: sealOf('t+/=') },
      { type: 'text', text: 'so', seal: sealOf('x') },
      { type: 'tool-call', id: 'c', name: 'f', arguments: '{}', seal: sealOf('c_-') },
      { type: 'text', text: '', seal: sealOf('end') },
    ]);
  });

  it.each<[object, unknown]>([
    [
      { inlineData: { mimeType: 'image/jpg', data: '-_8' } },
      { type: 'image', source: { type: 'base64', mediaType: 'image/jpeg', data: '+/8=' } },
    ],
    [
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' } },
    ],
    [
      { inlineData: { mimeType: 'application/pdf', data: 'AAAA', displayName: 'a.pdf' } },
      { type: 'file', source: { type: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, name: 'a.pdf' },
    ],
    [
      { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/b' } },
    ],
    [
      { fileData: { fileUri: 'https://a.example/b.jpg' } },
      { type: 'image', source: { type: 'url', url: 'https://a.example/b.jpg' } },
    ],
    [
      { fileData: { mimeType: 'image/png', fileUri: 'gs://bucket/b' } },
      { type: 'image', source: { type: 'stored', wire: 'gemini', id: 'gs://bucket/b' } },
    ],
    [
      {
        fileData: { mimeType: 'application/pdf', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x' },
      },
      {
        type: 'file',
        source: { type: 'stored', wire: 'gemini', id: 'https://generativelanguage.googleapis.com/v1beta/files/x' },
        name: null,
      },
    ],
  ])('reads %j', (part, read) => {
    expect(messagesOf(user(part))[0]?.content).toEqual([read]);
  });

  it.each<[object, string]>([
    [{ cachedContent: 'cachedContents/x' }, 'cachedContent'],
    [{ tools: [{ googleSearch: {} }] }, 'tools.googleSearch'],
    [{ tools: [{ code_execution: {} }] }, 'tools.codeExecution'],
    [{ safetySettings: [{ category: 'X', threshold: 'BLOCK_LOW_AND_ABOVE' }] }, 'safetySettings'],
    [{ generationConfig: { candidateCount: 2 } }, 'generationConfig.candidateCount'],
    [{ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }, 'generationConfig.responseModalities'],
    [{ generationConfig: { responseMimeType: 'text/x.enum' } }, 'generationConfig.responseMimeType.text/x.enum'],
    [{ generationConfig: { presencePenalty: 1 } }, 'generationConfig.presencePenalty'],
    [{ generationConfig: { constructor: 1 } }, 'generationConfig.constructor'],
    [{ toolConfig: { retrievalConfig: {} } }, 'toolConfig.retrievalConfig'],
    [{ modelArmorConfig: {} }, 'modelArmorConfig'],
    [
      { contents: [user({ inlineData: { mimeType: 'video/mp4', data: 'AAAA' } })] },
      'contents[0].parts[0].inlineData.video',
    ],
    [
      { contents: [user({ fileData: { fileUri: 'https://www.youtube.com/watch?v=x' } })] },
      'contents[0].parts[0].fileData.video',
    ],
    [{ contents: [user({ text: 'a' }), model({ executableCode: { code: '1' } })] }, 'parts.executableCode'],
    [
      { contents: [user({ text: 'a' }), model({ inlineData: { mimeType: 'image/png', data: 'AAAA' } })] },
      'parts.inlineData',
    ],
  ])('has no word for %j but its own', (more, native) => {
    expect(decode({ ...hi, ...more }).natives).toEqual([native]);
  });

  it('tells of what only tunes or labels', () => {
    const { hints, natives } = decode({
      contents: [user({ text: 'a', mediaResolution: {} })],
      labels: { team_a: 'b' },
      serviceTier: 'flex',
      safetySettings: [
        { category: 'X', threshold: 'BLOCK_NONE' },
        { category: 'Y', threshold: 'OFF' },
      ],
      tools: [{ functionDeclarations: [{ name: 'f', behavior: 'BLOCKING', response: { type: 'STRING' } }] }],
      generationConfig: { seed: 1, candidateCount: 1, responseModalities: ['TEXT'] },
    });
    expect(natives).toEqual([]);
    expect(hints).toEqual([
      'functionDeclarations.response',
      'generationConfig.seed',
      'labels',
      'parts.mediaResolution',
      'safetySettings',
      'serviceTier',
    ]);
  });

  it.each<[object, unknown]>([
    [
      { thinkingBudget: 0, includeThoughts: true },
      { mode: 'off', budgetTokens: null, effort: null, show: false },
    ],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { mode: 'adaptive', budgetTokens: null, effort: null, show: true },
    ],
    [{ thinkingBudget: 8_192 }, { mode: 'on', budgetTokens: 8_192, effort: null, show: false }],
    [{ thinkingLevel: 'HIGH' }, { mode: 'on', budgetTokens: null, effort: 'high', show: false }],
    [{ includeThoughts: true }, { mode: 'adaptive', budgetTokens: null, effort: null, show: true }],
    [{ includeThoughts: false }, null],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, null],
  ])('reads the thinking %j', (thinkingConfig, reasoning) => {
    expect(decode({ ...hi, generationConfig: { thinkingConfig } }).reasoning).toEqual(reasoning);
  });

  it.each<[object, unknown, readonly string[]]>([
    [{ mode: 'AUTO' }, { type: 'auto' }, ['f', 'g']],
    [{ mode: 'any' }, { type: 'required' }, ['f', 'g']],
    [{ mode: 'NONE', allowedFunctionNames: ['f'] }, { type: 'none' }, ['f', 'g']],
    [{ mode: 'ANY', allowedFunctionNames: ['g'] }, { type: 'named', name: 'g' }, ['f', 'g']],
    [{ mode: 'ANY', allowedFunctionNames: ['f', 'g'] }, { type: 'required' }, ['f', 'g']],
    [{ mode: 'VALIDATED', allowedFunctionNames: ['f'] }, { type: 'auto' }, ['f']],
    [{}, null, ['f', 'g']],
  ])('reads the choice %j', (functionCallingConfig, toolChoice, offered) => {
    const tools = [{ functionDeclarations: [{ name: 'f' }] }, { functionDeclarations: [{ name: 'g' }] }];
    const request = decode({ ...hi, tools, toolConfig: { functionCallingConfig } });
    expect(request.toolChoice).toEqual(toolChoice);
    expect(request.tools.map(({ name }) => name)).toEqual(offered);
  });

  it.each<[unknown, string]>([
    ['{"contents":', 'JSON'],
    [[], 'object'],
    [{}, 'contents'],
    [{ contents: [] }, 'contents'],
    [{ contents: ['hi'] }, 'contents[0]'],
    [{ contents: [{ role: 'assistant', parts: [{ text: 'a' }] }] }, 'contents[0].role'],
    [{ contents: [user({ functionCall: { name: 'f' } })] }, 'contents[0].parts[0].functionCall'],
    [{ contents: [model({ functionResponse: { name: 'f' } })] }, 'contents[0].parts[0].functionResponse'],
    [{ contents: [user({ functionResponse: { response: {} } })] }, 'functionResponse.name'],
    [{ contents: [user({ text: 1 })] }, 'contents[0].parts[0].text'],
    [{ ...hi, generationConfig: { maxOutputTokens: 0 } }, 'generationConfig.maxOutputTokens'],
    [{ ...hi, generationConfig: 7 }, 'generationConfig'],
    [{ ...hi, tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'STRING' } }] }] }, 'parameters'],
    [{ ...hi, toolConfig: { functionCallingConfig: { mode: 'SOMETIMES' } } }, 'mode'],
    [
      { ...hi, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['x'] } } },
      'allowedFunctionNames',
    ],
  ])('refuses %j and says where', (body, where) => {
    expect(faultOf(body)?.message).toContain(where);
  });

  it('never throws, whatever a client sends', () => {
    const name = fc.constantFrom(
      ...'contents role parts text thought inline_data inlineData fileData mimeType data functionCall functionResponse name args response tools function_declarations parameters properties type items anyOf toolConfig functionCallingConfig mode generationConfig thinkingConfig thinkingBudget responseSchema systemInstruction __proto__ constructor'.split(
        ' ',
      ),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.oneof(fc.constantFrom('user', 'model', 'OBJECT', 'ANY', ''), fc.boolean(), fc.nat(3), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 6 }), (body) => {
        const decoded = decodeRequest(utf8Bytes(JSON.stringify(body)));
        if (!decoded.ok) expect(decoded.fault.message).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    'tool.0.json',
    'tool.1.json',
    'gemini3-tools.1.json',
    'stream-tool-thought-signature.1.json',
    'structured-output.json',
    'thinking-stream.json',
    'text-stream.json',
  ])('reads what a client sent in %s without a word that only this wire has', (path) => {
    expect(decode(recorded(path))).toMatchObject({ natives: [] });
  });

  it('reads a recorded round of tools: names and ids, a signature in the other spelling, filters that are off', () => {
    const request = decode(recorded('gemini3-tools.1.json'));
    expect(request.hints).toEqual(['safetySettings']);
    const [, answer, results] = request.messages;
    const [call] = answer?.content ?? [];
    expect(call).toMatchObject({
      type: 'tool-call',
      name: 'multiply',
      arguments: '{"y":3,"x":5}',
      seal: { wire: 'gemini' },
    });
    expect(results?.content).toEqual([
      {
        type: 'tool-result',
        callId: call?.type === 'tool-call' ? call.id : '',
        content: [{ type: 'text', text: '15' }],
        isError: false,
      },
    ]);
  });
});
