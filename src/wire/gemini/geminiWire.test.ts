import { GoogleGenAI } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { hasFeature, needed } from '../../vocabulary/index.ts';

import type { FailureClass } from '../../vocabulary/index.ts';
import { factsFor, recordedAnswer } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import type { RequestEdits, RequestFacts } from '../wire.ts';
import { geminiWire } from './geminiWire.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const words = { model: 'm', stream: true };
const hi = { contents: [{ parts: [{ text: 'hi' }] }] };
const factsOf = (more: object): RequestFacts => factsFor(geminiWire, 'generate', { ...hi, ...more });
const withPart = (part: object) => ({ contents: [{ role: 'user', parts: [part] }] });

describe('readRequest of the gemini wire', () => {
  it('reads what a request asks; the path says of which model and in what form', () => {
    const body = utf8Bytes(JSON.stringify({ ...hi, generationConfig: { maxOutputTokens: 9, candidateCount: 2 } }));
    expect(geminiWire.readRequest(body, 'generate', undefined, words)).toEqual({
      ok: true,
      value: {
        model: 'm',
        stream: true,
        usageAsked: true,
        outputBoundTokens: 18,
        choices: 2,
        inputBoundTokens: body.length + 1_024,
        inputEstimateTokens: Math.ceil(body.length / 4),
        requirements: {
          operation: 'generate',
          features: needed(true, 'stream'),
          parameters: ['contents', 'generationConfig'],
        },
        members: expect.any(Array),
      },
    });
  });

  it.each([
    [{ contents: [], generationConfig: {}, generation_config: { maxOutputTokens: 9 } }, 'generation_config'],
    [{ contents: [], generationConfig: { maxOutputTokens: 9, max_output_tokens: 99_999 } }, 'generationConfig'],
  ])('refuses the same member in both spellings: %j', (body, parameter) => {
    expect(geminiWire.readRequest(utf8Bytes(JSON.stringify(body)), 'generate')).toMatchObject({
      ok: false,
      fault: { code: 'duplicate_key', parameter },
    });
  });

  it('reads both spellings', () => {
    expect(factsOf({ generation_config: { max_output_tokens: 7 } }).outputBoundTokens).toBe(7);
    expect(
      hasFeature(
        factsOf({ generation_config: { response_mime_type: 'application/json' } }).requirements.features,
        'structuredOutput',
      ),
    ).toBe(true);
    expect(
      hasFeature(
        factsOf(withPart({ inline_data: { mime_type: 'image/png', data: 'AAAA' } })).requirements.features,
        'images',
      ),
    ).toBe(true);
    expect(factsOf({ cached_content: 'x' }).inputBoundTokens).toBeNull();
  });

  it('counts nothing of an answer where tokens are counted, and takes a wrapped request', () => {
    const wrapped = utf8Bytes(JSON.stringify({ generateContentRequest: { model: 'models/m', ...hi } }));
    expect(geminiWire.readRequest(wrapped, 'countTokens', undefined, words)).toMatchObject({
      ok: true,
      value: { model: 'm', stream: false, outputBoundTokens: 0 },
    });
    expect(geminiWire.readRequest(wrapped, 'generate', undefined, words).ok).toBe(false);
  });

  it.each([
    [{ contents: 'hi' }, 'contents'],
    [{ ...hi, generationConfig: { maxOutputTokens: 0 } }, 'generationConfig'],
    [{ ...hi, generationConfig: { candidateCount: 1_000_000 } }, 'generationConfig'],
    [{ ...hi, generationConfig: { maxOutputTokens: '9' } }, 'generationConfig'],
  ])('refuses %j', (body, parameter) => {
    expect(geminiWire.readRequest(utf8Bytes(JSON.stringify(body)), 'generate', undefined, words)).toMatchObject({
      ok: false,
      fault: { code: 'bad_request', parameter },
    });
  });

  it('sees tools, images and structured output', () => {
    expect(
      hasFeature(factsOf({ tools: [{ functionDeclarations: [{ name: 'f' }] }] }).requirements.features, 'tools'),
    ).toBe(true);
    expect(
      hasFeature(factsOf({ tools: { functionDeclarations: [{ name: 'f' }] } }).requirements.features, 'tools'),
    ).toBe(true);
    expect(
      hasFeature(
        factsOf(withPart({ inlineData: { mimeType: 'image/png', data: 'AAAA' } })).requirements.features,
        'images',
      ),
    ).toBe(true);
    expect(
      hasFeature(
        factsOf(withPart({ inlineData: { mimeType: 'audio/wav', data: 'AAAA' } })).requirements.features,
        'images',
      ),
    ).toBe(false);
    for (const form of ['responseSchema', 'responseJsonSchema']) {
      expect(hasFeature(factsOf({ generationConfig: { [form]: {} } }).requirements.features, 'structuredOutput')).toBe(
        true,
      );
    }
    expect(
      hasFeature(
        factsOf({ generationConfig: { responseMimeType: 'text/plain' } }).requirements.features,
        'structuredOutput',
      ),
    ).toBe(false);
  });

  it.each([
    ['a file by its address', withPart({ fileData: { fileUri: 'https://a.example/b' } })],
    ['a stored beginning', { cachedContent: 'cachedContents/x' }],
    ['a search', { tools: [{ googleSearch: {} }] }],
    ['pages that are read', { tools: [{ url_context: {} }] }],
    ['code that is run', { tools: [{ codeExecution: {} }] }],
    ['a name behind escapes', { contents: [{ parts: [{ 'fileU\u0000ri': 'x' }] }], note: '\u0001' }],
  ])('does not bound the input of a request with %s', (_, more) => {
    const body = JSON.stringify({ ...hi, ...more }).replaceAll('\\u0000', '\\u0041');
    const read = geminiWire.readRequest(utf8Bytes(body), 'generate');
    expect(read.ok && read.value.inputBoundTokens).toBeNull();
  });
});

