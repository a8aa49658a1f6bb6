// The official SDK straight against a vendor of this wire.
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSandbox } from '../openTestSandbox.fixture.ts';
import type { TestSandbox } from '../openTestSandbox.fixture.ts';
import { sandboxCredential } from '../startSandbox.ts';

let opened: TestSandbox;
let client: OpenAI;

beforeAll(async () => {
  opened = await openTestSandbox();
  client = new OpenAI({ apiKey: sandboxCredential, baseURL: `${opened.url('aurora')}/v1`, maxRetries: 0 });
});
afterAll(() => opened[Symbol.asyncDispose]());

const question = { role: 'user', content: 'What is the weather in Paris?' } as const;
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const;

describe('a vendor of the openai wire, asked by its official SDK', () => {
  test('answers a chat', async () => {
    const answer = await client.chat.completions.create({ model: 'chat-large', messages: [question] });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'chat-large',
      choices: [{ finish_reason: 'stop' }],
    });
    expect(answer.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/);
    expect(answer.choices[0]!.message.content).toMatch(/\S+ \S+/);
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens);
    // 3 for the template, 3 and 8 tokens for the message: What| is| the| weathe|r| in| Paris|?
    expect(answer.usage!.prompt_tokens).toBe(14);
  });

  test('streams the tokens that it counts, usage last', async () => {
    const stream = await client.chat.completions.create({
      model: 'chat-large',
      messages: [question],
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks[0]!.choices[0]!.delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 14, completion_tokens: chunks.length - 3 },
    });
  });

  test('sends no usage in a stream that did not ask for it', async () => {
    const stream = await client.chat.completions.create({ model: 'chat-large', messages: [question], stream: true });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true);
  });

  test('streams and sends whole the same text, for the same prompt words', async () => {
    const runner = client.chat.completions.stream({ model: 'chat-large', messages: [question], seed: 1 });
    const again = client.chat.completions.stream({ model: 'chat-large', messages: [question], seed: 1 });
    expect(await runner.finalContent()).toBe(await again.finalContent());
  });

  test('goes through a tool round trip', async () => {
    const first = await client.chat.completions.create({ model: 'chat-large', messages: [question], tools: [weather] });
    const { message, finish_reason: finish } = first.choices[0]!;
    const call = message.tool_calls![0]!;
    expect(finish).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    expect(call.type === 'function' && JSON.parse(call.function.arguments)).toEqual({ city: 'Paris' });
    const second = await client.chat.completions.create({
      model: 'chat-large',
      tools: [weather],
      messages: [question, message, { role: 'tool', tool_call_id: call.id, content: 'sunny, 21 degrees' }],
    });
    expect(second.choices[0]!.message.content).toContain('get_weather answered: sunny, 21 degrees');
  });

  test('streams a tool call that the SDK puts together', async () => {
    const runner = client.chat.completions.stream({
      model: 'chat-large',
      messages: [question],
      tools: [weather],
      tool_choice: 'required',
    });
    const answer = await runner.finalChatCompletion();
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }] },
    });
  });

  test.each(['none', { type: 'function', function: { name: 'get_weather' } }] as const)(
    'honours the tool choice %o',
    async (tool_choice) => {
      const answer = await client.chat.completions.create({
        model: 'chat-large',
        messages: [question],
        tools: [weather],
        tool_choice,
      });
      expect(answer.choices[0]!.finish_reason).toBe(tool_choice === 'none' ? 'stop' : 'tool_calls');
    },
  );

  test('answers in the schema that was asked for', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, warm: { type: 'boolean' } },
      required: ['city', 'warm'],
      additionalProperties: false,
    };
    const answer = await client.chat.completions.create({
      model: 'chat-small',
      messages: [question],
      response_format: { type: 'json_schema', json_schema: { name: 'report', strict: true, schema } },
    });
    expect(JSON.parse(answer.choices[0]!.message.content!)).toEqual({ city: 'Paris', warm: expect.any(Boolean) });
    const plain = await client.chat.completions.create({
      model: 'chat-small',
      messages: [{ role: 'user', content: 'Answer in JSON.' }],
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(plain.choices[0]!.message.content!)).toBeTypeOf('object');
  });

  test.each(['max_tokens', 'max_completion_tokens'] as const)('ends at %s with the reason length', async (bound) => {
    const answer = await client.chat.completions.create({ model: 'chat-large', messages: [question], [bound]: 4 });
    expect(answer.choices[0]!.finish_reason).toBe('length');
    expect(answer.usage!.completion_tokens).toBe(4);
  });

  test('gives as many choices as are asked for, whole and streamed', async () => {
    const whole = await client.chat.completions.create({ model: 'chat-large', messages: [question], n: 3 });
    expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(whole.choices.map(({ message }) => message.content)).size).toBe(3);
    const streamed = await client.chat.completions
      .stream({ model: 'chat-large', messages: [question], n: 2 })
      .finalChatCompletion();
    expect(streamed.choices.map(({ finish_reason: finish }) => finish)).toEqual(['stop', 'stop']);
  });

  test('stops at a stop sequence', async () => {
    const answer = await client.chat.completions.create({
      model: 'chat-large',
      messages: [question],
      stop: ['. ', ':'],
    });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(answer.choices[0]!.message.content).not.toMatch(/\. |:/);
  });

  test('embeds into one space with its rival of another wire, in either encoding', async () => {
    const input = ['a lighthouse', 'the sea'];
    const [base64, float, rival] = await Promise.all([
      client.embeddings.create({ model: 'embed-small', input }),
      client.embeddings.create({ model: 'embed-small', input, encoding_format: 'float' }),
      opened.post('cascade', '/model/cohere.embed-v4%3A0/invoke', {
        texts: input,
        input_type: 'search_document',
      }),
    ]);
    expect(base64.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 1536],
      [1, 1536],
    ]);
    expect(base64.data).toEqual(float.data);
    expect(JSON.parse(rival.text).embeddings).toEqual(base64.data.map(({ embedding }) => embedding));
    expect(base64.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
    const short = await client.embeddings.create({ model: 'embed-small', input: 'a lighthouse', dimensions: 8 });
    expect(short.data[0]!.embedding).toHaveLength(8);
    const tokens = await client.embeddings.create({ model: 'embed-small', input: [[1, 2, 3], [4]] });
    expect(tokens.usage.prompt_tokens).toBe(4);
  });

  test('lists its models', async () => {
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['chat-large', 'chat-small', 'embed-small']);
  });

  test('counts pictures and tool calls that it is sent', async () => {
    const answer = await client.chat.completions.create({
      model: 'chat-large',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hi' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
          ],
        },
      ],
    });
    expect(answer.usage!.prompt_tokens).toBe(3 + 3 + 1 + 85);
  });

  test('knows its SDK a bad key from', async () => {
    const stranger = new OpenAI({ apiKey: 'sk-stranger', baseURL: `${opened.url('aurora')}/v1`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

const chat = (over: object): object => ({ model: 'chat-large', messages: [question], ...over });
const call = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } };

describe('a vendor of the openai wire refuses, in its own words,', () => {
  test.each([
    [chat({ surprise: 1 }), 400, 'Unrecognized request argument supplied: surprise', null, null],
    [{ messages: [question] }, 400, 'you must provide a model parameter', null, null],
    [{ model: 'chat-large' }, 400, "Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter'],
    [
      chat({ messages: [] }),
      400,
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    ],
    [
      chat({ messages: 'hi' }),
      400,
      "Invalid type for 'messages': expected an array, but got a string instead.",
      'messages',
      'invalid_type',
    ],
    [
      chat({ messages: [{ role: 'robot', content: 'hi' }] }),
      400,
      "Invalid value: 'robot'. Supported values are: 'system', 'developer', 'user', 'assistant', and 'tool'.",
      'messages[0].role',
      'invalid_value',
    ],
    [
      chat({ messages: [{ role: 'user' }] }),
      400,
      "Missing required parameter: 'messages[0].content'.",
      'messages[0].content',
      'missing_required_parameter',
    ],
    [
      chat({ messages: [{ ...question, mood: 1 }] }),
      400,
      "Unknown parameter: 'messages[0].mood'.",
      'messages[0].mood',
      'unknown_parameter',
    ],
    [
      chat({ messages: [{ role: 'user', content: null }] }),
      400,
      "Invalid type for 'messages[0].content': expected one of a string or an array, but got null instead.",
      'messages[0].content',
      'invalid_type',
    ],
    [
      chat({ messages: [question, { role: 'assistant' }] }),
      400,
      "Invalid value for 'content': expected a string, got null.",
      'messages.[1].content',
      null,
    ],
    [
      chat({ messages: [question, { role: 'tool', tool_call_id: 'call_1', content: 'x' }] }),
      400,
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      'messages.[1].role',
      null,
    ],
    [
      chat({ messages: [question, { role: 'assistant', tool_calls: [call] }, question] }),
      400,
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
      'messages',
      null,
    ],
    [
      chat({ stream_options: { include_usage: true } }),
      400,
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
      null,
    ],
    [
      chat({ temperature: 3 }),
      400,
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
      'temperature',
      'decimal_above_max_value',
    ],
    [
      chat({ max_tokens: 0 }),
      400,
      "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
      'max_tokens',
      'integer_below_min_value',
    ],
    [
      chat({ max_tokens: 1, max_completion_tokens: 1 }),
      400,
      "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
      'max_tokens',
      'invalid_parameter_combination',
    ],
    [
      chat({ max_tokens: 200_000 }),
      400,
      'max_tokens is too large: 200000. This model supports at most 128000 completion tokens, whereas you provided 200000.',
      'max_tokens',
      'invalid_value',
    ],
    [
      chat({ messages: [{ role: 'user', content: 'a '.repeat(400_000) }] }),
      400,
      "This model's maximum context length is 400000 tokens. However, your messages resulted in 400007 tokens. Please reduce the length of the messages.",
      'messages',
      'context_length_exceeded',
    ],
    [
      chat({ tool_choice: 'auto' }),
      400,
      "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
      'tool_choice',
      null,
    ],
    [
      chat({ tools: [weather], tool_choice: { type: 'function', function: { name: 'other' } } }),
      400,
      "Tool choice 'other' not found in 'tools' parameter.",
      'tool_choice',
      null,
    ],
    [
      chat({ tools: [] }),
      400,
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'tools',
      'empty_array',
    ],
    [
      chat({
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', strict: true, schema: { type: 'object', properties: {} } },
        },
      }),
      400,
      "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'response_format',
      null,
    ],
    [
      chat({ logprobs: true }),
      400,
      "Unsupported parameter: 'logprobs' is not supported with this model.",
      'logprobs',
      'unsupported_parameter',
    ],
    [
      chat({ stop: ['a', 'b', 'c', 'd', 'e'] }),
      400,
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
      'stop',
      'array_above_max_length',
    ],
    [
      chat({ model: 'chat-huge' }),
      404,
      'The model `chat-huge` does not exist or you do not have access to it.',
      null,
      'model_not_found',
    ],
    [
      chat({ model: 'embed-small' }),
      404,
      'This is not a chat model and thus not supported in the v1/chat/completions endpoint.',
      null,
      null,
    ],
    ['{"model":', 400, expect.stringContaining('We could not parse the JSON body of your request.'), null, null],
  ])('the chat %j', async (body, status, message, param, code) => {
    const answer = await opened.post('aurora', '/v1/chat/completions', body);
    expect({ status: answer.status, ...JSON.parse(answer.text) }).toEqual({
      status,
      error: { message, type: 'invalid_request_error', param, code },
    });
  });

  test.each([
    [{ input: 'x' }, 400],
    [{ model: 'embed-small' }, 400],
    [{ model: 'embed-small', input: '' }, 400],
    [{ model: 'embed-small', input: [] }, 400],
    [{ model: 'embed-small', input: ['a', 1] }, 400],
    [{ model: 'embed-small', input: [{}] }, 400],
    [{ model: 'embed-small', input: 'x', dimensions: 1537 }, 400],
    [{ model: 'embed-small', input: 'x', encoding_format: 'hex' }, 400],
    [{ model: 'embed-small', input: 'a '.repeat(9000) }, 400],
    [{ model: 'chat-large', input: 'x' }, 404],
    [{ model: 'nobody', input: 'x' }, 404],
  ])('the embeddings %#', async (body, status) => {
    const answer = await opened.post('aurora', '/v1/embeddings', body);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error).toMatchObject({ type: 'invalid_request_error', message: expect.any(String) });
  });

  test('no key, a wrong key, a wrong method, a wrong path and too large a body', async () => {
    const noKey = await opened.get('aurora', '/v1/models');
    expect([noKey.status, JSON.parse(noKey.text).error.message]).toEqual([
      401,
      expect.stringContaining("You didn't provide an API key."),
    ]);
    const wrongKey = await opened.post('aurora', '/v1/chat/completions', chat({}), {
      authorization: 'Bearer wrong-key',
    });
    expect([wrongKey.status, JSON.parse(wrongKey.text).error.code]).toEqual([401, 'invalid_api_key']);
    expect(wrongKey.text).not.toContain('wrong-key');
    const method = await opened.get('aurora', '/v1/chat/completions');
    expect([method.status, JSON.parse(method.text).error.code]).toEqual([405, 'method_not_supported']);
    const path = await opened.post('aurora', '/v1/completion', {});
    expect([path.status, JSON.parse(path.text).error.message]).toEqual([404, 'Invalid URL (POST /v1/completion)']);
    const large = await opened.post('aurora', '/v1/chat/completions', 'x'.repeat(37 * 1024 * 1024));
    expect([large.status, JSON.parse(large.text).error.code]).toEqual([413, 'request_too_large']);
  });

  test('and bills nothing for any of it', async () => {
    const fresh = await openTestSandbox();
    await fresh.post('aurora', '/v1/chat/completions', chat({ surprise: 1 }));
    expect(await fresh.sandbox.read('aurora')).toMatchObject({
      requests: 1,
      refused: 1,
      answered: 0,
      billNanoUsd: '0',
      tokens: {},
    });
    await fresh[Symbol.asyncDispose]();
  });
});