describe('editRequest of the gemini wire', () => {
  const edited = (body: string, more: Partial<RequestEdits>) => {
    const bytes = utf8Bytes(body);
    const read = geminiWire.readRequest(bytes, body.includes('Request') ? 'countTokens' : 'generate', undefined, words);
    if (!read.ok) throw new Error(read.fault.message);
    const { body: after, named } = geminiWire.editRequest(bytes, read.value, { model: 'g', askUsage: true, ...more });
    return [text(after), named];
  };

  it('leaves the bytes as they are: the path names the model', () => {
    const body = '{ "contents": [], "generationConfig": {"temperature": 1} }';
    expect(edited(body, {})).toEqual([body, []]);
  });

  it.each([
    ['{"contents":[]}', '{"generationConfig":{"maxOutputTokens":5},"contents":[]}'],
    [
      '{"contents":[],"generationConfig":{"topK":1}}',
      '{"contents":[],"generationConfig":{"maxOutputTokens":5,"topK":1}}',
    ],
    ['{"contents":[],"generation_config":{}}', '{"contents":[],"generation_config":{"maxOutputTokens":5}}'],
    ['{"contents":[],"generationConfig":null}', '{"contents":[],"generationConfig":{"maxOutputTokens":5}}'],
  ])('sets a bound in %s where the client set none', (body, after) => {
    expect(edited(body, { outputBoundTokens: 5 })).toEqual([after, ['generationConfig.maxOutputTokens']]);
  });

  it('keeps the client’s own bound, names the model where a body does, and leaves labels out', () => {
    const bound = '{"contents":[],"generationConfig":{"maxOutputTokens":3}}';
    expect(edited(bound, { outputBoundTokens: 5 })).toEqual([bound, []]);
    expect(edited('{"contents":[],"model":"models/m"}', {})).toEqual(['{"contents":[],"model":"models/g"}', ['model']]);
    expect(edited('{"generateContentRequest":{"model":"models/m","contents":[]}}', {})).toEqual([
      '{"generateContentRequest":{"model":"models/g","contents":[]}}',
      ['model'],
    ]);
    expect(edited('{"labels":{"a":"b"},"contents":[]}', { drop: ['labels'] })).toEqual([
      '{"contents":[]}',
      ['-labels'],
    ]);
  });
});

describe('the paths of the gemini wire', () => {
  it.each([
    ['gemini-2.5-pro', false, '/v1beta/models/gemini-2.5-pro:generateContent'],
    ['gemini-2.5-pro', true, '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse'],
    ['tunedModels/a b', false, '/v1beta/tunedModels/a%20b:generateContent'],
    ['a:b?key=x', true, '/v1beta/models/a%3Ab%3Fkey%3Dx:streamGenerateContent?alt=sse'],
  ])('lead to %s', (model, stream, path) => {
    expect(geminiWire.upstreamPath('generate', { model, stream })).toBe(path);
  });

  it('lead to counts, lists and vectors', () => {
    expect(geminiWire.upstreamPath('countTokens', words)).toBe('/v1beta/models/m:countTokens');
    expect(geminiWire.upstreamPath('listModels', words)).toBe('/v1beta/models');
    expect(geminiWire.upstreamPath('embed', words)).toBe('/v1beta/models/m:batchEmbedContents');
  });

  it('carry the key in a header, and nothing of a client’s query', () => {
    expect(geminiWire.credentialHeaders('k')).toEqual({ 'x-goog-api-key': 'k' });
    expect(geminiWire.forwardedQuery).toEqual([]);
  });
});

const failing = (code: number, status: string, message: string, ...details: object[]) =>
  geminiWire.classify(
    { status: code, headers: {}, body: utf8Bytes(JSON.stringify({ error: { code, message, status, details } })) },
    0,
  );
const info = (reason: string) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
});

describe('classify of the gemini wire', () => {
  it.each<[number, string, string, object[], FailureClass, string]>([
    [
      400,
      'INVALID_ARGUMENT',
      'API key not valid. Please pass a valid API key.',
      [info('API_KEY_INVALID')],
      'operator',
      'invalid_api_key',
    ],
    [400, 'INVALID_ARGUMENT', 'x', [info('API_KEY_INVALID')], 'operator', 'invalid_api_key'],
    [
      403,
      'PERMISSION_DENIED',
      'Your API key was reported as leaked. Please use another API key.',
      [],
      'operator',
      'invalid_api_key',
    ],
    [
      401,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials.',
      [info('ACCESS_TOKEN_EXPIRED')],
      'operator',
      'invalid_api_key',
    ],
    [
      403,
      'PERMISSION_DENIED',
      'Generative Language API has not been used in project 1 before or it is disabled.',
      [info('SERVICE_DISABLED')],
      'operator',
      'forbidden',
    ],
    [400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.', [], 'operator', 'forbidden'],
    [400, 'FAILED_PRECONDITION', 'Please enable billing on your project.', [], 'operator', 'insufficient_quota'],
    [
      403,
      'PERMISSION_DENIED',
      'CachedContent not found (or permission denied)',
      [],
      'client',
      'stored_content_missing',
    ],
    [
      429,
      'RESOURCE_EXHAUSTED',
      'Quota exceeded for metric: x, limit: 0, model: gemini-3-pro',
      [],
      'operator',
      'insufficient_quota',
    ],
    [400, 'INVALID_ARGUMENT', 'Too many images, limit: 0', [], 'client', 'bad_request'],
    [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).', [], 'quota', 'rate_limited'],
    [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.', [], 'quota', 'overloaded'],
    [503, 'UNAVAILABLE', 'The service is currently unavailable.', [], 'transient', 'server_error'],
    [504, 'DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.', [], 'transient', 'server_error'],
    [500, 'INTERNAL', 'An internal error has occurred.', [], 'transient', 'server_error'],
    [
      400,
      'INVALID_ARGUMENT',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).',
      [],
      'capability',
      'context_length_exceeded',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      'Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 (inclusive) to 65537 (exclusive).',
      [],
      'capability',
      'output_bound_too_large',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      'Function call is missing a thought_signature in functionCall parts.',
      [],
      'capability',
      'thought_signature',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      'Invalid JSON payload received. Unknown name "additionalProperties" at \'tools[0]\': Cannot find field.',
      [],
      'capability',
      'unsupported_parameter',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      "Function calling with a response mime type: 'application/json' is unsupported",
      [],
      'capability',
      'unsupported_value',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      'Budget 0 is invalid. This model only works in thinking mode.',
      [],
      'capability',
      'unsupported_value',
    ],
    [
      400,
      'INVALID_ARGUMENT',
      'Developer instruction is not enabled for models/gemma-3',
      [],
      'capability',
      'unsupported_value',
    ],
    [400, 'INVALID_ARGUMENT', 'Please use a valid role: user, model.', [], 'client', 'bad_request'],
  ])('%i %s %j: %j', (code, status, message, details, failureClass, cause) => {
    expect(failing(code, status, message, ...details)).toMatchObject({ class: failureClass, cause, status: code });
  });

  it.each([
    ['error-404.json', { class: 'operator', cause: 'model_not_found', status: 404 }],
    ['vertex-error-404.json', { class: 'operator', cause: 'model_not_found', status: 404 }],
    ['vertex-error-400.json', { class: 'client', cause: 'bad_request', status: 400 }],
    ['google-429-retry-info.json', { class: 'quota', cause: 'rate_limited', status: 429, retryAfterMs: 34_400 }],
  ])('the recorded %s', (name, failure) => {
    expect(geminiWire.classify(recordedAnswer(`recordings/google/${name}`, 429), 0)).toMatchObject(failure);
  });

  it('reads an error that came with status 200', () => {
    const body = utf8Bytes('[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]');
    expect(geminiWire.readAnswer('generate', body).ok).toBe(false);
    const object = utf8Bytes('{"error":{"message":"slow down","status":"RESOURCE_EXHAUSTED"}}');
    expect(geminiWire.readAnswer('generate', object)).toMatchObject({
      ok: false,
      fault: { class: 'quota', status: 429 },
    });
  });

  it.each([
    'Corrupted thought signature.',
    'Unable to submit request because Thought signature is not valid.',
    'Function call is missing a thought_signature in functionCall parts.',
  ])('leaves signatures out that are refused, of that request alone: %s', (message) => {
    const refused = failing(400, 'INVALID_ARGUMENT', message);
    expect(geminiWire.correction(refused, factsOf({}))).toEqual({ withoutThinking: true, once: true });
  });

  it('leaves a part out that was nothing but a signature, and an answer that held nothing else', () => {
    const user = { role: 'user', parts: [{ text: 'a' }] };
    const bare = { thoughtSignature: 'x' };
    const contentsOf = (...contents: object[]): unknown => {
      const body = utf8Bytes(JSON.stringify({ contents }));
      const edits = { model: 'gemini-2.5-pro', askUsage: false, withoutThinking: true };
      const edited = geminiWire.editRequest(body, factsOf({ contents }), edits);
      return JSON.parse(Buffer.from(edited.body).toString()).contents;
    };
    const answered = { role: 'model', parts: [{ text: 'b', ...bare }, bare, { thought: true, ...bare }] };
    expect(contentsOf(user, answered, user)).toEqual([user, { role: 'model', parts: [{ text: 'b' }] }, user]);
    expect(contentsOf(user, { role: 'model', parts: [bare] }, user)).toEqual([user, user]);
  });

  it('leaves labels out where they are refused, and nothing else', () => {
    const refused = failing(400, 'INVALID_ARGUMENT', 'labels parameter is not supported in Gemini API');
    expect(geminiWire.correction(refused, factsOf({ labels: { a: 'b' } }))).toEqual({ drop: ['labels'] });
    expect(geminiWire.correction(refused, factsOf({}))).toBeNull();
    const other = failing(400, 'INVALID_ARGUMENT', 'seed parameter is not supported');
    expect(geminiWire.correction(other, factsOf({ labels: {} }))).toBeNull();
  });
});

/** What the vendor's own SDK makes of the bytes of an answer. */
const sdkFor = (status: number, type: string, ...chunks: Uint8Array[]) => {
  const body = ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
  return new GoogleGenAI({
    apiKey: 'none',
    httpOptions: {
      baseUrl: 'http://sdk.invalid',
      fetch: () => Promise.resolve(new Response(body, { status, headers: { 'content-type': type } })),
    },
  });
};

const error = { code: 'budget_exceeded', status: 402, message: 'The budget is spent.', requestId: 'r' };

describe('what clients of the gemini wire are told', () => {
  it('is an error in their shape, which their SDK raises', async () => {
    expect(JSON.parse(text(geminiWire.errorBody(error)))).toEqual({
      error: {
        code: 402,
        message: 'The budget is spent.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'BUDGET_EXCEEDED',
            domain: 'archipel',
            metadata: { requestId: 'r' },
          },
        ],
      },
    });
    const client = sdkFor(402, 'application/json', geminiWire.errorBody(error));
    await expect(client.models.generateContent({ model: 'm', contents: 'hi' })).rejects.toMatchObject({
      name: 'ApiError',
      status: 402,
      message: expect.stringContaining('BUDGET_EXCEEDED'),
    });
  });

  it.each([
    [400, 'INVALID_ARGUMENT'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [413, 'INVALID_ARGUMENT'],
    [429, 'RESOURCE_EXHAUSTED'],
    [500, 'INTERNAL'],
    [502, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED'],
  ])('%i is %s', (status, word) => {
    const body: unknown = JSON.parse(text(geminiWire.errorBody({ ...error, status, parameter: 'contents' })));
    expect(body).toMatchObject({
      error: { code: status, status: word, details: [{ metadata: { parameter: 'contents' } }] },
    });
  });

  const chunk = utf8Bytes('data: {"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}]}\n\n');

  const readStream = async (...chunks: Uint8Array[]): Promise<string[]> => {
    const stream = await sdkFor(200, 'text/event-stream', ...chunks).models.generateContentStream({
      model: 'm',
      contents: 'hi',
    });
    const texts: string[] = [];
    for await (const answer of stream) texts.push(answer.text ?? '');
    return texts;
  };

  it('is an error inside a stream, which their SDK raises too', async () => {
    await expect(readStream(chunk, geminiWire.streamError({ ...error, status: 502 }))).rejects.toMatchObject({
      name: 'ApiError',
      status: 502,
    });
  });

  it('is a sign of life that means nothing, before, between and after chunks, alone or with them', async () => {
    const { ping } = geminiWire;
    const together = Buffer.concat([ping, chunk, ping, ping, chunk, ping]);
    expect(await readStream(ping, chunk, ping, ping, chunk, ping)).toEqual(['a', 'a']);
    expect(await readStream(together)).toEqual(['a', 'a']);
  });

  it('is no comment, since their SDK would drop the chunk after it', async () => {
    expect(await readStream(utf8Bytes(': ping\n'), chunk, chunk)).toEqual(['a']);
  });

  it('is a list of models, and a count', async () => {
    const listed = geminiWire.listModels([{ id: 'chat', createdAtS: 0, ownedBy: 'o' }]);
    const models = await sdkFor(200, 'application/json', listed).models.list();
    expect(models.page).toMatchObject([
      { name: 'models/chat', displayName: 'chat', supportedActions: ['generateContent', 'countTokens'] },
    ]);
    const counted = geminiWire.tokenCount?.(7) ?? new Uint8Array(0);
    const client = sdkFor(200, 'application/json', counted);
    expect(await client.models.countTokens({ model: 'm', contents: 'hi' })).toMatchObject({ totalTokens: 7 });
  });
});
